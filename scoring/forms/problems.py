"""Problems of a document, shown beside the fields that they came from."""

import re
from collections.abc import Iterable, Mapping

from django import forms
from django.utils.text import capfirst

from scoring.forms.rows import Rows

CELL = re.compile(r"(?P<rows>.+)\[(?P<at>\d+)\](?:\.(?P<column>\w+))?$")


def sentence(message: str) -> str:
    """The engine's messages follow a path; beside a field they begin a line."""
    text = str(capfirst(message.strip()))
    return text if text.endswith((".", "!", "?")) else f"{text}."


def place_problems(
    form: forms.Form,
    problems: Mapping[str, Iterable[str]],
    *,
    fields: Mapping[str, str] | None = None,
    rows: Mapping[str, Rows] | None = None,
) -> None:
    """`problems` by path; `fields` and `rows` say which path belongs to which part of the form."""
    for path, messages in problems.items():
        for message in messages:
            cell = CELL.fullmatch(path)
            if rows and path in rows:
                rows[path].errors.append(sentence(message))
            elif rows and cell and cell["rows"] in rows:
                rows[cell["rows"]].refuse(int(cell["at"]), cell["column"] or "", sentence(message))
            else:
                name = (fields or {}).get(path, path)
                known = name in form.fields
                text = sentence(message) if known or not path else f"{path}: {message}"
                form.add_error(name if known else None, text)
