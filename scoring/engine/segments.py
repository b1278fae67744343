"""A segment as a document: the accounts for which all of its conditions hold."""

from collections.abc import Mapping
from typing import Any

import msgspec

from scoring.engine.attributes import check_condition, check_conditions
from scoring.engine.card import AttributeCondition, Node
from scoring.engine.fields import check_key, check_name
from scoring.engine.problems import Problems
from scoring.engine.structure import Builder, Check, plain


class Segment(Node, frozen=True, kw_only=True):
    key: str
    name: str
    conditions: tuple[AttributeCondition, ...]


def parse_segment(raw: object) -> Segment:
    """Raises DocumentError with every problem found."""
    problems = Problems()
    segment = Builder(problems, CHECKS).build(raw, Segment, "")
    problems.raise_if_any()
    assert isinstance(segment, Segment)  # noqa: S101
    return segment


def export_segment(segment: Segment) -> dict[str, Any]:
    out: dict[str, Any] = plain(segment)
    return out


def _segment(segment: Segment, path: str, problems: Problems) -> None:
    check_key(segment.key, "key", problems)
    check_name(segment.name, "name", problems)
    check_conditions(segment.conditions, "conditions", problems)


CHECKS: Mapping[type[msgspec.Struct], Check] = {
    Segment: _segment,
    AttributeCondition: check_condition,
}
