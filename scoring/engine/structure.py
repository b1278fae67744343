"""Plain data (of JSON or YAML) into frozen structs and back, collecting every error at its path."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from scoring.engine.problems import Problems, gettext_noop, join

FAILED: Any = object()
DEEPEST = 40
LONGEST_TEXT = 5_000
MOST_ITEMS = 1_000
LARGEST_NUMBER = 10**12
# NUL and halves of surrogate pairs, which YAML can write and no database keeps.
UNSTORABLE = re.compile("[\\0\ud800-\udfff]")


Check = Callable[[Any, str, Problems], None]


@cache
def hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind)


class Builder:
    """Builds values of a type; a struct that could be built is also checked by the check of its type."""

    def __init__(self, problems: Problems, checks: Mapping[type, Check]) -> None:
        self.problems = problems
        self.checks = checks

    def build(self, raw: object, kind: Any, path: str, depth: int = 0) -> Any:
        """The value of type `kind`, or FAILED where `problems` has grown."""
        if depth > DEEPEST:
            self.problems.add(path, gettext_noop("is nested too deeply"))
            return FAILED
        origin = get_origin(kind)
        if origin is tuple:
            return self._list(raw, get_args(kind)[0], path, depth)
        if origin is dict:
            return self._mapping(raw, get_args(kind)[1], path, depth)
        if origin in (Union, UnionType):
            return self._union(raw, get_args(kind), path, depth)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._struct(raw, kind, path, depth)
        return self._scalar(raw, (kind,), path)

    def _list(self, raw: object, item: Any, path: str, depth: int) -> Any:
        if not isinstance(raw, list | tuple):
            self.problems.add(path, gettext_noop("must be a list"))
            return FAILED
        if len(raw) > MOST_ITEMS:
            self.problems.add(
                path, gettext_noop("must have at most %(most)s items"), most=MOST_ITEMS
            )
            return FAILED
        built = [self.build(r, item, f"{path}[{i}]", depth + 1) for i, r in enumerate(raw)]
        return FAILED if any(value is FAILED for value in built) else tuple(built)

    def _mapping(self, raw: object, item: Any, path: str, depth: int) -> Any:
        if not isinstance(raw, Mapping) or not all(_is_name(key) for key in raw):
            self.problems.add(path, gettext_noop("must be a mapping of names to values"))
            return FAILED
        built = {k: self.build(v, item, join(path, k), depth + 1) for k, v in raw.items()}
        return FAILED if any(value is FAILED for value in built.values()) else built

    def _union(self, raw: object, kinds: tuple[Any, ...], path: str, depth: int) -> Any:
        if raw is None and NoneType in kinds:
            return None
        options = tuple(kind for kind in kinds if kind is not NoneType)
        if len(options) == 1:
            return self.build(raw, options[0], path, depth)
        if all(isinstance(kind, type) and issubclass(kind, msgspec.Struct) for kind in options):
            return self._tagged(raw, options, path, depth)
        containers = [kind for kind in options if get_origin(kind) is tuple]
        if containers and isinstance(raw, list | tuple):
            return self.build(raw, containers[0], path, depth)
        return self._scalar(raw, tuple(k for k in options if k not in containers), path)

    def _tagged(self, raw: object, kinds: tuple[Any, ...], path: str, depth: int) -> Any:
        if not isinstance(raw, Mapping):
            self.problems.add(path, gettext_noop("must be a mapping with a type"))
            return FAILED
        by_tag = {kind.__struct_config__.tag: kind for kind in kinds}
        tag = raw.get("type")
        if not isinstance(tag, str) or tag not in by_tag:
            self.problems.add(
                join(path, "type"),
                gettext_noop("must be one of: %(choices)s"),
                choices=_names(by_tag),
            )
            return FAILED
        return self._struct(raw, by_tag[tag], path, depth)

    def _struct(self, raw: object, kind: type[msgspec.Struct], path: str, depth: int) -> Any:
        if not isinstance(raw, Mapping):
            self.problems.add(path, gettext_noop("must be a mapping"))
            return FAILED
        fields = msgspec.structs.fields(kind)
        self._unknown_fields(raw, kind, [field.name for field in fields], path)
        given: dict[str, Any] = {}
        for field in fields:
            if field.name in raw:
                at = join(path, field.name)
                given[field.name] = self.build(
                    raw[field.name], hints(kind)[field.name], at, depth + 1
                )
            elif field.required:
                self.problems.add(join(path, field.name), gettext_noop("is required"))
                given[field.name] = FAILED
        if any(value is FAILED for value in given.values()):
            return FAILED
        struct = kind(**given)
        if kind in self.checks:
            self.checks[kind](struct, path, self.problems)
        return struct

    def _unknown_fields(
        self,
        raw: Mapping[Any, object],
        kind: type[msgspec.Struct],
        names: list[str],
        path: str,
    ) -> None:
        tag_field = kind.__struct_config__.tag_field
        for name in raw:
            if name in names or name == tag_field:
                continue
            text = str(name)[:80]
            close = get_close_matches(text, names, n=1)
            if close:
                template = gettext_noop("is not a known field; did you mean %(close)s?")
                self.problems.add(join(path, text), template, close=close[0])
            else:
                self.problems.add(join(path, text), gettext_noop("is not a known field"))

    def _scalar(self, raw: object, kinds: tuple[Any, ...], path: str) -> Any:
        if isinstance(raw, date) and str in kinds:
            return raw.isoformat()  # YAML reads unquoted days as dates
        if get_origin(kinds[0]) is Literal:
            return self._choice(raw, get_args(kinds[0]), path)
        # A boolean is an int to Python, but to nobody who writes a document.
        if type(raw) not in kinds and not (type(raw) is int and float in kinds):
            self.problems.add(path, _expected(kinds))
            return FAILED
        if isinstance(raw, str) and UNSTORABLE.search(raw):
            self.problems.add(path, gettext_noop("has a character that cannot be stored"))
            return FAILED
        if isinstance(raw, str) and len(raw) > LONGEST_TEXT:
            template = gettext_noop("must have at most %(most)s characters")
            self.problems.add(path, template, most=LONGEST_TEXT)
            return FAILED
        if isinstance(raw, float) and not isfinite(raw):
            self.problems.add(path, gettext_noop("must be a number"))
            return FAILED
        if isinstance(raw, int | float) and abs(raw) > LARGEST_NUMBER:
            self.problems.add(path, gettext_noop("is too large"))
            return FAILED
        return raw

    def _choice(self, raw: object, choices: tuple[object, ...], path: str) -> Any:
        if isinstance(raw, str) and raw in choices:
            return raw
        self.problems.add(
            path, gettext_noop("must be one of: %(choices)s"), choices=_names(choices)
        )
        return FAILED


def _is_name(key: object) -> bool:
    return isinstance(key, str) and not UNSTORABLE.search(key)


def _names(choices: Any) -> str:
    return ", ".join(str(choice) for choice in choices)


def _expected(kinds: tuple[Any, ...]) -> str:
    if kinds == (str,):
        return gettext_noop("must be text")
    if kinds == (int,):
        return gettext_noop("must be a whole number")
    if kinds == (bool,):
        return gettext_noop("must be true or false")
    if str not in kinds:
        return gettext_noop("must be a number")
    return gettext_noop("must be text, a number, or true or false")


def plain(value: object) -> Any:
    """The reverse of `build`: fields in their order, defaults left out."""
    if isinstance(value, msgspec.Struct):
        return _plain_struct(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def _plain_struct(value: msgspec.Struct) -> dict[str, Any]:
    tag = value.__struct_config__.tag
    out: dict[str, Any] = {"type": tag} if tag is not None else {}
    for field in msgspec.structs.fields(type(value)):
        content = getattr(value, field.name)
        if field.required or content != field.default:
            out[field.name] = plain(content)
    return out
