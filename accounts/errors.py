import re
from dataclasses import dataclass
from typing import Self

import msgspec
from django.utils.translation import gettext as _

WHERE = re.compile(r"(?P<message>.*?)(?: - at (?:key in )?`\$\.?(?P<path>.*)`)?", re.DOTALL)
FIELD = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)


@dataclass(frozen=True)
class Problem:
    """`path` names the field as the API writes it, such as `events[3].occurred_at`."""

    path: str
    message: str


class InvalidInput(ValueError):
    """What was given cannot be stored; nothing of it was. Pages and the API show the problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            "; ".join(f"{p.path}: {p.message}" if p.path else p.message for p in problems)
        )
        self.problems = problems

    @classmethod
    def at(cls, path: str, message: str) -> Self:
        return cls([Problem(path, message)])


def joined(*parts: str) -> str:
    """`accounts[3]` and `name` → `accounts[3].name`."""
    whole = ""
    for part in parts:
        whole += part if not whole or not part or part.startswith("[") else f".{part}"
    return whole


def problem_of(error: msgspec.ValidationError) -> Problem:
    found = WHERE.fullmatch(str(error))
    message, path = (found["message"], found["path"] or "") if found else (str(error), "")
    field = FIELD.fullmatch(message)
    if field is None:
        return Problem(path, message.replace("`", ""))
    kind, name = field[1], field[2][:100]
    told = _("This field is required.") if kind.startswith("missing") else _("Unknown field.")
    return Problem(joined(path, name), told)
