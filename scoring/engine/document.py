"""A scorecard document: configuration as code, the engine's input and the export format in one."""

from collections.abc import Collection, Iterator
from typing import Any

from scoring.engine import checks
from scoring.engine.card import Group, Metric, Scorecard
from scoring.engine.problems import DocumentError, Problem, Problems
from scoring.engine.structure import FAILED, Builder, plain

__all__ = ["DocumentError", "Problem", "export", "metrics_of", "parse"]


def parse(raw: object, schemes: Collection[str] = ()) -> Scorecard:
    """Raises DocumentError with every problem found. `schemes` are the custom ones of the workspace."""
    problems = Problems()
    card = Builder(problems, checks.CHECKS).build(raw, Scorecard, "")
    if card is not FAILED:
        checks.check_whole(card, schemes, problems)
    problems.raise_if_any()
    assert isinstance(card, Scorecard)  # noqa: S101
    return card


def export(card: Scorecard) -> dict[str, Any]:
    """Plain data in canonical order, defaults left out: parse(export(card)) == card."""
    out = plain(card)
    assert isinstance(out, dict)  # noqa: S101
    return out


def metrics_of(groups: tuple[Group, ...], path: str = "groups") -> Iterator[tuple[str, Metric]]:
    """(path, metric) of every metric, depth first: the order of all arrays."""
    for i, group in enumerate(groups):
        at = f"{path}[{i}]"
        for j, metric in enumerate(group.metrics):
            yield f"{at}.metrics[{j}]", metric
        yield from metrics_of(group.groups, f"{at}.groups")
