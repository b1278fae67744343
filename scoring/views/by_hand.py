"""A metric that is set by hand: which one it is, and how what was sent is recorded."""

from datetime import datetime

from django.http import Http404

from accounts.access import WorkspaceRequest
from accounts.errors import InvalidInput
from accounts.models import Account
from scoring.engine.card import Metric
from scoring.forms.measurement import MeasurementForm
from scoring.models import Scorecard
from scoring.pages.setting import asked_why, scope_of
from scoring.services.measurements import MeasurementRow, manual_metrics, record_measurements


def manual_metric(scorecard: str, metric: str) -> tuple[Scorecard, Metric]:
    """The scorecard that is shown, or the first that has the metric, and what it says of it."""
    cards = list(Scorecard.objects.active())
    for card in sorted(cards, key=lambda card: card.key != scorecard):
        found = manual_metrics([card]).get(metric)
        if found is not None:
            return card, found
    raise Http404


def explained(account: Account, scorecard: Scorecard, form: MeasurementForm) -> bool:
    """False with the error where a comment is asked for and there is none."""
    given = form.cleaned_data
    if given["value"] is None or given["comment"]:
        return True
    why = asked_why(scorecard, form.metric, account, given["value"])
    if why:
        form.add_error("comment", why)
    return not why


def recorded(
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
