"""What the address of a page that analyses the portfolio asks for: whose accounts, which scorecard, which days."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict

from accounts.models import Segment
from scoring.addresses import cleaned
from scoring.explorer.period import Dated, read_days
from scoring.models import Scorecard
from scoring.portfolio.choice import TEAM, owner_of
from scoring.portfolio.summary import Cell
from scoring.segments import matching

SHARED = ("scorecard", "owner", "segment", "stage")


@dataclass(frozen=True)
class Whose:
    """Accounts as they are now; `owner` is a person's id or NOBODY, None for everybody's; with `team`
    also the accounts whose team the person is in."""

    owner: int | None = None
    team: bool = False
    stages: tuple[str, ...] = ()
    segment: Segment | None = None

    @property
    def token(self) -> str:
        """What it is called in the cache."""
        segment = self.segment and (self.segment.pk, self.segment.conditions)
        return f"{self.owner}:{self.team}:{self.stages}:{segment}"

    def among(self) -> list[int] | None:
        return None if self.segment is None else matching([self.segment])[0]


@dataclass(frozen=True)
class Choice(Dated):
    """`first` is the day that `last` is compared with, or the first day of a course.

    `scorecard` is None where none is published.
    """

    scorecards: list[Scorecard]
    scorecard: Scorecard | None
    whose: Whose

    @property
    def days(self) -> int:
        return (self.last - self.first).days

    @property
    def filtered(self) -> bool:
        return any(self.query.get(name) for name in ("owner", "segment", "stage"))


def read_choice(
    query: QueryDict,
    *,
    user_id: int,
    today: date,
    lengths: tuple[int, ...],
    usual: int,
    cells: Sequence[Cell],
) -> Choice:
    """What is not known counts as not asked."""
    given = cleaned(query)
    first, last = read_days(given, today=today, usual=usual)
    if "from" not in given:
        first -= timedelta(days=1)
    cards = list(Scorecard.objects.active())
    named = next((card for card in cards if card.key == given.get("scorecard")), None)
    return Choice(
        query=given,
        today=today,
        first=first,
        last=last,
        lengths=lengths,
        scorecards=cards,
        scorecard=named or most_used(cards, cells),
        whose=Whose(
            owner=owner_of(given.get("owner", ""), user_id),
            team=given.get("owner") == TEAM,
            stages=tuple(given.getlist("stage")),
            segment=_segment(given.get("segment", "")),
        ),
    )


def most_used(cards: Sequence[Scorecard], cells: Sequence[Cell]) -> Scorecard | None:
    """The one that is primary for most accounts."""
    accounts: Counter[int | None] = Counter()
    for cell in cells:
        accounts[cell.version_id] += cell.n
    return max(cards, key=lambda card: accounts[card.current_version.pk], default=None)


def _segment(key: str) -> Segment | None:
    return Segment.objects.filter(key=key).first() if key else None
