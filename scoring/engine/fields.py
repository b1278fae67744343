"""What single fields of a document may hold."""

import re

from scoring.engine.problems import Problems, gettext_noop

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
LONGEST_NAME = 200
LEAST_WEIGHT = 0.000001
MOST_WEIGHT = 1_000_000


def check_key(key: str, path: str, problems: Problems) -> None:
    template = gettext_noop(
        "must be 1 to 63 letters, digits, points, dashes or underscores, and start with a letter or digit"
    )
    problems.check(KEY.fullmatch(key) is not None, path, template)


def check_name(name: str, path: str, problems: Problems) -> None:
    problems.check(bool(name.strip()), path, gettext_noop("must not be empty"))
    template = gettext_noop("must have at most %(most)s characters")
    problems.check(len(name) <= LONGEST_NAME, path, template, most=LONGEST_NAME)


def check_between(
    value: int | float | None, least: int, most: int, path: str, problems: Problems
) -> None:
    if value is not None:
        template = gettext_noop("must be between %(least)s and %(most)s")
        problems.check(least <= value <= most, path, template, least=least, most=most)


def check_weight(weight: int | float, path: str, problems: Problems) -> None:
    fits = weight == 0 or LEAST_WEIGHT <= weight <= MOST_WEIGHT
    template = gettext_noop("must be 0 or between %(least)s and %(most)s")
    problems.check(fits, path, template, least="0.000001", most="1000000")
