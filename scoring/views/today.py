"""Who needs me today."""

from datetime import date, timedelta

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from scoring.addresses import Address, cleaned
from scoring.analysis.tabs import tabs
from scoring.menus import Menu
from scoring.portfolio.choice import MINE, TEAM
from scoring.portfolio.need import MOST, read_needs
from scoring.portfolio.need_rows import need_rows
from scoring.portfolio.summary import Summary, count_accounts, summarize

EVERYBODY = "all"


@require_safe
def today(request: WorkspaceRequest, slug: str) -> HttpResponse:
    day = request.workspace.day_of(timezone.now())
    address = Address(cleaned(request.GET))
    asked = address.query.get("owner", "")
    whose = asked if asked in (TEAM, EVERYBODY) else MINE
    summary = _summary(request, day)
    needs = read_needs(
        workspace=request.workspace,
        today=day,
        person=None if whose == EVERYBODY else request.user.pk,
        team=whose == TEAM,
        below_good=[band.key for band in summary.below_good],
    )
    context = {
        "nav": "accounts",
        "today": day,
        "tabs": tabs(QueryDict(), request.workspace, "today"),
        "whose": _whose(address, whose),
        "everyone": whose == EVERYBODY,
        "everybody_url": address.url(owner=EVERYBODY),
        "rows": need_rows(needs, workspace=request.workspace, user_id=request.user.pk, today=day),
        "most": MOST,
        "notice": request.workspace.renewal_notice_days,
        "trend_days": summary.trend_days,
    }
    return render(request, "scoring/today.html", context)


def _summary(request: WorkspaceRequest, day: date) -> Summary:
    workspace = request.workspace
    until = day + timedelta(days=workspace.renewal_notice_days)
    return summarize(count_accounts(today=day, until=until, currency=workspace.currency))


def _whose(address: Address, whose: str) -> list[Menu]:
    labels = {MINE: _("Mine"), TEAM: _("My team’s"), EVERYBODY: _("Everyone’s")}
    return [
        {"label": label, "url": address.url(owner=name), "current": name == whose}
        for name, label in labels.items()
    ]
