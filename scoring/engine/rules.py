"""Rules: what is worth an alert, over arrays of scores and bands of two days."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np

from scoring.engine.card import AppliesTo, Node
from scoring.engine.fields import check_between, check_key, check_name
from scoring.engine.fixed import NONE, Bools, Int8, Int32, to_fixed
from scoring.engine.problems import Problems, gettext_noop, join
from scoring.engine.structure import FAILED, Builder, Check, plain

PLANNED = ("metric_band", "expired", "attribute", "usage", "renewal", "inactive")
LONGEST_LOOKBACK = 400
NOT_YET = gettext_noop("is not available yet")


class ScoreChange(Node, frozen=True, kw_only=True, tag_field="type", tag="score_change"):
    direction: Literal["drop", "rise", "any"] = "drop"
    points: int | float
    days: int


class BandChange(Node, frozen=True, kw_only=True, tag_field="type", tag="band_change"):
    """Against the day before; `from_bands` and `to_bands` narrow it to some."""

    direction: Literal["worse", "better", "any"] = "worse"
    from_bands: tuple[str, ...] = ()
    to_bands: tuple[str, ...] = ()


class Action(Node, frozen=True, kw_only=True):
    type: str


class Rule(Node, frozen=True, kw_only=True):
    key: str
    name: str
    scorecard: str | None = None
    when: ScoreChange | BandChange
    severity: Literal["risk", "opportunity", "info"] = "risk"
    scope: AppliesTo | None = None
    cooldown_days: int = 7
    actions: tuple[Action, ...] = ()


def parse_rule(raw: object) -> Rule:
    """Raises DocumentError with every problem found."""
    problems = Problems()
    _refuse_planned(raw, problems)
    rule = Builder(problems, CHECKS).build(raw, Rule, "")
    problems.raise_if_any()
    assert rule is not FAILED  # noqa: S101
    assert isinstance(rule, Rule)  # noqa: S101
    return rule


def _refuse_planned(raw: object, problems: Problems) -> None:
    """Known types get a clear word of their own instead of a list of others."""
    if not isinstance(raw, Mapping):
        return
    when = raw.get("when")
    if isinstance(when, Mapping) and when.get("type") in PLANNED:
        problems.add("when.type", NOT_YET)
        problems.raise_if_any()
    if raw.get("actions"):
        problems.add("actions", NOT_YET)
        problems.raise_if_any()


def export_rule(rule: Rule) -> dict[str, Any]:
    out: dict[str, Any] = plain(rule)
    return out


def _score_change(when: ScoreChange, path: str, problems: Problems) -> None:
    check_between(when.days, 1, LONGEST_LOOKBACK, join(path, "days"), problems)
    template = gettext_noop("must be more than 0 and at most 100")
    problems.check(0.0001 <= when.points <= 100, join(path, "points"), template)


def _rule(rule: Rule, path: str, problems: Problems) -> None:
    check_key(rule.key, "key", problems)
    check_name(rule.name, "name", problems)
    check_between(rule.cooldown_days, 0, 365, "cooldown_days", problems)
    problems.check(rule.scope is None, "scope", NOT_YET)


CHECKS: Mapping[type[msgspec.Struct], Check] = {ScoreChange: _score_change, Rule: _rule}


def lookback_days(rule: Rule) -> int:
    """How many days earlier the scores and bands are that the rule compares with."""
    return rule.when.days if isinstance(rule.when, ScoreChange) else 1


def fires(
    rule: Rule,
    *,
    scores: Int32,
    scores_before: Int32,
    bands: Int8,
    bands_before: Int8,
    keys: Sequence[str],
) -> Bools:
    """Arrays of one shape, of a day and `lookback_days` earlier; `keys` of the bands, lowest first.

    What is unknown on one of the two days fires nothing.
    """
    if isinstance(rule.when, ScoreChange):
        return _score_changed(rule.when, scores, scores_before)
    return _band_changed(rule.when, bands, bands_before, keys)


def _score_changed(when: ScoreChange, scores: Int32, before: Int32) -> Bools:
    change = scores.astype(np.int64) - before
    least = to_fixed(when.points)
    moved = {"drop": -change, "rise": change, "any": np.abs(change)}[when.direction]
    fired: Bools = (scores != NONE) & (before != NONE) & (moved >= least)
    return fired


def _band_changed(when: BandChange, bands: Int8, before: Int8, keys: Sequence[str]) -> Bools:
    moved = {"worse": bands < before, "better": bands > before, "any": bands != before}
    fired: Bools = (bands != NONE) & (before != NONE) & moved[when.direction]
    for wanted, found in ((when.from_bands, before), (when.to_bands, bands)):
        if wanted:
            fired = fired & np.isin(found, [i for i, key in enumerate(keys) if key in wanted])
    return fired
