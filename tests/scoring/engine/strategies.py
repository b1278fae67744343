"""Random scorecards, portfolios and days for the properties."""

from typing import Any

from hypothesis import strategies as st

WEIGHTS = st.one_of(
    st.integers(0, 20), st.sampled_from([0.1, 0.25, 33.3, 0.333333, 17.5, 1000, 99_999.9])
)
ROLLUPS = st.sampled_from(["weighted_mean"] * 5 + ["minimum", "maximum", "conditions"])
POLICIES = st.sampled_from(["exclude", "exclude", "zero", "neutral"])
LEVELS = [{"key": k, "label": k, "score": s} for k, s in (("low", 0), ("mid", 50), ("top", 100))]
STEPS = [{"min": 0, "score": 10}, {"min": 20, "score": 55.5}, {"min": 70, "score": 100}]
GRADES = st.sampled_from(
    [
        {"type": "linear", "worst": 7, "best": 30},
        {"type": "linear", "worst": 93.3, "best": 0.5},
        {"type": "steps", "steps": STEPS},
        {"type": "ratio"},
    ]
)
VALUES = st.one_of(st.integers(0, 100).map(lambda v: v * 10_000), st.integers(0, 1_000_000))
STATUSES = st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4])


def _metric(draw: Any, key: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": key,
        "weight": draw(WEIGHTS),
        "source": {"type": "usage", "measure": "logins"},
        "grade": draw(GRADES),
        "missing": draw(POLICIES),
        "error": draw(POLICIES),
    }


def _group(draw: Any, key: str, depth: int) -> dict[str, Any]:
    count = draw(st.integers(0, 4))
    below = draw(st.integers(0, 2)) if depth < 2 else 0
    return {
        "key": key,
        "name": key,
        "weight": draw(WEIGHTS),
        "rollup": draw(ROLLUPS),
        "metrics": [_metric(draw, f"{key}_m{i}") for i in range(count)],
        "groups": [_group(draw, f"{key}_g{i}", depth + 1) for i in range(below)],
    }


@st.composite
def cards(draw: Any, rollups: bool = True) -> dict[str, Any]:
    groups = [_group(draw, f"g{i}", 0) for i in range(draw(st.integers(1, 4)))]
    card = {"key": "card", "name": "Card", "rollup": draw(ROLLUPS), "groups": groups}
    return card if rollups else means(card)


def means(node: dict[str, Any]) -> dict[str, Any]:
    return node | {"rollup": "weighted_mean", "groups": [means(g) for g in node["groups"]]}


def rows(metrics: int, count: int) -> st.SearchStrategy[list[tuple[list[int], list[int]]]]:
    """(values, statuses) of some accounts."""
    values = st.lists(VALUES, min_size=metrics, max_size=metrics)
    statuses = st.lists(STATUSES, min_size=metrics, max_size=metrics)
    return st.lists(st.tuples(values, statuses), min_size=1, max_size=count)
