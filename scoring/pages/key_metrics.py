"""The metrics that an admin chose: eight weekly means, the change, the range of all accounts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.utils.translation import gettext as _

from scoring.charts import Sparkline, sparkline
from scoring.engine import card
from scoring.engine.checks import grade_of
from scoring.engine.fixed import LARGEST, divide_half_up
from scoring.engine.peers import FEWEST_PEERS
from scoring.engine.status import Status
from scoring.explanations import rolled_up
from scoring.histories import Dated
from scoring.layouts import MOST_CHARTS, LayoutDocument
from scoring.line_chart import Chart, chart
from scoring.models import PeerSummary
from scoring.pages.choice import Choice
from scoring.pages.peers import peer_text
from scoring.pages.plan import Rows
from scoring.scorecard_parts import AccountScorecard, MetricScore
from scoring.sentences import days_text
from scoring.versions import compiled_versions
from scoring.wording import plain, value_text

WEEKS, WEEK = 8, 7
COURSE_DAYS = 180
USUAL_WINDOW = 14
MOST_USUAL = 6

Value = tuple[int, int]
"""As it is stored, and the score that it had."""
Values = Mapping[str, Mapping[date, Value]]


@dataclass(frozen=True, slots=True)
class PeerRange:
    low: str
    median: str
    high: str
    count: int
    day: date


@dataclass(frozen=True, slots=True)
class KeyMetric:
    """`change` is against `window` days before, when it was `before`; `css` says what the change did
    to the metric's score. `weeks` are means, the oldest first."""

    metric: MetricScore
    window: int
    change: str
    css: str
    before: str
    peers: PeerRange | None
    weeks: tuple[str, ...]
    spark: Sparkline | None
    url: str
    open: bool

    @property
    def weeks_text(self) -> str:
        return _("Weekly means: %(weeks)s") % {"weeks": ", ".join(self.weeks)}

    @property
    def window_text(self) -> str:
        return days_text(self.window)


@dataclass(frozen=True, slots=True)
class Course:
    """The open metric over 180 days."""

    metric: MetricScore
    chart: Chart
    close_url: str


@dataclass(frozen=True, slots=True)
class KeyMetrics:
    charts: list[KeyMetric]
    rows: list[KeyMetric]
    course: Course | None


@dataclass(frozen=True, slots=True)
class Keyed:
    """Which metrics are charted and listed, and the days that are asked for."""

    charts: tuple[MetricScore, ...]
    listed: tuple[MetricScore, ...]
    open: MetricScore | None
    day: date

    @property
    def keys(self) -> set[str]:
        shown = (*self.charts, *self.listed, *([self.open] if self.open else []))
        return {metric.key for metric in shown}

    @property
    def days(self) -> list[date]:
        """Nothing is read where nothing is shown."""
        if not self.listed and not self.charts:
            return []
        length = COURSE_DAYS if self.open else WEEKS * WEEK
        wanted = {_before(self.day, n) for n in range(length)}
        wanted |= {_before(self.day, window_of(m.metric)) for m in self.listed}
        return sorted(wanted)


def keyed(document: LayoutDocument, scorecard: AccountScorecard, choice: Choice) -> Keyed:
    """Without a choice the heaviest that have a number; another scorecard than the one that they
    were chosen for may lack some."""
    known = {metric.key: metric for metric in scorecard.metrics}
    numeric = [metric for metric in scorecard.metrics if is_numeric(metric.metric)]
    usual = sorted(numeric, key=lambda metric: -metric.share)[:MOST_USUAL]
    chosen = document.metrics
    listed = usual if chosen is None else [known[key] for key in chosen if key in known]
    drawn = document.charts
    charts = (
        [metric for metric in listed if is_numeric(metric.metric)][:MOST_CHARTS]
        if drawn is None
        else [known[key] for key in drawn if key in known and is_numeric(known[key].metric)]
    )
    opened = known.get(choice.chart)
    return Keyed(
        charts=tuple(charts),
        listed=tuple(listed),
        open=opened if opened and is_numeric(opened.metric) else None,
        day=scorecard.day,
    )


def is_numeric(metric: card.Metric) -> bool:
    """Whether a mean of its values says something."""
    return not isinstance(grade_of(metric), card.Level | card.Boolean)


def window_of(metric: card.Metric) -> int:
    source = metric.source
    if isinstance(source, card.Usage):
        return source.window_days
    return source.window if isinstance(source, card.Growth) else USUAL_WINDOW


def read_key_metrics(
    keyed: Keyed, choice: Choice, rows: Rows, summaries: Sequence[PeerSummary]
) -> KeyMetrics:
    values = _values([rows.get((day, day)) for day in keyed.days], keyed.keys)
    # What another version would have said was never compared with anybody.
    peers = {} if choice.version else {row.key: row for row in summaries}
    told = _Teller(keyed, choice, values, peers).told
    return KeyMetrics(
        charts=[told(metric) for metric in keyed.charts],
        rows=[told(metric) for metric in keyed.listed],
        course=_course(keyed, choice, values) if keyed.open else None,
    )


