"""The portfolio: every account with its health, and the way to a first account."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, managers_only
from accounts.errors import InvalidInput
from accounts.models import Account, Membership
from accounts.services.accounts import upsert_accounts
from scoring.analysis.tabs import tabs
from scoring.forms.new_account import NewAccountForm
from scoring.models import Run, Scorecard
from scoring.portfolio import filters
from scoring.portfolio.chips import chips
from scoring.portfolio.choice import Choice, read_choice
from scoring.portfolio.columns import ListColumn, columns_of
from scoring.portfolio.export import Asked, csv_lines, workbook
from scoring.portfolio.metric_scores import metric_names
from scoring.portfolio.orders import in_order
from scoring.portfolio.pages import page
from scoring.portfolio.rows import rows
from scoring.portfolio.summary import Cell, count_accounts, stages, summarize
from scoring.portfolio.table import table
from scoring.portfolio.views import first_view, saved_views, views_of
from scoring.portfolio.wanted import METRIC, Cursor

TEMPLATE, FRAGMENT = "scoring/portfolio.html", "accounts"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def portfolio(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    views = views_of(request.user.pk)
    if not request.GET and (first := first_view(views)):
        return redirect("view", slug, first.key)
    today = request.workspace.day_of(timezone.now())
    choice = read_choice(
        request.GET, workspace=request.workspace, user_id=request.user.pk, today=today
    )
    if (form := request.GET.get("format")) in ("csv", "xlsx"):
        return file_of(request, choice, form)
    counted = _count(request, today)
    context = _listed(request, choice, counted, today)
    context["views"] = saved_views(request, views, choice.query)
    if request.htmx.target == FRAGMENT and not request.htmx.history_restore_request:
        return render(request, f"{TEMPLATE}#{FRAGMENT}", context)
    return render(request, TEMPLATE, context | _started(context["summary"]))


def _count(request: WorkspaceRequest, today: date, *, team_of: int | None = None) -> list[Cell]:
    workspace = request.workspace
    until = today + timedelta(days=workspace.renewal_notice_days)
    return count_accounts(today=today, until=until, currency=workspace.currency, team_of=team_of)


def _of_owner(
    request: WorkspaceRequest, choice: Choice, counted: list[Cell], today: date
) -> list[Cell]:
    """What the numbers above the list are about: the accounts of the same people."""
    owner = choice.wanted.owner
    if choice.wanted.team:
        return _count(request, today, team_of=owner)
    return [cell for cell in counted if owner is None or (cell.owner_id or 0) == owner]


def _listed(
    request: WorkspaceRequest, choice: Choice, counted: list[Cell], today: date
) -> dict[str, Any]:
    workspace, user_id = request.workspace, request.user.pk
    summary = summarize(_of_owner(request, choice, counted, today))
    known = filters.known(counted, summary, user_id)
    query, sort = request.GET, choice.wanted.sort
    found = page(
        in_order(choice.wanted, today=today),
        after=Cursor.read(query.get("after", ""), sort),
        before=Cursor.read(query.get("before", ""), sort),
    )
    told = rows(found.lines, workspace=workspace, user_id=user_id, today=today)
    return {
        "nav": "accounts",
        "today": today,
        "tabs": tabs(choice.query, workspace, "portfolio"),
        "choice": choice,
        "summary": summary,
        "tiles": filters.tiles(choice, summary, workspace),
        "menus": filters.menus_of(choice, known, workspace),
        "chips": chips(choice, known.names),
        "clear_all_url": filters.clear_all(choice),
        "whose": filters.whose(choice),
        "table": table(
            told,
            _columns(choice),
            choice,
            summary.trend_days,
            pick=request.membership.can_score,
        ),
        "previous_url": choice.url(before=found.previous) if found.previous else "",
        "next_url": choice.url(after=found.following) if found.following else "",
        "csv_url": choice.url(format="csv"),
        "xlsx_url": choice.url(format="xlsx"),
        "accounts_exist": bool(counted),
        "curl": _curl(request),
    }


def _columns(choice: Choice) -> list[ListColumn]:
    """The names of metrics are read only where a column shows one."""
    names: dict[str, str] = {}
    if any(key.startswith(METRIC) for key in choice.columns):
        names = metric_names(Scorecard.objects.active())
    return columns_of(choice.columns, names)


def _curl(request: WorkspaceRequest) -> str:
    body = '{"accounts": [{"key": "contoso", "name": "Contoso", "renewal_on": "%d-12-31"}]}'
    return (
        f"curl {request.build_absolute_uri(reverse('api-accounts-in'))} \\\n"
        "  -H 'Authorization: Bearer YOUR_API_KEY' -H 'Content-Type: application/json' \\\n"
        f"  -d '{body % timezone.now().year}'"
    )


def _started(summary: Any) -> dict[str, Any]:
    """What a portfolio without scores is waiting for; asked only where there are none."""
    if summary.day is not None or not summary.all.count:
        return {}
    return {
        "waiting": True,
        "scorecards_exist": Scorecard.objects.active().exists(),
        "running": Run.objects.unfinished().exists(),
    }


def file_of(
    request: WorkspaceRequest, choice: Choice, form: str, *, ids: Sequence[int] = ()
) -> StreamingHttpResponse:
    """The whole list, or some rows of it."""
    today = request.workspace.day_of(timezone.now())
    language = get_language() or "en"
    asked = Asked(
        in_order(choice.wanted, today=today),
        _columns(choice),
        request.workspace,
        today,
        language,
        ids,
    )
    name = f"accounts-{request.workspace.slug}-{today.isoformat()}.{form}"
    if form == "xlsx":
        file = workbook(asked)
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    return StreamingHttpResponse(
        csv_lines(asked),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@managers_only
def add_account(request: WorkspaceRequest, slug: str) -> HttpResponse:
    memberships = list(Membership.objects.by_name())
    form = NewAccountForm(request.POST or None, memberships=memberships)
    if request.method == "POST" and form.is_valid() and _added(request, form):
        name = form.cleaned_data["name"]
        messages.success(
            request, _("%(name)s is added; it is scored in a moment.") % {"name": name}
        )
        return redirect("account_scorecard", slug, form.cleaned_data["key"])
    today = request.workspace.day_of(timezone.now())
    context = {
        "nav": "accounts",
        "form": form,
        "stages": [name for name, _n in stages(_count(request, today))],
    }
    return render(request, "scoring/add_account.html", context, status=422 if form.errors else 200)


def _added(request: WorkspaceRequest, form: NewAccountForm) -> bool:
    """False with the form's errors; an account that exists is never changed by this form."""
    if Account.objects.filter(key=form.cleaned_data["key"]).exists():
        form.add_error("key", _("There is an account with this key already."))
        return False
    moment = timezone.now()
    as_of = request.workspace.day_of(moment)
    try:
        upsert_accounts(rows=[form.row()], as_of=as_of, by=request.user, moment=moment)
    except InvalidInput as error:
        for problem in error.problems:
            field = problem.path.rpartition(".")[2]
            form.add_error(field if field in form.fields else None, problem.message)
        return False
    return True
