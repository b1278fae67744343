"""Why the score is what it is on a day, and why it changed: the table of groups and metrics."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.templatetags.ui import day as day_text
from scoring.changes import Changes, NamedReason
from scoring.engine import card
from scoring.engine.fixed import NONE
from scoring.explanations import rolled_up
from scoring.histories import Dated
from scoring.pages.choice import Choice
from scoring.pages.peers import Comparison, read_comparison
from scoring.pages.sources import source_text
from scoring.scorecard_parts import AccountScorecard, GroupScore, MetricScore
from scoring.versions import compiled_versions
from scoring.wording import graded_text

Mode = Literal["now", "week", "compare"]
SPARK_WEEKS = 12
NOTES = {
    "missing": _lazy("no data"),
    "error": _lazy("source failed"),
    "expired": _lazy("expired"),
    "not_applicable": _lazy("does not apply"),
}

Sparks = Mapping[str, list[int | None]]
Definition = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class GroupRow:
    score: GroupScore
    depth: int
    change: int
    metric: None = None


@dataclass(frozen=True, slots=True)
class MetricRow:
    """`at_stake` are the points that it can earn; `source` says where its value is from, `note` what
    is wrong with it.

    `other_url` leads to the scorecard whose score it is.
    """

    metric: MetricScore
    depth: int
    change: NamedReason | None
    spark: list[int | None]
    note: str
    source: str
    definition: Definition
    open: bool
    url: str
    other_url: str

    @property
    def at_stake(self) -> int:
        return (self.metric.earned or 0) + (self.metric.missed or 0)

    @property
    def id(self) -> str:
        """Of its rows in the page, and the name of their fragment."""
        return row_id(self.metric.key)


@dataclass(frozen=True, slots=True)
class Reasons:
    """`folded` are the metrics that do not matter on the day, `peers` those of the open one;
    `longest` is the most that a line has at stake."""

    mode: Mode
    scorecard: AccountScorecard
    changes: Changes | None
    rows: list[GroupRow | MetricRow]
    folded: list[MetricRow]
    day_url: str
    peers: Comparison | None
    longest: int

    @property
    def metric_rows(self) -> list[MetricRow]:
        return [*(row for row in self.rows if isinstance(row, MetricRow)), *self.folded]

    @property
    def folded_open(self) -> bool:
        return any(row.open for row in self.folded)

    @property
    def changed_days(self) -> bool:
        return self.changes is not None and self.changes.delta is not None


def row_id(key: str) -> str:
    """A point in a key would mean a class in a selector."""
    return f"metric-{key.replace('.', '__')}"


def read_reasons(
    mode: Mode,
    choice: Choice,
    scorecard: AccountScorecard,
    changes: Changes | None,
    sparks: Sparks,
    limits: Mapping[str, int],
) -> Reasons:
    """`limits` are the workspace's days by frequency."""
    rows: list[GroupRow | MetricRow] = []
    folded: list[MetricRow] = []
    told = definitions(scorecard.evaluation.version_id, limits)
    builder = _Builder(choice, scorecard.day, changes.by_metric if changes else {}, sparks, told)
    for group, depth in _walk(scorecard.groups):
        metrics = [builder.row(metric, depth) for metric in group.metrics]
        shown = [row for row in metrics if _matters(row.metric)]
        folded += [row for row in metrics if not _matters(row.metric)]
        if shown or group.groups:
            rows.append(GroupRow(group, depth, builder.change(group)))
            rows += shown
    day_url = replace(choice, day=scorecard.day).now_url
    peers = read_comparison(choice, scorecard)
    lines = [*(row for row in rows if isinstance(row, MetricRow)), *folded]
    longest = max((row.at_stake for row in lines), default=0)
    return Reasons(mode, scorecard, changes, rows, folded, day_url, peers, longest)


def sparks(rows: Sequence[Dated | None]) -> dict[str, list[int | None]]:
    """By the key of a metric the score that it counted with in each row; rows in time order."""
    versions = compiled_versions({row[0].version_id for row in rows if row})
    found: dict[str, list[int | None]] = {}
    for version_id, compiled in versions.items():
        places = [(n, row) for n, row in enumerate(rows) if row and row[0].version_id == version_id]
        _records, results, _age = rolled_up(compiled, [row for _n, row in places])
        scores = np.where(results.counts, results.scores, np.int32(NONE)).T.tolist()
        for metric in compiled.metrics:
            line = found.setdefault(metric.key, [None] * len(rows))
            for (n, _row), score in zip(places, scores[metric.index], strict=True):
                line[n] = None if score == NONE else score
    return found


def _walk(groups: Iterable[GroupScore], depth: int = 0) -> Iterator[tuple[GroupScore, int]]:
    for group in groups:
        yield group, depth
        yield from _walk(group.groups, depth + 1)


def _matters(metric: MetricScore) -> bool:
    """Lost values stay in sight: what is missing must not hide."""
    return metric.lost or (metric.counts and metric.share > 0)


@dataclass(frozen=True)
class _Builder:
    choice: Choice
    day: date
    changes: Mapping[str, NamedReason]
    sparks: Sparks
    definitions: Mapping[str, Definition]

    def row(self, metric: MetricScore, depth: int) -> MetricRow:
        opened = self.choice.metric == metric.key
        return MetricRow(
            metric=metric,
            depth=depth,
            change=self.changes.get(metric.key),
            spark=self.sparks.get(metric.key, []),
            note=_note(metric, self.choice.as_of),
            source=source_text(metric, self.day),
            definition=self.definitions[metric.key],
            open=opened,
            url=self.choice.query(metric="" if opened else metric.key),
            other_url=self.choice.query(scorecard=metric.other.scorecard.key, metric="")
            if metric.other
            else "",
        )

    def change(self, group: GroupScore) -> int:
        own = (self.changes[m.key].points for m in group.metrics if m.key in self.changes)
        return sum(own) + sum(self.change(inner) for inner in group.groups)


def _note(metric: MetricScore, as_of: date) -> str:
    if metric.status == "expired" and (on := expired_on(metric)):
        return _("expired %(day)s") % {"day": day_text(on, as_of)}
    return str(NOTES.get(metric.status, ""))


def expired_on(metric: MetricScore) -> date | None:
    """The first day on which the value was too old."""
    validity = metric.metric.validity_days
    if metric.measured_on is None or validity is None:
        return None
    return metric.measured_on + timedelta(days=validity + 1)


def definitions(version_id: int, limits: Mapping[str, int]) -> Mapping[str, Definition]:
    """By the key of the metric: they depend on nothing that an account has."""
    return _definitions(version_id, tuple(limits.items()), get_language() or "")


@lru_cache(maxsize=256)
def _definitions(
    version_id: int, limits: tuple[tuple[str, int], ...], language: str
) -> Mapping[str, Definition]:
    compiled = compiled_versions({version_id})[version_id]
    return {metric.key: _definition(metric.metric, dict(limits)) for metric in compiled.metrics}


def _definition(metric: card.Metric, limits: Mapping[str, int]) -> Definition:
    """What, how graded, why, how to improve; the grading is told from the configuration if need be."""
    help_ = metric.help
    graded = (help_.graded if help_ else "") or graded_text(metric, limits)
    told = [
        (_("What it is"), help_.what if help_ else ""),
        (_("How it is graded"), graded),
        (_("Why it matters"), help_.why if help_ else ""),
        (_("How to improve it"), help_.improve if help_ else ""),
    ]
    return [(title, text) for title, text in told if text]
