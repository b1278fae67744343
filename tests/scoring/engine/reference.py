"""The scoring contract in plain Python: one account at a time, fractions all the way. Shares no code with the engine."""

from fractions import Fraction
from typing import Any

Score = Fraction | None


def half_up(value: Fraction) -> int:
    sign = -1 if value < 0 else 1
    return sign * int((abs(value) * 2 + 1) / 2)


def fixed(number: Any) -> int:
    return half_up(Fraction(str(number)) * 10_000)


def linear(value: int, worst: Any, best: Any) -> int:
    low, high = Fraction(str(worst)), Fraction(str(best))
    part = (Fraction(value, 10_000) - low) / (high - low)
    return half_up(min(max(part, Fraction(0)), Fraction(1)) * 1_000_000)


def steps(value: int, rungs: list[dict[str, Any]]) -> int:
    score = rungs[0]["score"]
    for rung in rungs:
        if value >= fixed(rung["min"]):
            score = rung["score"]
    return fixed(score)


def grade(value: int, how: dict[str, Any]) -> int:
    if how["type"] == "linear":
        return linear(value, how["worst"], how["best"])
    if how["type"] == "steps":
        return steps(value, how["steps"])
    if how["type"] == "level":
        return fixed(how["levels"][value]["score"])
    if how["type"] == "boolean":
        return 1_000_000 if value else 0
    return min(max(value, 0), 1_000_000)


def counted(own: int, status: int, metric: dict[str, Any]) -> int | None:
    """What a metric says to the roll-up, None for nothing; without keep and fade."""
    if status == 0:
        return own
    name = {1: "missing", 2: "error", 3: "expired"}.get(status)
    policy = metric.get(name, "exclude") if name else "exclude"
    return {"exclude": None, "zero": 0, "neutral": 500_000, "keep": own}[policy]


def _band(score: Fraction, minima: list[int]) -> int:
    whole = half_up(Fraction(half_up(score), 10_000))
    return sum(whole >= least for least in minima) - 1


def combine(
    node: dict[str, Any], inputs: list[tuple[Fraction, Fraction]], minima: list[int]
) -> Score:
    used = [(weight, value) for weight, value in inputs if weight]
    if not used:
        return None
    values = [value for _, value in used]
    rollup = node.get("rollup", "weighted_mean")
    if rollup == "minimum":
        return min(values)
    if rollup == "maximum":
        return max(values)
    if rollup == "conditions":
        points = {"poor": 0, "average": 60, "good": 100} | node.get("points", {})
        bands = [_band(value, minima) for value in values]
        word = "poor" if 0 in bands else "average"
        if all(band == len(minima) - 1 for band in bands):
            word = "poor" if len(minima) == 1 else "good"
        return Fraction(fixed(points[word]))
    return sum((w * v for w, v in used), Fraction(0)) / sum((w for w, _ in used), Fraction(0))


def roll_up(node: dict[str, Any], scores: dict[str, int | None], minima: list[int]) -> Score:
    """`scores` by metric key; None for what does not count."""
    inputs: list[tuple[Fraction, Fraction]] = []
    for metric in node.get("metrics", []):
        score = scores[metric["key"]]
        if score is not None:
            inputs.append((Fraction(str(metric["weight"])), Fraction(score)))
    for group in node.get("groups", []):
        value = roll_up(group, scores, minima)
        if value is not None:
            inputs.append((Fraction(str(group["weight"])), value))
    return combine(node, inputs, minima)


def metrics_of(node: dict[str, Any]) -> list[dict[str, Any]]:
    below = [metric for group in node.get("groups", []) for metric in metrics_of(group)]
    return [*node.get("metrics", []), *below]


def computed(
    card: dict[str, Any], values: list[int], statuses: list[int], minima: list[int]
) -> int:
    scores: dict[str, int | None] = {}
    for metric, value, status in zip(metrics_of(card), values, statuses, strict=True):
        scores[metric["key"]] = counted(grade(value, metric["grade"]), status, metric)
    total = roll_up(card, scores, minima)
    return -1 if total is None else half_up(total)


def structural(node: dict[str, Any]) -> dict[str, Any]:
    """The same tree as weighted means, as coverage takes it."""
    return node | {
        "rollup": "weighted_mean",
        "groups": [structural(group) for group in node.get("groups", [])],
    }


def coverage(card: dict[str, Any], statuses: list[int]) -> int:
    scores: dict[str, int | None] = {}
    for metric, status in zip(metrics_of(card), statuses, strict=True):
        scores[metric["key"]] = None if status == 4 else 10_000 * (status == 0)
    total = roll_up(structural(card), scores, [0])
    return 0 if total is None else half_up(total)
