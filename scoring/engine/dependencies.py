"""Scorecards that are metrics of each other: who needs whom, in which order, and no circles."""

from collections.abc import Collection, Mapping

from scoring.engine.card import OtherScorecard, Scorecard, metrics_of

Uses = Mapping[str, Collection[str]]
"""The key of each scorecard → the keys of those whose scores it needs."""


def uses(card: Scorecard) -> dict[str, str]:
    """The path of each metric that is another scorecard's score → that one's key."""
    return {
        path: metric.source.scorecard
        for path, metric in metrics_of(card.groups)
        if isinstance(metric.source, OtherScorecard)
    }


def needed(card: Scorecard) -> list[str]:
    """The keys of the scorecards whose scores it needs, each once."""
    return list(dict.fromkeys(uses(card).values()))


def in_order(needs: Uses) -> list[str]:
    """Every key after those that it needs, as far as there is such an order."""
    ordered: dict[str, None] = {}
    seen: set[str] = set()

    def visit(key: str) -> None:
        if key in seen or key not in needs:
            return
        seen.add(key)
        for other in needs[key]:
            visit(other)
        ordered[key] = None

    for key in needs:
        visit(key)
    return list(ordered)


def circle(key: str, other: str, needs: Uses) -> tuple[str, ...] | None:
    """The way from a scorecard through one that it needs back to itself; None where there is none."""
    rest = _way(other, key, needs, set())
    return None if rest is None else (key, *rest)


def _way(start: str, goal: str, needs: Uses, seen: set[str]) -> tuple[str, ...] | None:
    if start == goal:
        return (goal,)
    if start in seen:
        return None
    seen.add(start)
    for other in needs.get(start, ()):
        rest = _way(other, goal, needs, seen)
        if rest is not None:
            return (start, *rest)
    return None
