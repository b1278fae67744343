"""What an admin sets about usage, and the scores that follow from it."""

from datetime import date
from typing import Any

from django.db import transaction

from accounts.models import Workspace
from accounts.services.settings import change_usage
from scoring.engine.card import usage_of
from scoring.engine.compiled import Compiled
from scoring.models import Scorecard
from scoring.services.arrangement import score_soon
from scoring.versions import compiled_versions

LIMITS = ("frequency_daily", "frequency_frequent", "frequency_occasional")


@transaction.atomic
def change_usage_settings(*, workspace: Workspace, today: date, **changed: Any) -> None:
    """With other limits today is scored again, where a scorecard asks for them.

    Days that are over keep what was believed; one that is restated later takes the new limits.
    """
    before = [getattr(workspace, name) for name in LIMITS]
    change_usage(workspace=workspace, **changed)
    if before != [getattr(workspace, name) for name in LIMITS] and _asks_for_frequency():
        score_soon(today)


def _asks_for_frequency() -> bool:
    versions = Scorecard.objects.active().exclude(current_version=None)
    cards = compiled_versions(versions.values_list("current_version_id", flat=True))
    return any(_limited(card) for card in cards.values())


def _limited(compiled: Compiled) -> bool:
    sources = (usage_of(metric.metric.source) for metric in compiled.metrics)
    return any(source is not None and source.frequency is not None for source in sources)
