"""The page of an account: its scorecard as of any day, its weeks, and its metrics set in place."""

from dataclasses import replace

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, scorers_only
from scoring.forms.measurement import MeasurementForm
from scoring.pages.account import read_page
from scoring.pages.reasons import row_id
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
from scoring.views.by_hand import explained, manual_metric, recorded


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
    scorecard, found = manual_metric(choice.scorecard, metric)
    form = MeasurementForm(found, request.POST)
    if (
        form.is_valid()
        and explained(account, scorecard, form)
        and recorded(request, account, scorecard, form, moment)
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
