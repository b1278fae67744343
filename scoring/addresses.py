"""What a page's address asks for, and the addresses of its other views."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

CURSORS = ("after", "before", "page", "format")


@dataclass(frozen=True)
class Address:
    """`query` holds what was given; what cannot be read counts as not asked."""

    query: QueryDict

    def url(self, **changes: Any) -> str:
        """The address that differs by the changes, from its first page on."""
        parts = [text for name, text in self._written.items() if name not in changes]
        parts += [_written(n, v if isinstance(v, list) else [v]) for n, v in changes.items()]
        return "?" + "&".join(filter(None, parts))

    @cached_property
    def _written(self) -> dict[str, str]:
        """What stays in every address, written once: a page has a hundred links."""
        lists = self.query.lists()
        return {name: _written(name, values) for name, values in lists if name not in CURSORS}

    def without(self, *names: str) -> str:
        return self.url(**{name: [] for name in names})

    def toggled(self, name: str, value: str) -> str:
        """One value more or less of a filter that takes several."""
        values = self.query.getlist(name)
        left = [v for v in values if v != value]
        return self.url(**{name: left if value in values else [*values, value]})

    def fields(self, *names: str) -> list[tuple[str, str]]:
        """What a form that asks for `names` keeps, as hidden fields."""
        lists = self.query.lists()
        return [(n, v) for n, values in lists if n not in (*CURSORS, *names) for v in values]


def _written(name: str, values: Sequence[Any]) -> str:
    return urlencode([(name, str(value)) for value in values])


def cleaned(query: QueryDict) -> QueryDict:
    """Without empty values and those that nothing can be called by."""
    given = query.copy()
    for name, values in query.lists():
        given.setlist(name, [value for value in values if value and "\0" not in value])
        if not given.getlist(name):
            del given[name]
    return given
