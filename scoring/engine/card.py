"""The structs of a scorecard document; their fields' order is the canonical one of an export."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from scoring.engine.schemes import Band

Plain = str | int | float | bool
Lost = Literal["exclude", "zero", "neutral"]
Stale = Literal["exclude", "zero", "neutral", "keep", "fade"]
Rollup = Literal["weighted_mean", "minimum", "maximum", "conditions"]
Op = Literal["lt", "lte", "eq", "ne", "gte", "gt", "in"]
By = Literal["stage", "age_months"]


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


# Sources: where a value comes from.


class Manual(Node, frozen=True, kw_only=True, tag_field="type", tag="manual"):
    pass


class Usage(Node, frozen=True, kw_only=True, tag_field="type", tag="usage"):
    measure: str
    window_days: int = 30
    features: tuple[str, ...] = ()
    min_uses: int = 1
    frequency: Literal["daily", "frequent", "occasional"] | None = None


class Attribute(Node, frozen=True, kw_only=True, tag_field="type", tag="attribute"):
    attribute: str
    measure: Literal["days_until", "days_since"] | None = None


class MilestoneCondition(Node, frozen=True, kw_only=True):
    """Done where the value of the source compares so with `value`."""

    source: Usage | Attribute
    op: Literal["lt", "lte", "eq", "ne", "gte", "gt"]
    value: int | float


class Milestone(Node, frozen=True, kw_only=True, tag_field="type", tag="milestone"):
    when: MilestoneCondition | None = None


class OtherScorecard(Node, frozen=True, kw_only=True, tag_field="type", tag="scorecard"):
    scorecard: str


class Growth(Node, frozen=True, kw_only=True, tag_field="type", tag="growth"):
    source: Usage | Attribute
    window: int


Source = Manual | Usage | Attribute | Milestone | OtherScorecard | Growth


def usage_of(source: Source) -> Usage | None:
    """The use of the product that is measured, be it behind a growth or a milestone's condition."""
    if isinstance(source, Milestone):
        return usage_of(source.when.source) if source.when else None
    if isinstance(source, Growth):
        return usage_of(source.source)
    return source if isinstance(source, Usage) else None


# Grades: from a value to a score.


class LinearCase(Node, frozen=True, kw_only=True):
    """Other limits for some stages, or from an age in months on."""

    stage: tuple[str, ...] = ()
    min: int | None = None
    worst: int | float
    best: int | float


class Linear(Node, frozen=True, kw_only=True, tag_field="type", tag="linear"):
    worst: int | float
    best: int | float
    by: By | None = None
    cases: tuple[LinearCase, ...] = ()


class Step(Node, frozen=True, kw_only=True):
    min: int | float
    score: int | float


class StepsCase(Node, frozen=True, kw_only=True):
    stage: tuple[str, ...] = ()
    min: int | None = None
    steps: tuple[Step, ...]


class Steps(Node, frozen=True, kw_only=True, tag_field="type", tag="steps"):
    steps: tuple[Step, ...]
    by: By | None = None
    cases: tuple[StepsCase, ...] = ()


class LevelChoice(Node, frozen=True, kw_only=True):
    key: str
    label: str
    score: int | float
    help: str = ""


class Level(Node, frozen=True, kw_only=True, tag_field="type", tag="level"):
    levels: tuple[LevelChoice, ...]


class NumberGrade(Node, frozen=True, kw_only=True, tag_field="type", tag="number"):
    pass


class Boolean(Node, frozen=True, kw_only=True, tag_field="type", tag="boolean"):
    when_true: int | float = 100
    when_false: int | float = 0


class Ratio(Node, frozen=True, kw_only=True, tag_field="type", tag="ratio"):
    pass


class GrowthGrade(Node, frozen=True, kw_only=True, tag_field="type", tag="growth"):
    pass


class Percentile(Node, frozen=True, kw_only=True, tag_field="type", tag="percentile"):
    lower_is_better: bool = False


Grade = Linear | Steps | Level | NumberGrade | Boolean | Ratio | GrowthGrade | Percentile


# The tree.


class Help(Node, frozen=True, kw_only=True):
    what: str = ""
    graded: str = ""
    why: str = ""
    improve: str = ""


class AttributeCondition(Node, frozen=True, kw_only=True):
    """One comparison of a field or an attribute of the account."""

    attribute: str
    op: Op
    value: Plain | tuple[Plain, ...]


class NotApplicable(Node, frozen=True, kw_only=True):
    """The metric says nothing of accounts for which all of these hold, for the reason given."""

    when: tuple[AttributeCondition, ...]
    reason: str


class Metric(Node, frozen=True, kw_only=True):
    key: str
    name: str
    weight: int | float
    validity_days: int | None = None
    missing: Lost = "exclude"
    error: Lost = "exclude"
    expired: Stale = "exclude"
    not_applicable: NotApplicable | None = None
    source: Source
    grade: Grade | None = None
    help: Help | None = None


class Points(Node, frozen=True, kw_only=True):
    """The scores of a `conditions` roll-up."""

    poor: int | float = 0
    average: int | float = 60
    good: int | float = 100


class Group(Node, frozen=True, kw_only=True):
    key: str
    name: str
    weight: int | float
    rollup: Rollup = "weighted_mean"
    points: Points | None = None
    help: str = ""
    metrics: tuple[Metric, ...] = ()
    groups: tuple["Group", ...] = ()


class Condition(Node, frozen=True, kw_only=True):
    """One comparison; exactly one of the first three fields and one of the last three are given."""

    metric: str | None = None
    group: str | None = None
    attribute: str | None = None
    op: Op
    value: Plain | tuple[Plain, ...] | None = None
    band: str | tuple[str, ...] | None = None
    status: str | tuple[str, ...] | None = None


class ExceptionRule(Node, frozen=True, kw_only=True):
    name: str
    when: tuple[Condition, ...]
    effect: Literal["set", "cap", "floor", "shift"]
    value: int | float | None = None
    bands: int | None = None


class AppliesTo(Node, frozen=True, kw_only=True):
    stage: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()
    attributes: dict[str, tuple[Plain, ...]] | None = None


class Scorecard(Node, frozen=True, kw_only=True):
    key: str
    name: str
    scheme: str | None = None
    bands: tuple[Band, ...] | None = None
    applies_to: AppliesTo | None = None
    rank: int = 1
    rollup: Rollup = "weighted_mean"
    points: Points | None = None
    min_coverage: int | float = 50
    trend_days: int = 30
    confirm: int = 1
    exceptions: tuple[ExceptionRule, ...] = ()
    groups: tuple[Group, ...] = ()


def metrics_of(groups: tuple[Group, ...], path: str = "groups") -> Iterator[tuple[str, Metric]]:
    """(path, metric) of every metric, depth first: the order of all arrays."""
    for i, group in enumerate(groups):
        at = f"{path}[{i}]"
        for j, metric in enumerate(group.metrics):
            yield f"{at}.metrics[{j}]", metric
        yield from metrics_of(group.groups, f"{at}.groups")
