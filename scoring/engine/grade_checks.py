"""Ranges and order within a grade: limits, steps without overlaps, levels.

Limits and minima are compared as the grade uses them, with four places.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from scoring.engine import card
from scoring.engine.fields import check_between, check_key, check_name
from scoring.engine.fixed import to_fixed
from scoring.engine.problems import Problems, gettext_noop, join
from scoring.engine.structure import Check
from scoring.engine.whole import unique


def _linear(grade: card.Linear, path: str, problems: Problems) -> None:
    _limits(grade, path, problems)
    for i, case in enumerate(grade.cases):
        _limits(case, join(path, f"cases[{i}]"), problems)
    _cases(grade, path, problems)


def _limits(grade: card.Linear | card.LinearCase, path: str, problems: Problems) -> None:
    template = gettext_noop("must differ from worst")
    differ = to_fixed(grade.worst) != to_fixed(grade.best)
    problems.check(differ, join(path, "best"), template)


def _steps(grade: card.Steps, path: str, problems: Problems) -> None:
    _rising(grade.steps, join(path, "steps"), problems)
    for i, case in enumerate(grade.cases):
        _rising(case.steps, join(path, f"cases[{i}].steps"), problems)
    _cases(grade, path, problems)


def _rising(steps: Sequence[card.Step], path: str, problems: Problems) -> None:
    problems.check(bool(steps), path, gettext_noop("must have at least one step"))
    for i, step in enumerate(steps):
        check_between(step.score, 0, 100, f"{path}[{i}].score", problems)
        if i and to_fixed(step.min) == to_fixed(steps[i - 1].min):
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
    if grade.by == "stage":
        named = [
            (stage, f"cases[{i}].stage") for i, case in enumerate(cases) for stage in case.stage
        ]
        unique([stage for stage, _ in named], [join(path, at) for _, at in named], problems)
    if grade.by == "age_months":
        minima = [case.min or 0 for case in cases]
        rising = all(a < b for a, b in pairwise(minima))
        problems.check(rising, join(path, "cases"), gettext_noop("must rise by their minimum"))


def _level(grade: card.Level, path: str, problems: Problems) -> None:
    at = join(path, "levels")
    problems.check(len(grade.levels) >= 2, at, gettext_noop("must be at least two"))
    unique(
        [level.key for level in grade.levels],
        [f"{at}[{i}].key" for i in range(len(grade.levels))],
        problems,
    )
    for i, level in enumerate(grade.levels):
        check_key(level.key, f"{at}[{i}].key", problems)
        check_name(level.label, f"{at}[{i}].label", problems)
        check_between(level.score, 0, 100, f"{at}[{i}].score", problems)


def _boolean(grade: card.Boolean, path: str, problems: Problems) -> None:
    check_between(grade.when_true, 0, 100, join(path, "when_true"), problems)
    check_between(grade.when_false, 0, 100, join(path, "when_false"), problems)


CHECKS: Mapping[type, Check] = {
    card.Linear: _linear,
    card.Steps: _steps,
    card.Level: _level,
    card.Boolean: _boolean,
}
