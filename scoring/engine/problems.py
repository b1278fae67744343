"""What is wrong with a document, told at the path where it is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogue; the edge translates it."""
    return text


@dataclass(frozen=True)
class Problem:
    """The message is its template filled in, so that the template can be translated first."""

    path: str
    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return self.template % self.params if self.params else self.template


class DocumentError(ValueError):
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in problems))
        self.problems = problems


class Problems:
    """Collects what is wrong, so that a person sees all of it at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, path: str, template: str, **params: object) -> None:
        self.found.append(Problem(path, template, params))

    def check(self, holds: bool, path: str, template: str, **params: object) -> None:
        if not holds:
            self.add(path, template, **params)

    def raise_if_any(self) -> None:
        if self.found:
            raise DocumentError(self.found)


def join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
