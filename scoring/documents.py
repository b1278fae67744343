"""Documents of configuration as YAML text: one or several, each with the lines where its parts stand."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput

LONGEST = 1_000_000
WIDTH = 120
FLOW = 100


class Loader(yaml.SafeLoader):
    """Without aliases: a few lines of them stand for billions of values."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem=_("aliases are not supported"),
                problem_mark=event.start_mark,  # type: ignore[arg-type]
            )
        return super().compose_node(parent, index)


class Dumper(yaml.SafeDumper):
    """What has no parts of its own stands in one line, as people write it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: Any = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = "key" not in mapping or "label" in mapping or "value" in mapping
        node.flow_style = node.flow_style and _length(mapping) <= FLOW
        return node

    def represent_sequence(
        self, tag: str, sequence: Any, flow_style: Any = None
    ) -> yaml.SequenceNode:
        node = super().represent_sequence(tag, sequence, flow_style)
        short = _length(sequence) <= FLOW
        node.flow_style = short and not any("key" in item for item in _mappings(sequence))
        return node


def _mappings(sequence: Iterable[Any]) -> Iterator[dict[str, Any]]:
    return (item for item in sequence if isinstance(item, dict))


def _length(data: Any) -> int:
    return len(json.dumps(data, ensure_ascii=False, default=str))


@dataclass(frozen=True)
class Parsed:
    """A document, and the line (from 1) on which each of its parts begins, by path."""

    document: Any
    lines: dict[str, int] = field(default_factory=dict)

    def line(self, path: str) -> int | None:
        """Of the path, or of the nearest part around it that is there."""
        while path not in self.lines and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path)


def read_document(text: str) -> Any:
    """Plain data of YAML, or of JSON, which is YAML too. Raises InvalidInput."""
    found = read_documents(text)
    if len(found) > 1:
        raise InvalidInput.at("", _("Several documents are here, where one is expected."))
    document = found[0].document if found else None
    if not isinstance(document, dict):
        raise InvalidInput.at(
            "", _("This is no scorecard: a document of names and values is needed.")
        )
    return document


def read_documents(text: str) -> list[Parsed]:
    """The documents that “---” divides, and those of lists; empty ones are left out."""
    if len(text) > LONGEST:
        raise InvalidInput.at("", _("The document is too long."))
    try:
        return list(_parsed(text))
    except InvalidInput:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput.at("", unreadable(error)) from error


def _parsed(text: str) -> Iterator[Parsed]:
    loader = Loader(text)
    while loader.check_node():
        node: Any = loader.get_node()
        listed = isinstance(node, yaml.SequenceNode)
        for inner in node.value if listed else [node]:
            document = loader.construct_document(inner)
            if document is not None:
                refuse_unstorable(document)
                yield Parsed(document, dict(_lines(inner, "")))


def _lines(node: yaml.Node, path: str) -> Iterator[tuple[str, int]]:
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for at, item in enumerate(node.value):
            yield from _lines(item, f"{path}[{at}]")
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            inner = f"{path}.{name.value}".removeprefix(".")
            yield from _lines(value, inner)
            yield inner, name.start_mark.line + 1


def refuse_unstorable(document: Any) -> None:
    """Escapes can name what no database stores as text: NUL and halves of characters."""
    try:
        text = json.dumps(document, ensure_ascii=False, default=str)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput.at(
            "", _("It holds something that is no text, number or list.")
        ) from error
    if "\\u0000" in text:
        raise InvalidInput.at("", _("It holds a NUL character."))


def unreadable(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _("This is not valid YAML.")
    place = {"line": mark.line + 1, "column": mark.column + 1}
    problem = getattr(error, "problem", None) or ""
    return _("Line %(line)s, column %(column)s: %(problem)s.") % {**place, "problem": problem}


def write_document(document: Any) -> str:
    return write_documents([document])


def write_documents(documents: Sequence[Any]) -> str:
    """In the order of their parts, the same text for the same documents."""
    text: str = yaml.dump_all(
        documents,
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
        explicit_start=len(documents) > 1,
    )
    return text
