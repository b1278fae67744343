"""The parts of an account's scorecard on a day, ready to be shown."""

from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import Account
from scoring.bands import BandLook
from scoring.engine import card
from scoring.engine.compiled import Compiled
from scoring.engine.fixed import NONE, shown
from scoring.engine.points import Points
from scoring.inputs.load import by_hand
from scoring.models import Evaluation, Measurement, Override, Scorecard, SupersededEvaluation
from scoring.other_scores import OtherScore
from scoring.wording import measurement_text


@dataclass(frozen=True, slots=True)
class MetricScore:
    """`share`, `earned` and `missed` in ten-thousandths of the whole; none for what does not count.

    `value` is decoded (a level's key, a boolean, a decimal string), `text` what a person reads.
    `other` is the scorecard whose score the metric is, where it has one on the day.
    """

    metric: card.Metric
    value: bool | str | None
    text: str
    score: int | None
    band: BandLook
    status: str
    share: int
    earned: int | None
    missed: int | None
    measured_on: date | None
    measurements: tuple[Measurement, ...]
    other: OtherScore | None = None

    @property
    def key(self) -> str:
        return self.metric.key

    @property
    def name(self) -> str:
        return self.metric.name

    @property
    def help(self) -> card.Help | None:
        return self.metric.help

    @property
    def weight(self) -> int | float:
        return self.metric.weight

    @property
    def counts(self) -> bool:
        return self.earned is not None

    @property
    def lost(self) -> bool:
        """It would matter if it had a valid value."""
        return not self.counts and self.status != "not_applicable" and self.weight > 0

    @property
    def shown(self) -> int | None:
        return None if self.score is None else shown(self.score)

    @property
    def source(self) -> str:
        """The type of its source, as the document names it."""
        return str(self.metric.source.__struct_config__.tag)

    @property
    def by_hand(self) -> bool:
        return by_hand(self.metric)

    @property
    def measurement(self) -> Measurement | None:
        """The one whose value this is."""
        return self.measurements[0] if self.measured_on and self.measurements else None

    @property
    def reason(self) -> str:
        """Why it does not apply, as a person or the rule said; the measurement's where there are both."""
        if self.status != "not_applicable":
            return ""
        if self.measurement and self.measurement.not_applicable:
            return self.measurement.reason
        return self.metric.not_applicable.reason if self.metric.not_applicable else ""

    @property
    def history(self) -> list[tuple[str, Measurement]]:
        return [(measurement_text(self.metric, m), m) for m in self.measurements]

    @property
    def measured_at(self) -> datetime | None:
        return self.measurement.measured_at if self.measurement else None


@dataclass(frozen=True, slots=True)
class GroupScore:
    group: card.Group
    score: int | None
    band: BandLook
    share: int
    earned: int
    missed: int
    metrics: tuple[MetricScore, ...]
    groups: tuple["GroupScore", ...]

    @property
    def key(self) -> str:
        return self.group.key

    @property
    def name(self) -> str:
        return self.group.name

    @property
    def weight(self) -> int | float:
        return self.group.weight

    @property
    def at_stake(self) -> int:
        return self.earned + self.missed

    @property
    def shown(self) -> int | None:
        return None if self.score is None else shown(self.score)


@dataclass(frozen=True, slots=True)
class AccountScorecard:
    """`day` is the evaluated day: the one that was asked for, or the last one before it.

    `adjusted` is the score after the exception and before the override, `beliefs` what was said of
    the day before it was evaluated anew.
    """

    account: Account
    scorecard: Scorecard
    evaluation: Evaluation
    compiled: Compiled
    version: int
    day: date
    band: BandLook
    groups: tuple[GroupScore, ...]
    metrics: tuple[MetricScore, ...]
    points: Points
    adjusted: int | None
    override: Override | None = None
    beliefs: tuple[SupersededEvaluation, ...] = ()

    @property
    def score(self) -> int | None:
        return self.evaluation.score

    @property
    def computed(self) -> int | None:
        return self.evaluation.computed

    @property
    def shown(self) -> int | None:
        return None if self.score is None else shown(self.score)

    @property
    def coverage(self) -> int:
        return self.evaluation.coverage

    @property
    def provisional(self) -> bool:
        return bool(self.evaluation.flags & Evaluation.PROVISIONAL)

    @property
    def held(self) -> bool:
        return bool(self.evaluation.flags & Evaluation.HELD)

    @property
    def overridden(self) -> bool:
        return bool(self.evaluation.flags & Evaluation.OVERRIDDEN)

    @property
    def restated(self) -> bool:
        return bool(self.evaluation.flags & Evaluation.RESTATED)

    @property
    def exception(self) -> card.ExceptionRule | None:
        index = self.evaluation.exception
        return None if index == NONE else self.compiled.card.exceptions[index]
