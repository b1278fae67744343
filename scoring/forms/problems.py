"""Problems of a document, shown beside the fields that they came from."""

import re
from collections.abc import Iterable, Mapping

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scoring.forms.rows import Rows

CELL = re.compile(r"(?P<rows>.+)\[(?P<at>\d+)\](?:\.(?P<column>\w+))?$")


WORDS = {
    gettext_noop("is required"): gettext_noop("Fill this in."),
    gettext_noop("must not be empty"): gettext_noop("Fill this in."),
    gettext_noop("must be a number"): gettext_noop("Enter a number."),
    gettext_noop("must be a whole number"): gettext_noop("Enter a whole number."),
    gettext_noop("must be text, a number, or true or false"): gettext_noop("Fill this in."),
    gettext_noop("must differ from worst"): gettext_noop(
        "The values for 0 and for 100 must differ."
    ),
    gettext_noop("must be 2 to 12"): gettext_noop("Give 2 to 12 bands."),
    gettext_noop("must have at least one step"): gettext_noop("Add at least one step."),
    gettext_noop("must be at least two"): gettext_noop("Add at least two levels."),
    gettext_noop("must rise by their minimum"): gettext_noop(
        "Put the ages in order, the youngest first, each once."
    ),
    gettext_noop("must name exactly one of: metric, group, attribute"): gettext_noop(
        "Choose what is compared."
    ),
    gettext_noop("must have exactly one of: value, band, status"): gettext_noop(
        "Say what it is compared with."
    ),
}


def in_words(message: str) -> str:
    """For a person who sees a field, not a document."""
    plain = {_(technical): words for technical, words in WORDS.items()}
    return _(plain[message]) if message in plain else sentence(message)


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