@dataclass(frozen=True)
class _Teller:
    keyed: Keyed
    choice: Choice
    values: Values
    peers: Mapping[str, PeerSummary]

    def told(self, metric: MetricScore) -> KeyMetric:
        mine = self.values.get(metric.key, {})
        window = window_of(metric.metric)
        now, before = mine.get(self.keyed.day), mine.get(_before(self.keyed.day, window))
        means = _weekly(mine, self.keyed.day) if metric in self.keyed.charts else []
        opened = self.keyed.open is not None and self.keyed.open.key == metric.key
        return KeyMetric(
            metric=metric,
            window=window,
            change=_change(metric.metric, now, before),
            css=_css(now, before),
            before=value_text(metric.metric, before[0]) if before else "",
            peers=_range(metric.metric, self.peers.get(metric.key)),
            weeks=tuple("–" if mean is None else plain(mean) for mean in means),
            spark=sparkline(means, width=120, height=36, span=1) if means else None,
            url=self.choice.query(chart="" if opened else metric.key)
            if is_numeric(metric.metric)
            else "",
            open=opened,
        )


def _before(day: date, days: int) -> date:
    return day - timedelta(days=days)


def _values(rows: Sequence[Dated | None], keys: Collection[str]) -> dict[str, dict[date, Value]]:
    """Valid ones, by the key of the metric and the day."""
    found: dict[str, dict[date, Value]] = {}
    known = [row for row in rows if row is not None]
    for version_id, compiled in compiled_versions({row[0].version_id for row in known}).items():
        mine = [row for row in known if row[0].version_id == version_id]
        records, results, _age = rolled_up(compiled, mine)
        valid = results.status == Status.OK
        for metric in compiled.metrics:
            if metric.key not in keys:
                continue
            at = metric.index
            values, scores = records["value"][:, at].tolist(), results.scores[:, at].tolist()
            line = found.setdefault(metric.key, {})
            for i in np.flatnonzero(valid[:, at]).tolist():
                line[mine[i][1]] = values[i], scores[i]
    return found


def _weekly(values: Mapping[date, Value], last: date) -> list[int | None]:
    """Seven days each, the last ones end with the day; None where no day has a value."""
    return [
        _mean([values[day][0] for day in week if day in values])
        for week in (
            [_before(last, n * WEEK + at) for at in range(WEEK)] for n in reversed(range(WEEKS))
        )
    ]


def _mean(values: Sequence[int]) -> int | None:
    known = [value for value in values if value < LARGEST]
    return divide_half_up(sum(known), len(known)) if known else None


def _change(metric: card.Metric, now: Value | None, before: Value | None) -> str:
    """A signed number, or the level or answer that it was."""
    if now is None or before is None:
        return ""
    if not is_numeric(metric):
        return (
            ""
            if now[0] == before[0]
            else _("was %(before)s") % {"before": value_text(metric, before[0])}
        )
    if max(now[0], before[0]) >= LARGEST:
        return ""
    apart = now[0] - before[0]
    if isinstance(metric.source, card.Growth):
        apart *= 100
    return f"+{plain(apart)}" if apart > 0 and plain(apart) != "0" else plain(apart)


def _css(now: Value | None, before: Value | None) -> str:
    if now is None or before is None or now[1] == before[1]:
        return "same"
    return "up" if now[1] > before[1] else "down"


def _range(metric: card.Metric, found: PeerSummary | None) -> PeerRange | None:
    if found is None or found.count < FEWEST_PEERS or not is_numeric(metric):
        return None
    ends = found.minimum, found.median, found.maximum
    if any(end is None for end in ends):
        return None
    low, median, high = (peer_text(metric, end or 0) for end in ends)
    return PeerRange(low, median, high, found.count, found.day)


def _course(keyed: Keyed, choice: Choice, values: Values) -> Course | None:
    if keyed.open is None:
        return None
    metric = keyed.open
    mine = values.get(metric.key, {})
    days = [_before(keyed.day, n) for n in reversed(range(COURSE_DAYS))]
    scaled = _scaled(metric.metric)
    line = [scaled(mine[day][0]) if day in mine else None for day in days]
    urls = [choice.query(day=day, chart="", week=None, first=None, last=None) for day in days]
    return Course(metric, chart(days, line, urls=urls), choice.query(chart=""))


def _scaled(metric: card.Metric) -> Callable[[int], int | None]:
    """A growth is drawn in percent."""
    factor = 100 if isinstance(metric.source, card.Growth) else 1
    return lambda value: value * factor if value < LARGEST else None
