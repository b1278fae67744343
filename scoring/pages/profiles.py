"""Which scorecard held for an account before the one that is shown."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from scoring.histories import DAY, Dated
from scoring.scorecards import Candidate
from scoring.trend import Mark


def profile_marks(
    chosen: Candidate, found: Sequence[Candidate], shown: Sequence[Dated | None]
) -> list[Mark]:
    """Where another one ended that came first, or that held before the chosen one began.

    `found` in their order, `shown` the rows of the trend.
    """
    place = found.index(chosen)
    return [
        Mark(other.day + DAY, "⇄", _text(other, chosen))
        for at, other in enumerate(found)
        if other.day < chosen.day and (at < place or not _held(shown, other))
    ]


def _held(shown: Sequence[Dated | None], other: Candidate) -> bool:
    return any(row is not None and row[0].day <= other.day for row in shown)


def _text(before: Candidate, after: Candidate) -> str:
    names = {"before": before.name, "after": after.name}
    return _("Profile %(after)s, before it %(before)s") % names
