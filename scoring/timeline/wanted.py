"""Which entries of an account's timeline are asked for, and from where on."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from accounts.models import TouchpointKind

TOUCHPOINTS = tuple(kind.value for kind in TouchpointKind)
KINDS = {
    TouchpointKind.CALL.value: _("Call"),
    TouchpointKind.MEETING.value: _("Meeting"),
    TouchpointKind.EMAIL.value: _("E-mail"),
    TouchpointKind.NOTE.value: _("Note"),
    "task": _("Task done"),
    "alert": _("Alert"),
    "band": _("Change of band"),
    "override": _("Set by hand"),
    "contract": _("Contract"),
    "stage": _("Stage"),
    "version": _("Scorecard version"),
}
RANKS = {
    "stage": 1,
    "contract": 2,
    "version": 3,
    "band": 4,
    "override": 5,
    "alert": 6,
    "task": 7,
    "touchpoint": 8,
}
"""The order within a day, the highest first. It stands in addresses, so it stays."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of entries ended: 2026-03-10.8.17."""

    day: date
    rank: int
    id: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.rank}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        day, *numbers = text.split(".")
        if len(numbers) != 2 or not all(
            n.isascii() and n.isdecimal() and len(n) < 19 for n in numbers
        ):
            return None
        try:
            return cls(date.fromisoformat(day), *map(int, numbers))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Both days included; without `kinds` all of them. `scorecard_id` narrows what is told of
    scores to one scorecard, `touchpoint_id` everything to one touchpoint."""

    account_id: int
    last: date
    first: date | None = None
    kinds: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    scorecard_id: int | None = None
    touchpoint_id: int | None = None

    def of(self, branch: str) -> bool:
        if self.touchpoint_id is not None:
            return branch == "touchpoint"
        names = TOUCHPOINTS if branch == "touchpoint" else (branch,)
        return not self.kinds or not self.kinds.isdisjoint(names)
