"""An import begins with its file, and with a first look at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO

from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import User
from accounts.spreadsheets import REPORT
from integrations.imports import mapping
from integrations.imports.fields import Kind
from integrations.imports.kinds import KINDS
from integrations.imports.rows import Line
from integrations.imports.sheets.opening import opened, spool
from integrations.models import Import, ImportState
from integrations.services.imports.files import keep_file

SAMPLE = 8
LONGEST_SAMPLE = 500


@dataclass(frozen=True)
class Sent:
    """A file as it came; `columns` by their names where a program sends it, None where a person does.

    `limited` is False for who has the server's own command line.
    """

    file: IO[bytes]
    name: str
    kind: str
    columns: Mapping[str, str | None] | None = None
    limited: bool = True


def begin_import(
    *, sent: Sent, by: User | None, who: str, moment: datetime, state: ImportState, dry_run: bool
) -> Import:
    """Keep the file. InvalidInput where it is no table or its columns are wrong.

    A DRAFT waits for its columns; in any other state a worker goes on with it.
    """
    with transaction.atomic(), spool() as file:
        size = _copy(sent, file)
        kind = KINDS[sent.kind]
        started: Import = Import(
            kind=kind.name,
            state=state,
            dry_run=dry_run,
            file_name=sent.name[-200:],
            file_size=size,
            by=by,
            who=who,
            at=-1,
            created_at=moment,
            header=[],
            sample=[],
            columns=[],
        )
        started.save()
        keep_file(started.pk, file)
        _look(started, file, sent.columns)
        started.save()
    return started


def _copy(sent: Sent, file: IO[bytes]) -> int:
    size = 0
    while piece := sent.file.read(1 << 20):
        size += file.write(piece)
        if sent.limited and size > settings.IMPORT_FILE_LIMIT:
            message = _("The file is larger than %(size)s. Split it, or import it on the server.")
            shown = filesizeformat(settings.IMPORT_FILE_LIMIT)
            raise InvalidInput.at("file", message % {"size": shown})
    return size


def _look(started: Import, file: IO[bytes], told: Mapping[str, str | None] | None) -> None:
    kind = KINDS[started.kind]
    with opened(file) as sheet:
        header, lines = sheet.header, list(islice(sheet.lines, SAMPLE))
    if told is not None:
        columns = mapping.told(kind, header, told)
    else:
        columns = mapping.guess(kind, header, remembered(kind.name))
        _refuse_prose(kind, header, lines, columns)
    started.header, started.columns = header, columns
    started.sample = [[line.number, _short(line)] for line in lines]
    started.encoding, started.decimal_comma = sheet.encoding, sheet.decimal_comma
    started.escaped = header[: len(REPORT)] == list(REPORT)


def _refuse_prose(
    kind: Kind, header: list[str], lines: list[Line], columns: mapping.Columns
) -> None:
    """Where a column is known, it is a table."""
    if any(kind.is_field(target) for target in columns):
        return
    if len(header) == 1:
        message = _(
            "This looks like text, not like a table: its first row has one column only. Columns "
            "are separated by commas, semicolons, tabs or vertical bars."
        )
        raise InvalidInput.at("", message)
    if any(len(line.cells) != len(header) for line in lines):
        message = _(
            "This looks like text, not like a table: no column of its first row is known, and its "
            "rows have different numbers of columns."
        )
        raise InvalidInput.at("", message)


def _short(line: Line) -> list[object]:
    return [c[:LONGEST_SAMPLE] if isinstance(c, str) else c for c in line.cells]


def remembered(kind: str) -> dict[str, str]:
    """What was chosen for each column in the last import of this kind that was run by a person."""
    last = (
        Import.objects.filter(kind=kind, state=ImportState.DONE, by__isnull=False)
        .newest_first()
        .first()
    )
    return dict(zip(last.header, last.columns, strict=True)) if last else {}
