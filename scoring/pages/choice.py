"""What the address of an account's page asks for."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, get_args
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from scoring.histories import week_end
from usage.leaderboards import Kind

DAYS, USUAL, ALL = "6w", "26w", "all"
RANGES = (DAYS, USUAL, "1y", ALL)
"""How far the trend reaches; the shortest by the day."""
USAGE_DAYS = (7, 30, 90)
ASKED = (
    ("day", "day", None),
    ("scorecard", "scorecard", ""),
    ("range", "range", USUAL),
    ("week", "week", None),
    ("first", "from", None),
    ("last", "to", None),
    ("metric", "metric", ""),
    ("chart", "chart", ""),
    ("users", "users", "top"),
    ("days", "days", USAGE_DAYS[1]),
    ("believed", "believed", None),
    ("version", "version", None),
)
"""Every field of a choice, its name in the address in the order of the address, what is usual."""
EARLIEST = date(1900, 1, 1)
"""Windows reach back from every day, and there is no day before the year 1."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`day` is None for today, `path` the page's address without a query.

    `chart` is the key metric whose 180 days are open, `users` and `days` which of the account's users
    and of how many days their use is told. `believed` asks for what was known at a moment, `version` for what that version would have said.
    """

    path: str
    today: date
    day: date | None = None
    scorecard: str = ""
    week: date | None = None
    first: date | None = None
    last: date | None = None
    range: str = USUAL
    metric: str = ""
    chart: str = ""
    users: Kind = "top"
    days: int = USAGE_DAYS[1]
    believed: datetime | None = None
    version: int | None = None

    @property
    def as_of(self) -> date:
        return self.day or self.today

    @property
    def is_today(self) -> bool:
        return self.as_of == self.today

    @property
    def shows_now(self) -> bool:
        """What is set holds from now on, so it is set where now is shown."""
        other = self.week or self.believed or self.version
        return self.is_today and not other and not self.comparing

    @property
    def comparing(self) -> bool:
        return self.first is not None and self.last is not None

    def query(self, **changes: Any) -> str:
        """The address that differs by the changes, in a fixed order; what is usual is left out."""
        # A page has a hundred of them: it is not worth a copy of the whole choice each.
        asked = {}
        for field, name, usual in ASKED:
            value = changes[field] if field in changes else getattr(self, field)
            if value and value != usual:
                asked[name] = value.isoformat() if field == "believed" else str(value)
        return f"{self.path}?{urlencode(asked)}" if asked else self.path

    @property
    def query_string(self) -> str:
        """Of `now_url`, for what is posted elsewhere."""
        return self.now_url.removeprefix(self.path)

    @property
    def today_url(self) -> str:
        return replace(self, day=None).shown_url

    @property
    def shown_url(self) -> str:
        """What was shown on the day, and what holds of it now."""
        return replace(self, believed=None, version=None).now_url

    @property
    def now_url(self) -> str:
        """The same page without an open week or comparison."""
        return self.query(week=None, first=None, last=None, metric="", chart="")

    @property
    def week_to_now_url(self) -> str:
        """The open week's end against the day of the page."""
        return self.query(week=None, first=self.week and week_end(self.week), last=self.as_of)

    @property
    def days_url(self) -> str:
        """The trend by the day, around the open week or the later of two days."""
        return self.query(range=DAYS)

    @property
    def usage_query(self) -> dict[str, str]:
        """What the pages on the account's usage are asked for, to show the same days."""
        last = {} if self.is_today else {"to": str(self.as_of)}
        return {"days": str(self.days), **last}

    @property
    def ranges(self) -> list[dict[str, Any]]:
        labels = (_("6 weeks"), _("26 weeks"), _("1 year"), _("All"))
        return [
            {"label": label, "url": self.query(range=name), "current": name == self.range}
            for name, label in zip(RANGES, labels, strict=True)
        ]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a form that asks for other days keeps, as hidden fields."""
        kept = {"scorecard": self.scorecard, "range": self.range, "version": self.version or ""}
        return [(name, str(value)) for name, value in kept.items() if value and value != USUAL]


def read_choice(query: QueryDict, today: date, path: str) -> Choice:
    """What cannot be read counts as not asked."""

    def day(name: str) -> date | None:
        try:
            return max(EARLIEST, min(date.fromisoformat(query.get(name, "")), today))
        except ValueError:
            return None

    first, last = day("from"), day("to")
    if first and last and first > last:
        first, last = last, first
    both = first is not None and last is not None and first != last
    asked = day("day")
    return Choice(
        path=path,
        today=today,
        day=asked if asked != today else None,
        scorecard=query.get("scorecard", ""),
        week=None if both else day("week"),
        first=first if both else None,
        last=last if both else None,
        range=query.get("range", "") if query.get("range") in RANGES else USUAL,
        metric=query.get("metric", ""),
        chart=query.get("chart", ""),
        users=next((kind for kind in get_args(Kind) if kind == query.get("users")), "top"),
        days=next((n for n in USAGE_DAYS if str(n) == query.get("days")), USAGE_DAYS[1]),
        believed=_moment(query.get("believed", "")),
        version=_number(query.get("version", "")),
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
