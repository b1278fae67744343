"""Configuration as code: a document becomes the published version, and every account is scored with it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from accounts.models import Account, User
from scoring.engine.card import Scorecard as Card
from scoring.models import RunKind, Scorecard, ScorecardVersion
from scoring.services.configuration import publish_scorecard
from scoring.services.runs import start_run


@transaction.atomic
def apply_scorecard(
    *,
    document: object,
    by: User | None,
    today: date,
    moment: datetime,
    note: str = "",
    beside: Sequence[Card] = (),
) -> ScorecardVersion:
    """The new version, or the current one where the document says nothing new.

    `beside` are the scorecards that are applied in the same transaction, in any order.
    """
    before = set(Scorecard.objects.values_list("current_version_id", flat=True))
    version = publish_scorecard(document=document, by=by, moment=moment, note=note, beside=beside)
    if version.pk not in before and Account.objects.exists():
        start_run(kind=RunKind.REQUEST, first=today, last=today)
    return version
