"""A score set by hand from the page of an account, and withdrawn."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import WorkspaceRequest, scorers_only
from accounts.errors import InvalidInput
from scoring.bands import look
from scoring.forms.override import OverrideForm
from scoring.forms.problems import place_problems
from scoring.models import Scorecard
from scoring.pages.account import read_page
from scoring.services import overrides
from scoring.versions import compiled
from scoring.views.account_answers import (
    WHOLE,
    account_of,
    answered,
    choice_of,
    evaluate_today,
    rendered,
)


@require_POST
@scorers_only
def set_override(request: WorkspaceRequest, slug: str, scorecard: str, key: str) -> HttpResponse:
    """Evaluates the account at once; answers with the page's new state."""
    account, moment = account_of(key), timezone.now()
    card, choice = _scorecard(scorecard), choice_of(request, account, moment)
    form = OverrideForm(look(compiled(card.current_version).bands), choice.today, request.POST)
    if form.is_valid():
        try:
            overrides.set_override(
                workspace=request.workspace,
                account=account,
                scorecard=card,
                row=form.row,
                moment=moment,
                by=request.user,
            )
        except InvalidInput as error:
            place_problems(form, {p.path: [p.message] for p in error.problems})
        else:
            evaluate_today(request, account, moment)
            return answered(request, account, choice, _("The score is set by hand."))
    page = read_page(request.workspace, account, choice)
    return rendered(
        request, page, WHOLE if request.htmx else None, None, status=422, override_form=form
    )


@require_POST
@scorers_only
def withdraw_override(
    request: WorkspaceRequest, slug: str, scorecard: str, key: str
) -> HttpResponse:
    account, moment = account_of(key), timezone.now()
    choice = choice_of(request, account, moment)
    overrides.withdraw_override(
        workspace=request.workspace,
        account=account,
        scorecard=_scorecard(scorecard),
        moment=moment,
        by=request.user,
    )
    evaluate_today(request, account, moment)
    return answered(request, account, choice, _("The computed score is shown again."))


def _scorecard(key: str) -> Scorecard:
    cards = Scorecard.objects.filter(current_version__isnull=False)
    card: Scorecard = get_object_or_404(cards.select_related("current_version"), key=key)
    return card
