"""The page of an account: its scorecard as of any day, its weeks, and its metrics set in place."""

import json
from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, scorers_only
from accounts.errors import InvalidInput
from accounts.models import Account
from scoring.engine.card import Metric
from scoring.forms.measurement import MeasurementForm
from scoring.models import Scorecard
from scoring.pages.account import AccountPage, read_page
from scoring.pages.choice import Choice, read_choice
from scoring.pages.reasons import row_id
from scoring.pages.setting import Setting, read_setting, scope_of
from scoring.services.evaluate import evaluate
from scoring.services.measurements import MeasurementRow, manual_metrics, record_measurements

TEMPLATE = "scoring/account_scorecard.html"
WHOLE, REASONS = "scorecard", "reasons"


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def account_scorecard(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = _account(key)
    choice = _choice(request, account, timezone.now())
    page = read_page(request.workspace, account, choice, whole=not _asks_for_part(request))
    fragment = _fragment(request, page)
    if fragment is None and page.beside is None:
        page = read_page(request.workspace, account, choice)
    return _rendered(request, page, fragment, _setting(request, page))


@require_POST
@scorers_only
def set_metric(request: WorkspaceRequest, slug: str, key: str, metric: str) -> HttpResponse:
    """Records the value and evaluates the account at once; answers with the page's new state."""
    account, moment = _account(key), timezone.now()
    choice = _choice(request, account, moment)
    scorecard, found = _manual(choice.scorecard, metric)
    form = MeasurementForm(found, request.POST)
    if form.is_valid() and _recorded(request, account, scorecard, form, moment):
        _evaluate_today(request, account, moment)
        done = _("%(metric)s is set; the score is up to date.") % {"metric": found.name}
        return _answered(request, account, replace(choice, metric=""), done)
    page = read_page(request.workspace, account, replace(choice, metric=metric))
    target = row_id(metric)
    response = _rendered(
        request, page, target if request.htmx else None, _setting(request, page, form), status=422
    )
    response["HX-Retarget"] = f"#{target}"
    return response


@require_POST
@scorers_only
def evaluate_account(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account, moment = _account(key), timezone.now()
    choice = _choice(request, account, moment)
    _evaluate_today(request, account, moment)
    return _answered(request, account, choice, _("The account was evaluated."))


def _account(key: str) -> Account:
    account: Account = get_object_or_404(Account.objects.select_related("owner"), key=key)
    return account


def _choice(request: WorkspaceRequest, account: Account, moment: datetime) -> Choice:
    address = reverse("account_scorecard", args=[request.workspace.slug, account.key])
    return read_choice(request.GET, request.workspace.day_of(moment), address)


def _manual(scorecard: str, metric: str) -> tuple[Scorecard, Metric]:
    """The scorecard that is shown, or the first that has the metric, and what it says of it."""
    cards = list(Scorecard.objects.active())
    for card in sorted(cards, key=lambda card: card.key != scorecard):
        found = manual_metrics([card]).get(metric)
        if found is not None:
            return card, found
    raise Http404


def _recorded(
    request: WorkspaceRequest,
    account: Account,
    scorecard: Scorecard,
    form: MeasurementForm,
    moment: datetime,
) -> bool:
    given = form.cleaned_data
    row = MeasurementRow(
        account=account.key,
        metric=form.metric.key,
        value=given["value"],
        scorecard=scope_of(scorecard, form.metric),
        comment="" if form.reason else given["comment"],
        reason=form.reason,
    )
    try:
        record_measurements(workspace=request.workspace, rows=[row], moment=moment, by=request.user)
    except InvalidInput as error:
        for problem in error.problems:
            form.add_error(
                "comment" if problem.path.endswith("reason") else "value", problem.message
            )
        return False
    return True


def _evaluate_today(request: WorkspaceRequest, account: Account, moment: datetime) -> None:
    today = request.workspace.day_of(moment)
    evaluate(
        workspace=request.workspace,
        account_ids=[account.pk],
        first=today,
        last=today,
        moment=moment,
    )


def _asks_for_part(request: WorkspaceRequest) -> bool:
    return bool(request.htmx.target) and request.htmx.target != WHOLE


def _fragment(request: WorkspaceRequest, page: AccountPage) -> str | None:
    """The fragment that the request names, if the page has it."""
    target = request.htmx.target if request.htmx else None
    if not target or request.htmx.history_restore_request:
        return None
    reasons = page.health.reasons if page.health else None
    rows = [row.id for row in reasons.metric_rows] if reasons else []
    return target if target in (WHOLE, REASONS, *rows) else None


def _setting(
    request: WorkspaceRequest, page: AccountPage, form: MeasurementForm | None = None
) -> Setting | None:
    return read_setting(page, form) if _can_set(request, page) else None


def _can_set(request: WorkspaceRequest, page: AccountPage) -> bool:
    """What is set holds from now on, so it is set where now is shown."""
    choice = page.choice
    shows_now = choice.is_today and choice.week is None and not choice.comparing
    return request.membership.can_score and shows_now


def _rendered(
    request: WorkspaceRequest,
    page: AccountPage,
    fragment: str | None,
    setting: Setting | None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "nav": "accounts",
        "page": page,
        "setting": setting,
        "can_set": _can_set(request, page),
        "row_fragment": fragment if fragment and fragment.startswith("metric-") else "",
    }
    name = "row" if context["row_fragment"] else fragment
    template = f"{TEMPLATE}#{name}" if name else TEMPLATE
    return render(request, template, context, status=status)


def _answered(
    request: WorkspaceRequest, account: Account, choice: Choice, done: str
) -> HttpResponse:
    """The changed part of the page, or a redirect for a plain browser."""
    if not request.htmx:
        messages.success(request, done)
        return redirect(choice.query())
    page = read_page(request.workspace, account, choice)
    response = _rendered(request, page, WHOLE, None)
    response["HX-Retarget"] = f"#{WHOLE}"
    response["HX-Reswap"] = "outerHTML"
    response["HX-Push-Url"] = choice.query()
    response["HX-Trigger"] = json.dumps({"toast": {"level": "success", "text": done}})
    return response
