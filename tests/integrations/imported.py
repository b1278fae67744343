"""Files for imports, and imports worked off as a worker would."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook

from accounts.models import User, Workspace
from accounts.tenancy import scope
from integrations.models import Import, ImportReject, ImportState
from integrations.services.imports.beginning import Sent, begin_import
from integrations.services.imports.deciding import choose_columns, run_import
from integrations.services.imports.working import work_import

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
Rows = Sequence[Sequence[Any]]


def csv_file(rows: Rows, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def xlsx_file(rows: Rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def begun(
    workspace: Workspace,
    kind: str,
    content: bytes,
    *,
    columns: dict[str, str | None] | None = None,
    state: ImportState = ImportState.DRAFT,
    by: User | None = None,
    dry_run: bool = False,
) -> Import:
    sent = Sent(io.BytesIO(content), f"{kind}.csv", kind, columns)
    with scope(workspace.pk):
        return begin_import(sent=sent, by=by, who="ann", moment=NOW, state=state, dry_run=dry_run)


def worked(workspace: Workspace, found: Import) -> Import:
    for _ in work_import(workspace=workspace, import_id=found.pk, clock=lambda: NOW):
        pass
    with scope(workspace.pk):
        return Import.objects.get(pk=found.pk)


def checked(workspace: Workspace, kind: str, content: bytes, **options: Any) -> Import:
    found = begun(workspace, kind, content, **options)
    with scope(workspace.pk):
        assert choose_columns(found=found, columns=found.columns)
    return worked(workspace, found)


def imported(workspace: Workspace, kind: str, content: bytes, **options: Any) -> Import:
    found = checked(workspace, kind, content, **options)
    with scope(workspace.pk):
        assert run_import(found=found)
    return worked(workspace, found)


def counts(found: Import) -> dict[str, int]:
    """Those that are not 0."""
    names = ("created", "updated", "unchanged", "accepted", "duplicates", "rejected")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def flaws(workspace: Workspace, found: Import) -> list[tuple[int, str, str]]:
    """Row, column and message of each."""
    with scope(workspace.pk):
        rejects = ImportReject.objects.filter(import_id=found.pk).order_by("line")
        return [
            (reject.line, column, message) for reject in rejects for column, message in reject.flaws
        ]
