"""What the types of a scorecard document cannot say: ranges, and fields that must fit each other."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from scoring.engine import attributes, card, grade_checks, measures
from scoring.engine.fields import check_between, check_key, check_name, check_weight
from scoring.engine.problems import Problems, gettext_noop, join
from scoring.engine.schemes import Band
from scoring.engine.structure import Check

LONGEST_WINDOW = 400


def _named(node: Any, path: str, problems: Problems) -> None:
    check_key(node.key, join(path, "key"), problems)
    check_name(node.name, join(path, "name"), problems)


def _metric(metric: card.Metric, path: str, problems: Problems) -> None:
    _named(metric, path, problems)
    check_weight(metric.weight, join(path, "weight"), problems)
    check_between(metric.validity_days, 1, 3_650, join(path, "validity_days"), problems)
    if metric.validity_days is not None:
        lasts = isinstance(metric.source, card.Manual | card.Milestone)
        template = gettext_noop("only what people set grows old: use it with a manual source")
        problems.check(lasts, join(path, "validity_days"), template)
    elif metric.expired != "exclude":
        template = gettext_noop("says nothing without validity_days")
        problems.add(join(path, "expired"), template)
    _grade_fits(metric, join(path, "grade"), problems)


ALLOWED_GRADES: Mapping[type, tuple[type[msgspec.Struct], ...]] = {
    card.Manual: (card.Level, card.NumberGrade),
    card.Usage: (card.Linear, card.Steps, card.Ratio, card.Percentile),
    card.Attribute: (card.Linear, card.Steps, card.Boolean, card.Ratio, card.Percentile),
    card.Milestone: (card.Boolean,),
    card.OtherScorecard: (
        card.NumberGrade,
        card.Ratio,
        card.Linear,
        card.Steps,
        card.Percentile,
    ),
    card.Growth: (card.GrowthGrade, card.Linear, card.Steps, card.Percentile),
}
DEFAULT_GRADES: Mapping[type, card.Grade] = {
    card.Milestone: card.Boolean(),
    card.OtherScorecard: card.NumberGrade(),
    card.Growth: card.GrowthGrade(),
}


def type_name(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def grade_of(metric: card.Metric) -> card.Grade:
    return metric.grade if metric.grade is not None else DEFAULT_GRADES[type(metric.source)]


def _grade_fits(metric: card.Metric, path: str, problems: Problems) -> None:
    source = type(metric.source)
    if metric.grade is None:
        problems.check(source in DEFAULT_GRADES, path, gettext_noop("is required"))
        return
    allowed = ALLOWED_GRADES[source]
    template = gettext_noop("does not fit a source of type %(source)s; use one of: %(choices)s")
    problems.check(
        isinstance(metric.grade, allowed),
        join(path, "type"),
        template,
        source=type_name(source),
        choices=", ".join(type_name(kind) for kind in allowed),
    )
    if isinstance(metric.grade, card.Steps) and isinstance(metric.source, card.Usage):
        _no_gap_below(metric.grade.steps, join(path, "steps"), problems)
        for i, case in enumerate(metric.grade.cases):
            _no_gap_below(case.steps, join(path, f"cases[{i}].steps"), problems)


def _no_gap_below(steps: Sequence[card.Step], path: str, problems: Problems) -> None:
    if steps and steps[0].min > 0:
        template = gettext_noop("has a gap: values from 0 to %(least)s have no score")
        problems.add(path, template, least=steps[0].min)


def _usage(source: card.Usage, path: str, problems: Problems) -> None:
    _measure(source, path, problems)
    check_between(source.window_days, 1, LONGEST_WINDOW, join(path, "window_days"), problems)
    check_between(source.min_uses, 1, 1_000_000, join(path, "min_uses"), problems)
    for name, given, takers in (
        ("features", bool(source.features), measures.TAKE_FEATURES),
        ("min_uses", source.min_uses != 1, measures.TAKE_MIN_USES),
        ("frequency", source.frequency is not None, measures.TAKE_FREQUENCY),
    ):
        template = gettext_noop("means nothing for the measure %(measure)s")
        fits = not given or source.measure in takers
        problems.check(fits, join(path, name), template, measure=source.measure)
    needs = source.measure in measures.TAKE_FREQUENCY and source.frequency is None
    problems.check(not needs, join(path, "frequency"), gettext_noop("is required"))


def _measure(source: card.Usage, path: str, problems: Problems) -> None:
    at = join(path, "measure")
    if source.measure not in measures.MEASURES:
        template = gettext_noop("is not a usage measure; use one of: %(choices)s")
        problems.add(at, template, choices=", ".join(measures.MEASURES))


def _attribute(source: card.Attribute, path: str, problems: Problems) -> None:
    check_name(source.attribute, join(path, "attribute"), problems)


def _growth(source: card.Growth, path: str, problems: Problems) -> None:
    check_between(source.window, 1, LONGEST_WINDOW, join(path, "window"), problems)


def _other(source: card.OtherScorecard, path: str, problems: Problems) -> None:
    at = join(path, "scorecard")
    if not source.scorecard:
        problems.check(False, at, gettext_noop("must not be empty"))
    else:
        check_key(source.scorecard, at, problems)


def _points(points: card.Points, path: str, problems: Problems) -> None:
    for name in ("poor", "average", "good"):
        check_between(getattr(points, name), 0, 100, join(path, name), problems)


def _rollup(node: card.Group | card.Scorecard, path: str, problems: Problems) -> None:
    fits = node.points is None or node.rollup == "conditions"
    template = gettext_noop("are for `rollup: conditions` alone")
    problems.check(fits, join(path, "points"), template)


def _group(group: card.Group, path: str, problems: Problems) -> None:
    _named(group, path, problems)
    check_weight(group.weight, join(path, "weight"), problems)
    _rollup(group, path, problems)


def _band(band: Band, path: str, problems: Problems) -> None:
    check_key(band.key, join(path, "key"), problems)
    check_name(band.label, join(path, "label"), problems)
    check_between(band.min, 0, 100, join(path, "min"), problems)


def _condition(condition: card.Condition, path: str, problems: Problems) -> None:
    subjects = (condition.metric, condition.group, condition.attribute)
    one = sum(subject is not None for subject in subjects) == 1
    template = gettext_noop("must name exactly one of: metric, group, attribute")
    problems.check(one, path, template)
    objects = (condition.value, condition.band, condition.status)
    one = sum(thing is not None for thing in objects) == 1
    template = gettext_noop("must have exactly one of: value, band, status")
    problems.check(one, path, template)
    listed = any(isinstance(thing, tuple) for thing in objects)
    template = gettext_noop("a list goes with `in`, and `in` with a list")
    problems.check(listed == (condition.op == "in"), join(path, "op"), template)


def _exception(rule: card.ExceptionRule, path: str, problems: Problems) -> None:
    check_name(rule.name, join(path, "name"), problems)
    problems.check(bool(rule.when), join(path, "when"), gettext_noop("must not be empty"))
    wanted, other = ("bands", "value") if rule.effect == "shift" else ("value", "bands")
    template = gettext_noop("is required for the effect %(effect)s")
    given = getattr(rule, wanted) is not None
    problems.check(given, join(path, wanted), template, effect=rule.effect)
    template = gettext_noop("means nothing for the effect %(effect)s")
    given = getattr(rule, other) is not None
    problems.check(not given, join(path, other), template, effect=rule.effect)
    check_between(rule.value, 0, 100, join(path, "value"), problems)
    check_between(rule.bands, -11, 11, join(path, "bands"), problems)


def _card(scorecard: card.Scorecard, path: str, problems: Problems) -> None:
    _named(scorecard, path, problems)
    _rollup(scorecard, path, problems)
    check_between(scorecard.rank, 0, 1_000_000, "rank", problems)
    check_between(scorecard.min_coverage, 0, 100, "min_coverage", problems)
    check_between(scorecard.trend_days, 1, LONGEST_WINDOW, "trend_days", problems)
    check_between(scorecard.confirm, 1, 90, "confirm", problems)


CHECKS: Mapping[type, Check] = {
    card.Metric: _metric,
    card.Usage: _usage,
    card.Attribute: _attribute,
    card.Growth: _growth,
    card.OtherScorecard: _other,
    **grade_checks.CHECKS,
    card.Points: _points,
    card.Group: _group,
    Band: _band,
    card.Condition: _condition,
    card.AttributeCondition: attributes.check_condition,
    card.NotApplicable: attributes.check_not_applicable,
    card.ExceptionRule: _exception,
    card.Scorecard: _card,
}
