"""Scorecards that are metrics of each other: a circle is refused with its path."""

from collections.abc import Mapping

from scoring.engine.card import OtherScorecard, Scorecard, metrics_of


def cycle(cards: Mapping[str, Scorecard]) -> tuple[str, ...] | None:
    """The keys around one circle, the first again at the end; None where there is none."""
    done: set[str] = set()
    for key in cards:
        found = _follow(key, cards, (), done)
        if found is not None:
            return found
    return None


def _follow(
    key: str, cards: Mapping[str, Scorecard], path: tuple[str, ...], done: set[str]
) -> tuple[str, ...] | None:
    if key in path:
        return (*path[path.index(key) :], key)
    if key in done or key not in cards:
        return None
    done.add(key)
    for _, metric in metrics_of(cards[key].groups):
        if isinstance(metric.source, OtherScorecard):
            found = _follow(metric.source.scorecard, cards, (*path, key), done)
            if found is not None:
                return found
    return None
