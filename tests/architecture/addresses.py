"""Every address of the URLconf with arguments filled in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
EXAMPLES = {"int": "1", "uuid": "00000000-0000-0000-0000-000000000001"}
SLUG = "acme"


@dataclass(frozen=True)
class Address:
    path: str
    name: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return self.path


def _filled(route: str) -> str:
    def example(found: re.Match[str]) -> str:
        return SLUG if found[2] == "slug" else EXAMPLES.get(found[1] or "", "probe")

    return ARGUMENT.sub(example, route).replace("^", "").replace(".*$", "nothing/").rstrip("$")


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            names = tuple(found[2] for found in ARGUMENT.finditer(route) if found[2] != "slug")
            yield Address(f"/{_filled(route)}", pattern.name or "", names)


def addresses() -> list[Address]:
    return list(_walk(get_resolver().url_patterns, ""))
