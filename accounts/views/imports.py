from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, managers_only
from accounts.errors import InvalidInput
from accounts.forms.imports import ImportForm
from accounts.services.imports import FIELDS, Imported, columns_of, import_accounts
from accounts.services.uploads import keep_upload, kept_upload
from accounts.tables import Table, read_table

SHOWN_PROBLEMS = 200


def page(
    request: WorkspaceRequest, form: ImportForm, status: int = 200, **context: Any
) -> HttpResponse:
    frame = {"nav": "accounts", "form": form, "fields": FIELDS}
    return render(request, "accounts/import.html", {**frame, **context}, status=status)


def run(request: WorkspaceRequest, table: Table, *, dry_run: bool) -> Imported:
    moment = timezone.now()
    return import_accounts(
        table=table,
        as_of=request.workspace.day_of(moment),
        by=request.user,
        moment=moment,
        dry_run=dry_run,
    )


def report(imported: Imported) -> dict[str, Any]:
    shown = imported.problems[:SHOWN_PROBLEMS]
    return {
        "imported": imported,
        "problems": shown,
        "more_problems": len(imported.problems) - len(shown),
    }


@require_safe
@managers_only
def import_page(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return page(request, ImportForm())


@require_POST
@managers_only
def preview_import(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """What the file would do, with every bad line; nothing is stored yet."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, form, status=422)
    content = form.cleaned_data["file"].read()
    try:
        table = read_table(content)
        imported = run(request, table, dry_run=True)
        token = keep_upload(content, by=request.user)
    except InvalidInput as error:
        form.add_error("file", str(error))
        return page(request, form, status=422)
    columns = columns_of(table)
    told = [name or header for name, header in zip(columns.fields, columns.names, strict=True)]
    attributes = [
        header for name, header in zip(columns.fields, columns.names, strict=True) if not name
    ]
    known = [name for name in told if name in FIELDS]
    context = {"token": token, "known": known, "attributes": attributes, **report(imported)}
    return page(request, form, file_name=form.cleaned_data["file"].name, **context)


@require_POST
@managers_only
def run_import(request: WorkspaceRequest, slug: str) -> HttpResponse:
    try:
        content = kept_upload(request.POST.get("token", ""), by=request.user)
        imported = run(request, read_table(content), dry_run=False)
    except InvalidInput as error:
        form = ImportForm()
        messages.error(request, str(error))
        return page(request, form, status=422)
    text = ngettext("%(count)s account imported.", "%(count)s accounts imported.", imported.stored)
    messages.success(request, text % {"count": imported.stored})
    if not imported.problems:
        return redirect("portfolio", slug)
    return page(request, ImportForm(), done=True, **report(imported))
