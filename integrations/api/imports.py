"""Files in: a job that imports them, and what became of each row."""

from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import query
from accounts.api.pagination import ListQuery, paginate
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from accounts.errors import InvalidInput
from accounts.models import ApiKey
from integrations.imports.cells import Cell
from integrations.imports.kinds import KINDS
from integrations.models import Import, ImportReject, ImportState
from integrations.services.imports.beginning import Sent, begin_import
from integrations.tasks import send_work
from scoring.api.data import Job
from scoring.api.data import JobView as RunView

FRAME = 1 << 20
"""What multipart adds to the file, at most."""
FIELDS = ("file", "kind", "columns", "dry_run")
YES_NO = {"": False, "0": False, "false": False, "1": True, "true": True}
STATES = {
    ImportState.DRAFT: "queued",
    ImportState.CHECKING: "running",
    ImportState.CHECKED: "queued",
}


class ImportBody(msgspec.Struct, kw_only=True):
    """Multipart. `kind` is accounts, contacts, measurements or events; `columns` a JSON object of
    field names by column names, “attribute” and null too; columns that it leaves out are guessed."""

    file: bytes
    kind: str
    columns: str = "{}"
    dry_run: bool = False


class ImportAnswer(msgspec.Struct, kw_only=True):
    id: int
    kind: str
    state: str
    dry_run: bool
    file: str
    by: str
    created_at: datetime
    finished_at: datetime | None
    done: int
    total: int
    created: int
    updated: int
    unchanged: int
    accepted: int
    duplicates: int
    rejected: int
    error: str | None


class CellError(msgspec.Struct):
    """`column` is empty where the row as a whole is wrong."""

    column: str
    message: str


class RowErrors(msgspec.Struct):
    row: int
    errors: list[CellError]
    cells: list[Cell]


class ImportReport(ImportAnswer, kw_only=True):
    columns: dict[str, str | None]
    results: list[RowErrors]
    next: str | None


class ImportsView(ListView):
    body_limit = settings.IMPORT_FILE_LIMIT + FRAME

    @documented("Imports", answer=page_of(ImportAnswer), query=ListQuery, tag="Data in", csv=True)
    def get(self, request: Request) -> Response:
        return paginate(
            request,
            Import.objects.all(),
            query=query(request, ListQuery),
            columns={"id": "pk"},
            default="-id",
            row=answer,
        )

    @documented(
        "Import a file",
        description="CSV (also gzipped) or XLSX. The job's rows with errors: GET /imports/{id}/.",
        body=ImportBody,
        answer=Job,
        status=202,
        tag="Data in",
        media_types=("multipart/form-data",),
    )
    def post(self, request: Request) -> Response:
        sent, dry_run = read(request)
        key: ApiKey = request.auth  # type: ignore[assignment]
        begun = begin_import(
            sent=sent,
            by=None,
            who=key.name,
            moment=timezone.now(),
            state=ImportState.CHECKING if dry_run else ImportState.QUEUED,
            dry_run=dry_run,
        )
        send_work(self.workspace().pk, begun.pk)
        return Response(job(begun), status=202)


class ImportView(ApiView):
    scopes = {"GET": "read or write"}

    @documented(
        "An import, with the rows that were not stored",
        answer=ImportReport,
        query=ListQuery,
        tag="Data in",
    )
    def get(self, request: Request, pk: int) -> Response:
        found: Import = get_object_or_404(Import.objects.all(), pk=pk)
        page = paginate(
            request,
            ImportReject.objects.filter(import_id=pk),
            query=query(request, ListQuery),
            columns={"row": "line"},
            default="row",
            row=row_errors,
            key="line",
        )
        columns = dict(zip(found.header, [c or None for c in found.columns], strict=True))
        shown = msgspec.structs.asdict(answer(found)) | {"columns": columns}
        return Response(ImportReport(**shown, **page.data))


class JobView(RunView):
    """Runs and imports have one sequence of ids."""

    @documented("A job", answer=Job, tag="Scores out")
    def get(self, request: Request, pk: int) -> Response:
        found = Import.objects.filter(pk=pk).first()
        return Response(job(found)) if found is not None else super().get(request, pk)


def read(request: Request) -> tuple[Sent, bool]:
    """InvalidInput names the field."""
    data: Any = request.data
    given = {name: data[name] for name in data}
    if unknown := [name for name in given if name not in FIELDS]:
        raise InvalidInput.at(unknown[0][:100], _("Unknown field."))
    file, kind = given.get("file"), str(given.get("kind", ""))
    if not isinstance(file, UploadedFile):
        raise InvalidInput.at("file", _("Send the file as multipart/form-data."))
    if kind not in KINDS:
        message = _("One of: %(names)s.") % {"names": ", ".join(KINDS)}
        raise InvalidInput.at("kind", message)
    dry_run = YES_NO.get(str(given.get("dry_run", "")).lower())
    if dry_run is None:
        raise InvalidInput.at("dry_run", _("true or false"))
    columns = columns_of(given.get("columns") or "{}")
    return Sent(file.file or file, file.name or "", kind, columns), dry_run


def columns_of(text: object) -> dict[str, str | None]:
    try:
        return msgspec.json.decode(str(text), type=dict[str, str | None])
    except (msgspec.MsgspecError, UnicodeError) as error:
        message = _("A JSON object of fields by the names of columns: {“Customer”: “key”}.")
        raise InvalidInput.at("columns", message) from error


def job(found: Import) -> Job:
    state = STATES.get(ImportState(found.state), found.state)
    error = found.error if found.state == ImportState.FAILED else None
    return Job(id=found.pk, state=state, done=found.done, total=found.total, error=error or None)


def answer(found: Import) -> ImportAnswer:
    counts = ("created", "updated", "unchanged", "accepted", "duplicates", "rejected")
    shown = job(found)
    return ImportAnswer(
        id=shown.id,
        state=shown.state,
        done=shown.done,
        total=shown.total,
        error=shown.error,
        kind=found.kind,
        dry_run=found.dry_run,
        file=found.file_name,
        by=found.who,
        created_at=found.created_at,
        finished_at=found.finished_at,
        **{name: getattr(found, name) for name in counts},
    )


def row_errors(reject: ImportReject) -> RowErrors:
    flaws = [CellError(column, message) for column, message in reject.flaws]
    return RowErrors(reject.line, flaws, reject.cells)
