"""A scorecard document: configuration as code, the engine's input and the export format in one."""

from collections.abc import Collection
from typing import Any

from scoring.engine import checks
from scoring.engine.card import Scorecard, metrics_of
from scoring.engine.problems import DocumentError, Problem, Problems
from scoring.engine.structure import FAILED, Builder, plain
from scoring.engine.whole import check_whole

__all__ = ["DocumentError", "Problem", "export", "metrics_of", "parse"]


def parse(raw: object, schemes: Collection[str] = ()) -> Scorecard:
    """Raises DocumentError with every problem found. `schemes` are the custom ones of the workspace."""
    problems = Problems()
    card = Builder(problems, checks.CHECKS).build(raw, Scorecard, "")
    if card is not FAILED:
        check_whole(card, schemes, problems)
    problems.raise_if_any()
    assert isinstance(card, Scorecard)  # noqa: S101
    return card


def export(card: Scorecard) -> dict[str, Any]:
    """Plain data in canonical order, defaults left out: parse(export(card)) == card."""
    out = plain(card)
    assert isinstance(out, dict)  # noqa: S101
    return out
