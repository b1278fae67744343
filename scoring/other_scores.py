"""The scores of other scorecards that are metrics of one, as an account's page shows them."""

from dataclasses import dataclass
from datetime import date

from scoring.bands import BandLook, at, look
from scoring.engine.compiled import Compiled
from scoring.engine.dependencies import needed
from scoring.engine.fixed import shown
from scoring.histories import latest
from scoring.models import Scorecard
from scoring.versions import compiled_versions


@dataclass(frozen=True, slots=True)
class OtherScore:
    """The published score and band of another scorecard of the same account on the same day."""

    scorecard: Scorecard
    score: int
    band: BandLook

    @property
    def shown(self) -> int:
        return shown(self.score)


def other_scores(account_id: int, compiled: Compiled, day: date) -> dict[str, OtherScore]:
    """By the scorecard's key; those without a score on the day are left out."""
    keys = needed(compiled.card)
    if not keys:
        return {}
    cards = list(Scorecard.objects.filter(key__in=keys))
    rows = [
        (card, row)
        for card, row in zip(cards, latest(account_id, [(c.pk, day) for c in cards]), strict=True)
        if row is not None and row.to_day >= day and row.score is not None
    ]
    versions = compiled_versions({row.version_id for _card, row in rows})
    return {
        card.key: OtherScore(
            card, row.score or 0, at(look(versions[row.version_id].bands), row.band)
        )
        for card, row in rows
    }
