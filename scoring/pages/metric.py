"""The editor of one metric: what it offers, the values under its thresholds, what is worth a note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Workspace
from scoring.bands import BandLook, look
from scoring.drafts import Document, Node
from scoring.engine import card
from scoring.engine.checks import grade_of
from scoring.engine.fixed import HUNDRED, NONE, Int64, to_fixed
from scoring.engine.grade import Column, score
from scoring.engine.schemes import Band, band_index
from scoring.forms.choices import PERCENTAGES
from scoring.forms.sheet import Sheet
from scoring.histogram import Histogram, categories, figure, histogram
from scoring.models import Scorecard
from scoring.pages.options import bands_of
from scoring.services.metric_values import MetricValues, metric_values


@dataclass(frozen=True)
class Seen:
    """The values of the accounts as a chart, and how many there are of each kind."""

    found: MetricValues
    chart: Histogram
    spread: list[dict[str, Any]]
    """Accounts by the band of this metric's own score, the best first."""

    @property
    def sampled(self) -> bool:
        return self.found.accounts < self.found.total

    @property
    def known(self) -> int:
        return len(self.found.values)


def seen_values(
    *,
    workspace: Workspace,
    scorecard: Scorecard,
    document: Document,
    metric: Node,
    moment: datetime,
) -> Seen | None:
    found = metric_values(
        workspace=workspace,
        scorecard=scorecard,
        document=document,
        metric=metric,
        moment=moment,
    )
    if found is None:
        return None
    bands = bands_of(document)
    looks = look(bands)
    return Seen(found, _chart(found, metric, bands, looks), _spread(found, bands, looks))


def _chart(
    found: MetricValues, metric: Node, bands: Sequence[Band], looks: Sequence[BandLook]
) -> Histogram:
    grade = grade_of(found.metric)
    if isinstance(grade, card.Level):
        counts = np.bincount(found.values, minlength=len(grade.levels)).tolist()
        labels = [level.label for level in grade.levels]
        scores = [to_fixed(level.score) for level in grade.levels]
        return categories(counts[: len(labels)], labels, scores, bands, looks)
    if isinstance(grade, card.Boolean):
        yes = int((found.values != 0).sum())
        done = isinstance(found.metric.source, card.Milestone)
        labels = [_("Not done"), _("Done")] if done else [_("No"), _("Yes")]
        scores = [to_fixed(grade.when_false), to_fixed(grade.when_true)]
        return categories([len(found.values) - yes, yes], labels, scores, bands, looks)
    sound = found.scores is not None

    def scorer(points: Int64) -> Int64:
        return _scores(grade, points, found)

    return histogram(
        found.values,
        thresholds=_thresholds(metric.get("grade") or {}),
        scorer=scorer if sound else None,
        bands=bands,
        looks=looks,
    )


def _scores(grade: card.Grade, points: Int64, found: MetricValues) -> Int64:
    """A rank among the accounts is read off between theirs; a growth of 1 is 50."""
    if isinstance(grade, card.GrowthGrade):
        return np.clip(points * 50, 0, HUNDRED)
    if not isinstance(grade, card.Percentile):
        return score(grade, points, Column(values=points))
    if found.scores is None or not len(found.values):
        return np.full(len(points), NONE, dtype=np.int64)
    order = np.argsort(found.values, kind="stable")
    between = np.interp(points, found.values[order], found.scores[order])
    return between.round().astype(np.int64)


def _thresholds(grade: Node) -> list[tuple[float, str]]:
    """Value and score; what is no number yet is left out."""
    pairs: list[tuple[Any, Any]] = []
    if grade.get("type") == "linear":
        pairs = [(grade.get("worst"), 0), (grade.get("best"), 100)]
    elif grade.get("type") == "steps":
        pairs = [(step.get("min"), step.get("score")) for step in grade.get("steps", [])]
    return [
        (float(value), figure(points) if isinstance(points, int | float) else "…")
        for value, points in pairs
        if isinstance(value, int | float)
    ]


def _spread(
    found: MetricValues, bands: Sequence[Band], looks: Sequence[BandLook]
) -> list[dict[str, Any]]:
    if found.scores is None:
        return []
    index = band_index(found.scores, bands)
    counts = [int((index == n).sum()) for n in range(len(bands))]
    rows = [{"band": band, "count": n} for band, n in zip(looks, counts, strict=True)]
    return rows[::-1]


def note_metric(sheet: Sheet, metric: Node, stages: Sequence[str]) -> None:
    """What is allowed and perhaps not meant: thresholds that no value reaches, stages without accounts."""
    grade = metric.get("grade") or {}
    most = _most(metric["source"])
    if most is not None and grade.get("type") == "linear":
        for end in ("worst", "best"):
            if isinstance(grade.get(end), int | float) and grade[end] > most:
                text = _("Never reached: this is at most %(most)s.") % {"most": figure(most)}
                sheet.slots[end].notes.append(text)
    if grade.get("type") == "steps":
        _note_steps(sheet, grade.get("steps", []), most)
    if grade.get("by") == "stage":
        _note_stages(sheet, stages)


def _note_steps(sheet: Sheet, steps: Sequence[Node], most: float | None) -> None:
    rows = sheet.rows["step"].filled
    numbers = [step.get("min") for step in steps]
    for row, least, step in zip(rows, numbers, steps, strict=False):
        if most is not None and isinstance(least, int | float) and least > most:
            row["min"].note = _("Never reached: at most %(most)s.") % {"most": figure(most)}
        before = steps[row.number - 2] if row.number > 1 and row.number - 2 < len(steps) else None
        if before and before.get("score") == step.get("score"):
            row["score"].note = _("The same as the step before.")


def _note_stages(sheet: Sheet, stages: Sequence[str]) -> None:
    for row in sheet.rows["case"].filled:
        unknown = [part.strip() for part in row["stage"].value.split(",") if part.strip()]
        unknown = [stage for stage in unknown if stage not in stages]
        if unknown:
            text = ngettext(
                "No account is in the stage %(stages)s.",
                "No account is in the stages %(stages)s.",
                len(unknown),
            )
            row["stage"].note = text % {"stages": ", ".join(unknown)}


def _most(source: Node) -> float | None:
    """The largest value that a measure can have."""
    if source.get("measure") in PERCENTAGES:
        return 100
    if source.get("measure") == "active_days":
        days = source.get("window_days", 30)
        return float(days) if isinstance(days, int) else None
    return None
