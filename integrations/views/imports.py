"""Imports in the browser: file, columns, check, report."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, managers_only
from accounts.errors import InvalidInput
from accounts.newest import newest
from accounts.views.settings.sections import sections
from integrations.forms.imports import ImportForm, chosen_columns, targets
from integrations.imports.kinds import KINDS
from integrations.imports.mapping import Columns
from integrations.imports.preview import examples, shown_columns, shown_rows
from integrations.imports.report import report_lines
from integrations.imports.rows import Line
from integrations.models import Import, ImportReject, ImportState
from integrations.services.imports.batches import layout_of
from integrations.services.imports.beginning import Sent, begin_import
from integrations.services.imports.deciding import (
    choose_columns,
    discard_import,
    retry_import,
    run_import,
)
from integrations.services.imports.working import work_import
from integrations.tasks import send_work

PAGE = 30
SHOWN_ROWS = 100
AT_ONCE = 256 * 1024
"""Bytes of a file that is checked while the person waits."""
FRAGMENT = "import"


@require_safe
@managers_only
def imports(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return _listed(request, ImportForm(initial={"kind": request.GET.get("kind", "")}))


@require_safe
@managers_only
def old_address(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return redirect(f"{reverse('imports', args=[slug])}?kind=accounts", permanent=True)


@require_POST
@managers_only
def upload(request: WorkspaceRequest, slug: str) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _listed(request, form, status=422)
    file = form.cleaned_data["file"]
    try:
        begun = begin_import(
            sent=Sent(file.file, file.name, form.cleaned_data["kind"]),
            by=request.user,
            who=str(request.user),
            moment=timezone.now(),
            state=ImportState.DRAFT,
            dry_run=False,
        )
    except InvalidInput as error:
        form.add_error("file", str(error))
        return _listed(request, form, status=422)
    return redirect("import", slug, begun.pk)


def _frame(request: WorkspaceRequest) -> dict[str, Any]:
    """Among the settings, of which managers see no others."""
    if not request.membership.can_admin:
        return {"nav": "imports"}
    return {"nav": "settings", "sections": sections(request, "imports")}


def _listed(request: WorkspaceRequest, form: ImportForm, status: int = 200) -> HttpResponse:
    found = newest(Import.objects.all(), request.GET, PAGE)
    context = {
        **_frame(request),
        "form": form,
        "limit": settings.IMPORT_FILE_LIMIT,
        "imports": found.rows,
        "previous_url": found.previous_url,
        "next_url": found.next_url,
    }
    return render(request, "integrations/imports.html", context, status=status)


@require_safe
@managers_only
@vary_on_headers("HX-Request", "HX-Target")
def import_page(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(Import.objects.all(), pk=pk))


@require_POST
@managers_only
def choose(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found: Import = get_object_or_404(Import.objects.all(), pk=pk)
    columns = chosen_columns(request.POST, KINDS[found.kind], len(found.header))
    try:
        started = choose_columns(found=found, columns=columns)
    except InvalidInput as error:
        problems = [problem.message for problem in error.problems]
        return _page(request, found, columns=columns, problems=problems, status=422)
    if not started:
        return _too_late(request, found)
    if found.file_size <= AT_ONCE:
        for _step in work_import(
            workspace=request.workspace, import_id=found.pk, clock=timezone.now
        ):
            pass
    send_work(request.workspace.pk, found.pk)
    return redirect("import", slug, pk)


@require_POST
@managers_only
def run(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found: Import = get_object_or_404(Import.objects.all(), pk=pk)
    if not run_import(found=found):
        return _too_late(request, found)
    send_work(request.workspace.pk, found.pk)
    return redirect("import", slug, pk)


@require_POST
@managers_only
def retry(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found: Import = get_object_or_404(Import.objects.all(), pk=pk)
    if not retry_import(found=found):
        return _too_late(request, found)
    send_work(request.workspace.pk, found.pk)
    return redirect("import", slug, pk)


@require_POST
@managers_only
def discard(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found: Import = get_object_or_404(Import.objects.all(), pk=pk)
    if not discard_import(found=found):
        return _too_late(request, found)
    messages.success(request, _("The file is discarded; nothing was imported."))
    return redirect("imports", slug)


@require_safe
@managers_only
def report(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found: Import = get_object_or_404(Import.objects.all(), pk=pk)
    return StreamingHttpResponse(  # type: ignore[return-value]
        report_lines(found, request.workspace),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="import-{found.pk}-errors.csv"'},
    )


def _too_late(request: WorkspaceRequest, found: Import) -> HttpResponse:
    messages.info(request, _("This import is further on already."))
    return redirect("import", request.workspace.slug, found.pk)


def _page(
    request: WorkspaceRequest,
    found: Import,
    *,
    columns: Columns | None = None,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    mapping = found.state == ImportState.DRAFT or (
        found.state == ImportState.CHECKED and (columns is not None or "columns" in request.GET)
    )
    context: dict[str, Any] = {
        **_frame(request),
        "found": found,
        "mapping": mapping,
        "step": 2 if mapping else STEPS[ImportState(found.state)],
        "problems": problems or [],
    }
    if mapping:
        context |= _mapping(request, found, columns or found.columns)
    elif not found.at_work:
        context |= _outcome(request, found)
    fragment = request.htmx.target == FRAGMENT and not request.htmx.history_restore_request
    template = "integrations/import.html" + (f"#{FRAGMENT}" if fragment else "")
    return render(request, template, context, status=status)


STEPS = {
    ImportState.DRAFT: 2,
    ImportState.CHECKING: 3,
    ImportState.CHECKED: 3,
    ImportState.QUEUED: 4,
    ImportState.RUNNING: 4,
    ImportState.DONE: 5,
    ImportState.FAILED: 4,
}


def _sample(found: Import) -> list[Line]:
    return [Line(number, cells) for number, cells in found.sample]


def _mapping(request: WorkspaceRequest, found: Import, columns: Columns) -> dict[str, Any]:
    kind, sample = KINDS[found.kind], _sample(found)
    rows = [
        {"index": index, "header": header, "target": target, "examples": examples(sample, index)}
        for index, (header, target) in enumerate(zip(found.header, columns, strict=True))
    ]
    return {
        "rows": rows,
        "targets": targets(kind),
        "fields": kind.fields,
        "spare": kind.spare,
        "missing": [field.label for field in kind.required if field.name not in columns],
    }


def _outcome(request: WorkspaceRequest, found: Import) -> dict[str, Any]:
    layout = layout_of(found, request.workspace.zone)
    rejects = list(
        ImportReject.objects.filter(import_id=found.pk).order_by("line")[: SHOWN_ROWS + 1]
    )
    shown: dict[str, Any] = {
        "rejects": rejects[:SHOWN_ROWS],
        "more_rejects": max(0, found.rejected - SHOWN_ROWS),
    }
    if found.state == ImportState.CHECKED:
        shown["columns"] = shown_columns(layout)
        shown["rows"] = shown_rows(_sample(found), layout, {r.line: dict(r.flaws) for r in rejects})
    return shown
