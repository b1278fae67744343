from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Problem:
    """`path` names the field as the API writes it, such as `events[3].occurred_at`."""

    path: str
    message: str


class InvalidInput(ValueError):
    """What was given can not be stored; nothing of it was. Pages and the API show the problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            "; ".join(f"{p.path}: {p.message}" if p.path else p.message for p in problems)
        )
        self.problems = problems

    @classmethod
    def at(cls, path: str, message: str) -> Self:
        return cls([Problem(path, message)])
