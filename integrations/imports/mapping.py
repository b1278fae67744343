"""Which column is which field: guessed from the header, or told."""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.spreadsheets import REPORT
from integrations.imports.fields import Kind

ATTRIBUTE = "attribute"
IGNORE = ""
Columns = list[str]
"""For each column of the file a field's name, ATTRIBUTE or IGNORE."""


def plain(name: str) -> str:
    """ "E-Mail address " → "e_mail_address"."""
    return re.sub(r"[\W_]+", "_", name.strip().lower()).strip("_")


def guess(kind: Kind, header: Sequence[str], remembered: Mapping[str, str]) -> Columns:
    """What was chosen last time for a column of this name; else by all names of the fields."""
    return _matched(kind, header, remembered, [*_exact(kind), *_loose(kind)])


def _matched(
    kind: Kind, header: Sequence[str], chosen: Mapping[str, str], names: Sequence[Mapping[str, str]]
) -> Columns:
    """The surest names first: a column of another name may then have the field no more."""
    columns = [chosen.get(name) for name in header]
    taken = {target for target in columns if target}
    for wanted in names:
        for index, name in enumerate(header):
            field = wanted.get(plain(name))
            if columns[index] is None and field is not None and field not in taken:
                columns[index] = field
                taken.add(field)
    return [
        _rest(kind, name) if found is None else found
        for name, found in zip(header, columns, strict=True)
    ]


def _exact(kind: Kind) -> list[dict[str, str]]:
    return [
        {field.name: field.name for field in kind.fields},
        {field.also: field.name for field in kind.fields if field.also},
    ]


def _loose(kind: Kind) -> list[dict[str, str]]:
    return [
        {plain(str(field.label)): field.name for field in kind.fields},
        {other: field.name for field in kind.fields for other in field.others},
    ]


def _rest(kind: Kind, name: str) -> str:
    return ATTRIBUTE if kind.spare and name and name not in REPORT else IGNORE


def told(kind: Kind, header: Sequence[str], told: Mapping[str, str | None]) -> Columns:
    """By the columns' names; those that are not named are fields of exactly their name, or none.

    Nobody looks at it before it is stored, so nothing is guessed. Raises InvalidInput.
    """
    unknown = [name for name in told if name not in header]
    if unknown:
        message = _("The file has no column “%(name)s”.") % {"name": unknown[0][:100]}
        raise InvalidInput.at("columns", message)
    chosen = {name: _target(kind, name, target or IGNORE) for name, target in told.items()}
    columns = _matched(kind, header, chosen, _exact(kind))
    check(kind, header, columns)
    return columns


def _target(kind: Kind, name: str, target: str) -> str:
    if target == IGNORE or (target == ATTRIBUTE and kind.spare):
        return target
    for field in kind.fields:
        if target in (field.name, field.also):
            return field.name
    message = _("“%(target)s” is no field. There are: %(names)s.")
    names = ", ".join(field.name for field in kind.fields)
    raise InvalidInput.at(f"columns.{name}", message % {"target": target[:100], "names": names})


def check(kind: Kind, header: Sequence[str], columns: Columns) -> None:
    """InvalidInput where a required field has no column, or a field two."""
    problems = []
    for field in kind.fields:
        names = [name for name, target in zip(header, columns, strict=True) if target == field.name]
        if len(names) > 1:
            message = _("“%(field)s” has two columns: %(names)s.")
            shown = ", ".join(names)[:200]
            problems.append(Problem("columns", message % {"field": field.label, "names": shown}))
        if field.required and not names:
            message = _("No column is chosen for “%(field)s” (%(name)s).")
            problems.append(
                Problem("columns", message % {"field": field.label, "name": field.name})
            )
    if problems:
        raise InvalidInput(problems)
