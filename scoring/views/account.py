"""The page of an account: its scorecard as of any day, its weeks, and its metrics set in place."""

from dataclasses import replace
from datetime import datetime

from django.http import Http404, HttpResponse
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
from scoring.pages.account import read_page
from scoring.pages.reasons import row_id
from scoring.pages.setting import asked_why, scope_of
from scoring.services.measurements import MeasurementRow, manual_metrics, record_measurements
from scoring.views.account_answers import (
    USAGE,
    account_of,
    answered,
    asked_for,
    asks_for_part,
    choice_of,
    evaluate_today,
    fragment_of,
    rendered,
    setting_of,
    usage_part,
)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def account_scorecard(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = account_of(key)
    choice = choice_of(request, account, timezone.now())
    if asked_for(request) == USAGE:
        return usage_part(request, account, choice)
    page = read_page(request.workspace, account, choice, whole=not asks_for_part(request))
    fragment = fragment_of(request, page)
    if fragment is None and page.beside is None:
        page = read_page(request.workspace, account, choice)
    return rendered(request, page, fragment, setting_of(request, page))


@require_POST
@scorers_only
def set_metric(request: WorkspaceRequest, slug: str, key: str, metric: str) -> HttpResponse:
    """Records the value and evaluates the account at once; answers with the page's new state."""
    account, moment = account_of(key), timezone.now()
    choice = choice_of(request, account, moment)
    scorecard, found = _manual(choice.scorecard, metric)
    form = MeasurementForm(found, request.POST)
    if (
        form.is_valid()
        and _explained(account, scorecard, form)
        and _recorded(request, account, scorecard, form, moment)
    ):
        evaluate_today(request, account, moment)
        done = _("%(metric)s is set; the score is up to date.") % {"metric": found.name}
        return answered(request, account, replace(choice, metric=""), done)
    page = read_page(request.workspace, account, replace(choice, metric=metric))
    target = row_id(metric)
    response = rendered(
        request, page, target if request.htmx else None, setting_of(request, page, form), status=422
    )
    response["HX-Retarget"] = f"#{target}"
    return response


@require_POST
@scorers_only
def evaluate_account(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account, moment = account_of(key), timezone.now()
    choice = choice_of(request, account, moment)
    evaluate_today(request, account, moment)
    return answered(request, account, choice, _("The account was evaluated."))


def _manual(scorecard: str, metric: str) -> tuple[Scorecard, Metric]:
    """The scorecard that is shown, or the first that has the metric, and what it says of it."""
    cards = list(Scorecard.objects.active())
    for card in sorted(cards, key=lambda card: card.key != scorecard):
        found = manual_metrics([card]).get(metric)
        if found is not None:
            return card, found
    raise Http404


def _explained(account: Account, scorecard: Scorecard, form: MeasurementForm) -> bool:
    """False with the error where a comment is asked for and there is none."""
    given = form.cleaned_data
    if given["value"] is None or given["comment"]:
        return True
    why = asked_why(scorecard, form.metric, account, given["value"])
    if why:
        form.add_error("comment", why)
    return not why


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
