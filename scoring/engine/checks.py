"""What the types of a scorecard document cannot say: ranges, and fields that must fit each other."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from scoring.engine import card, measures, whole
from scoring.engine.problems import Problems, gettext_noop, join
from scoring.engine.schemes import Band
from scoring.engine.structure import Check

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
LONGEST_NAME = 200
LONGEST_WINDOW = 400
LEAST_WEIGHT = 0.000001
MOST_WEIGHT = 1_000_000

check_whole = whole.check_whole


def _key(key: str, path: str, problems: Problems) -> None:
    template = gettext_noop(
        "must be 1 to 64 letters, digits, points, dashes or underscores, and start with a letter or digit"
    )
    problems.check(KEY.fullmatch(key) is not None, path, template)


def _name(name: str, path: str, problems: Problems) -> None:
    problems.check(bool(name.strip()), path, gettext_noop("must not be empty"))
    template = gettext_noop("must have at most %(most)s characters")
    problems.check(len(name) <= LONGEST_NAME, path, template, most=LONGEST_NAME)


def _between(
    value: int | float | None, least: int, most: int, path: str, problems: Problems
) -> None:
    if value is not None:
        template = gettext_noop("must be between %(least)s and %(most)s")
        problems.check(least <= value <= most, path, template, least=least, most=most)


def _weight(weight: int | float, path: str, problems: Problems) -> None:
    fits = weight == 0 or LEAST_WEIGHT <= weight <= MOST_WEIGHT
    template = gettext_noop("must be 0 or between %(least)s and %(most)s")
    problems.check(fits, path, template, least="0.000001", most="1000000")


def _named(node: Any, path: str, problems: Problems) -> None:
    _key(node.key, join(path, "key"), problems)
    _name(node.name, join(path, "name"), problems)


def _metric(metric: card.Metric, path: str, problems: Problems) -> None:
    _named(metric, path, problems)
    _weight(metric.weight, join(path, "weight"), problems)
    _between(metric.validity_days, 1, 3_650, join(path, "validity_days"), problems)
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
    card.OtherScorecard: (card.Ratio, card.Linear, card.Steps, card.Percentile),
    card.Growth: (card.GrowthGrade, card.Linear, card.Steps, card.Percentile),
}
DEFAULT_GRADES: Mapping[type, card.Grade] = {
    card.Milestone: card.Boolean(),
    card.OtherScorecard: card.Ratio(),
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
        template = gettext_noop("leave a gap: values from 0 to %(least)s have no score")
        problems.add(path, template, least=steps[0].min)


def _usage(source: card.Usage, path: str, problems: Problems) -> None:
    _measure(source, path, problems)
    _between(source.window_days, 1, LONGEST_WINDOW, join(path, "window_days"), problems)
    _between(source.min_uses, 1, 1_000_000, join(path, "min_uses"), problems)
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
    elif source.measure not in measures.IMPLEMENTED:
        problems.add(at, gettext_noop("is not available yet"))


def _attribute(source: card.Attribute, path: str, problems: Problems) -> None:
    _name(source.attribute, join(path, "attribute"), problems)


def _growth(source: card.Growth, path: str, problems: Problems) -> None:
    _between(source.window, 1, LONGEST_WINDOW, join(path, "window"), problems)


def _other(source: card.OtherScorecard, path: str, problems: Problems) -> None:
    _key(source.scorecard, join(path, "scorecard"), problems)


def _linear(grade: card.Linear, path: str, problems: Problems) -> None:
    _limits(grade, path, problems)
    for i, case in enumerate(grade.cases):
        _limits(case, join(path, f"cases[{i}]"), problems)
    _cases(grade, path, problems)


def _limits(grade: card.Linear | card.LinearCase, path: str, problems: Problems) -> None:
    template = gettext_noop("must differ from worst")
    problems.check(grade.worst != grade.best, join(path, "best"), template)


def _steps(grade: card.Steps, path: str, problems: Problems) -> None:
    _rising(grade.steps, join(path, "steps"), problems)
    for i, case in enumerate(grade.cases):
        _rising(case.steps, join(path, f"cases[{i}].steps"), problems)
    _cases(grade, path, problems)


def _rising(steps: Sequence[card.Step], path: str, problems: Problems) -> None:
    problems.check(bool(steps), path, gettext_noop("must have at least one step"))
    for i, step in enumerate(steps):
        _between(step.score, 0, 100, f"{path}[{i}].score", problems)
        if i and step.min == steps[i - 1].min:
            template = gettext_noop("overlaps: two steps begin at %(min)s")
            problems.add(f"{path}[{i}].min", template, min=step.min)
        elif i and step.min < steps[i - 1].min:
            template = gettext_noop("must be more than the minimum of the step before, %(min)s")
            problems.add(f"{path}[{i}].min", template, min=steps[i - 1].min)


def _cases(grade: card.Linear | card.Steps, path: str, problems: Problems) -> None:
    if grade.by is None:
        template = gettext_noop("need `by: stage` or `by: age_months`")
        problems.check(not grade.cases, join(path, "cases"), template)
        return
    problems.check(bool(grade.cases), join(path, "cases"), gettext_noop("is required"))
    cases: Sequence[card.LinearCase | card.StepsCase] = grade.cases
    for i, case in enumerate(cases):
        wanted, other = ("stage", "min") if grade.by == "stage" else ("min", "stage")
        at = join(path, f"cases[{i}]")
        given = {"stage": bool(case.stage), "min": case.min is not None}
        problems.check(given[wanted], join(at, wanted), gettext_noop("is required"))
        template = gettext_noop("means nothing by %(by)s")
        problems.check(not given[other], join(at, other), template, by=grade.by)
    if grade.by == "age_months":
        minima = [case.min or 0 for case in cases]
        rising = all(a < b for a, b in pairwise(minima))
        problems.check(rising, join(path, "cases"), gettext_noop("must rise by their minimum"))


def _level(grade: card.Level, path: str, problems: Problems) -> None:
    at = join(path, "levels")
    problems.check(len(grade.levels) >= 2, at, gettext_noop("must be at least two"))
    whole.unique(
        [level.key for level in grade.levels],
        [f"{at}[{i}].key" for i in range(len(grade.levels))],
        problems,
    )
    for i, level in enumerate(grade.levels):
        _key(level.key, f"{at}[{i}].key", problems)
        _name(level.label, f"{at}[{i}].label", problems)
        _between(level.score, 0, 100, f"{at}[{i}].score", problems)


def _boolean(grade: card.Boolean, path: str, problems: Problems) -> None:
    _between(grade.when_true, 0, 100, join(path, "when_true"), problems)
    _between(grade.when_false, 0, 100, join(path, "when_false"), problems)


def _points(points: card.Points, path: str, problems: Problems) -> None:
    for name in ("poor", "average", "good"):
        _between(getattr(points, name), 0, 100, join(path, name), problems)


def _rollup(node: card.Group | card.Scorecard, path: str, problems: Problems) -> None:
    fits = node.points is None or node.rollup == "conditions"
    template = gettext_noop("are for `rollup: conditions` alone")
    problems.check(fits, join(path, "points"), template)


def _group(group: card.Group, path: str, problems: Problems) -> None:
    _named(group, path, problems)
    _weight(group.weight, join(path, "weight"), problems)
    _rollup(group, path, problems)


def _band(band: Band, path: str, problems: Problems) -> None:
    _key(band.key, join(path, "key"), problems)
    _name(band.label, join(path, "label"), problems)
    _between(band.min, 0, 100, join(path, "min"), problems)


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
    _name(rule.name, join(path, "name"), problems)
    problems.check(bool(rule.when), join(path, "when"), gettext_noop("must not be empty"))
    wanted, other = ("bands", "value") if rule.effect == "shift" else ("value", "bands")
    template = gettext_noop("is required for the effect %(effect)s")
    given = getattr(rule, wanted) is not None
    problems.check(given, join(path, wanted), template, effect=rule.effect)
    template = gettext_noop("means nothing for the effect %(effect)s")
    given = getattr(rule, other) is not None
    problems.check(not given, join(path, other), template, effect=rule.effect)
    _between(rule.value, 0, 100, join(path, "value"), problems)
    _between(rule.bands, -11, 11, join(path, "bands"), problems)


def _card(scorecard: card.Scorecard, path: str, problems: Problems) -> None:
    _named(scorecard, path, problems)
    _rollup(scorecard, path, problems)
    _between(scorecard.rank, 0, 1_000_000, "rank", problems)
    _between(scorecard.min_coverage, 0, 100, "min_coverage", problems)
    _between(scorecard.trend_days, 1, LONGEST_WINDOW, "trend_days", problems)
    _between(scorecard.confirm, 1, 90, "confirm", problems)


CHECKS: Mapping[type, Check] = {
    card.Metric: _metric,
    card.Usage: _usage,
    card.Attribute: _attribute,
    card.Growth: _growth,
    card.OtherScorecard: _other,
    card.Linear: _linear,
    card.Steps: _steps,
    card.Level: _level,
    card.Boolean: _boolean,
    card.Points: _points,
    card.Group: _group,
    Band: _band,
    card.Condition: _condition,
    card.ExceptionRule: _exception,
    card.Scorecard: _card,
}
