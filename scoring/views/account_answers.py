"""What the addresses below an account's page answer: the page, its changed part, or a redirect."""

import json
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import WorkspaceRequest
from accounts.models import Account
from scoring.forms.measurement import MeasurementForm
from scoring.forms.override import OverrideForm
from scoring.models import Scorecard
from scoring.pages.account import AccountPage, read_page
from scoring.pages.account_timeline import (
    AccountTimeline,
    primary_scorecard_id,
    read_timeline,
)
from scoring.pages.board import Board, read_board
from scoring.pages.choice import Choice, read_choice
from scoring.pages.overriding import read_overriding
from scoring.pages.setting import Setting, read_setting
from scoring.pages.usage import read_usage
from scoring.services.evaluate import evaluate

TEMPLATE = "scoring/account_scorecard.html"
WHOLE, REASONS, KEY_METRICS, USAGE = "scorecard", "reasons", "key-metrics", "usage"


def account_of(key: str) -> Account:
    account: Account = get_object_or_404(Account.objects.select_related("owner"), key=key)
    return account


def choice_of(request: WorkspaceRequest, account: Account, moment: datetime) -> Choice:
    address = reverse("account_scorecard", args=[request.workspace.slug, account.key])
    return read_choice(request.GET, request.workspace.day_of(moment), address)


def evaluate_today(request: WorkspaceRequest, account: Account, moment: datetime) -> None:
    today = request.workspace.day_of(moment)
    evaluate(
        workspace=request.workspace,
        account_ids=[account.pk],
        first=today,
        last=today,
        moment=moment,
    )


def asks_for_part(request: WorkspaceRequest) -> bool:
    return bool(request.htmx.target) and request.htmx.target != WHOLE


def asked_for(request: WorkspaceRequest) -> str:
    """The element that the answer goes into, empty where a whole page is asked for."""
    if not request.htmx or request.htmx.history_restore_request:
        return ""
    return request.htmx.target or ""


def usage_part(request: WorkspaceRequest, account: Account, choice: Choice) -> HttpResponse:
    """Users and features alone: the score is not read for them."""
    primary_id = primary_scorecard_id(account)
    scorecard = Scorecard.objects.filter(pk=primary_id).first() if primary_id else None
    usage = read_usage(account, choice, scorecard)
    return render(request, "scoring/account/usage.html", {"account": account, "usage": usage})


def fragment_of(request: WorkspaceRequest, page: AccountPage) -> str | None:
    """The fragment that the request names, if the page has it."""
    target = asked_for(request)
    if not target:
        return None
    reasons = page.health.reasons if page.health else None
    rows = [row.id for row in reasons.metric_rows] if reasons else []
    return (
        target
        if target in (WHOLE, REASONS, *rows, *([KEY_METRICS] if page.health else []))
        else None
    )


def setting_of(
    request: WorkspaceRequest, page: AccountPage, form: MeasurementForm | None = None
) -> Setting | None:
    return read_setting(page, form) if can_set(request, page) else None


def can_set(request: WorkspaceRequest, page: AccountPage) -> bool:
    return request.membership.can_score and page.choice.shows_now


def rendered(
    request: WorkspaceRequest,
    page: AccountPage,
    fragment: str | None,
    setting: Setting | None,
    status: int = 200,
    override_form: OverrideForm | None = None,
) -> HttpResponse:
    row = fragment is not None and fragment.startswith("metric-")
    able = can_set(request, page)
    context = {
        "nav": "accounts",
        "page": page,
        "names": page.names,
        "setting": setting,
        "can_set": able,
        "able_people": request.membership.can_score and page.choice.is_today,
        "overriding": None if row else read_overriding(page, able, override_form),
        "row_fragment": fragment if row else "",
    }
    if page.beside is not None:
        context |= {"board": _board(request, page), "part": _timeline(request, page)}
    name = "row" if row else fragment and fragment.replace("-", "_")
    template = f"{TEMPLATE}#{name}" if name else TEMPLATE
    return render(request, template, context, status=status)


def _board(request: WorkspaceRequest, page: AccountPage) -> Board:
    past = not page.choice.is_today
    return read_board(
        request.workspace,
        page.account,
        as_of=page.choice.as_of,
        past=past,
        user=request.user if request.membership.can_score and not past else None,
        tasks=page.beside.tasks if page.beside else None,
    )


def _timeline(request: WorkspaceRequest, page: AccountPage) -> AccountTimeline:
    past = not page.choice.is_today
    able = request.membership.can_score and not past
    return read_timeline(
        request.workspace,
        page.account,
        as_of=page.choice.as_of,
        past=past,
        contacts=page.beside.contacts if able and page.beside else None,
        scorecard_id=page.health.scorecard.scorecard.pk if page.health else None,
    )


def answered(
    request: WorkspaceRequest, account: Account, choice: Choice, done: str
) -> HttpResponse:
    """The changed part of the page, or a redirect for a plain browser."""
    if not request.htmx:
        messages.success(request, done)
        return redirect(choice.query())
    page = read_page(request.workspace, account, choice)
    response = rendered(request, page, WHOLE, None)
    response["HX-Retarget"] = f"#{WHOLE}"
    response["HX-Reswap"] = "outerHTML"
    response["HX-Push-Url"] = choice.query()
    response["HX-Trigger"] = json.dumps({"toast": {"level": "success", "text": done}})
    return response
