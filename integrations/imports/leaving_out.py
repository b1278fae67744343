"""Services store all rows or none; a file's good rows are stored though others are bad."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from accounts.errors import InvalidInput
from integrations.imports.fields import Flaw

PATH = re.compile(r"\w+\[(\d+)\]\.?(.*)", re.DOTALL)


def leaving_out(
    rows: Sequence[Any], store: Callable[[Sequence[Any]], None]
) -> dict[int, list[Flaw]]:
    """Store the rows without those that the service names as bad: again, until it names none.

    Each time there are fewer of them. The flaws by the row's index.
    """
    flaws: dict[int, list[Flaw]] = defaultdict(list)
    left = list(enumerate(rows))
    while left:
        try:
            with transaction.atomic():
                store([row for _index, row in left])
        except InvalidInput as error:
            named = _named(error)
            for place, found in named.items():
                flaws[left[place][0]] += found
            left = [item for place, item in enumerate(left) if place not in named]
        else:
            break
    return dict(flaws)


def _named(error: InvalidInput) -> dict[int, list[Flaw]]:
    named: dict[int, list[Flaw]] = defaultdict(list)
    for problem in error.problems:
        found = PATH.fullmatch(problem.path)
        if found is None:
            raise error
        named[int(found[1])].append(Flaw(found[2], problem.message))
    return named
