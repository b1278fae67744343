"""Scorecard documents as YAML text."""

import json
from typing import Any

import yaml
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput

LONGEST = 1_000_000


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


def read_document(text: str) -> Any:
    """Plain data of YAML, or of JSON, which is YAML too. Raises InvalidInput."""
    if len(text) > LONGEST:
        raise InvalidInput.at("", _("The document is too long."))
    try:
        document = yaml.load(text, Loader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput.at("", unreadable(error)) from error
    if not isinstance(document, dict):
        raise InvalidInput.at(
            "", _("This is no scorecard: a document of names and values is needed.")
        )
    refuse_unstorable(document)
    return document


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
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    return text
