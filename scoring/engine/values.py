"""A metric's value as an integer of the arrays, and back as what a person wrote or reads."""

from scoring.engine import card
from scoring.engine.checks import grade_of
from scoring.engine.fixed import LARGEST, SCALE, Int64, Number, to_decimal_string, to_fixed


def encode(metric: card.Metric, raw: bool | Number) -> int:
    """A level is its position, a boolean 0 or 1.0000, a number its ten-thousandths.

    Raises ValueError, with a message for people, for what the metric does not take.
    """
    grade = grade_of(metric)
    if isinstance(grade, card.Level):
        return _level(grade, raw)
    if isinstance(raw, bool):
        if isinstance(grade, card.Boolean):
            return SCALE * raw
        raise ValueError("must be a number")
    if isinstance(metric.source, card.Manual | card.Milestone):
        return _given(grade, raw)
    return to_fixed(raw)


def _level(grade: card.Level, raw: bool | Number) -> int:
    keys = [level.key for level in grade.levels]
    if raw not in keys:
        raise ValueError(f"must be one of: {', '.join(keys)}")
    return keys.index(str(raw))


def _given(grade: card.Grade, raw: Number) -> int:
    if isinstance(grade, card.Boolean):
        raise ValueError("must be true or false")  # noqa: TRY004
    if isinstance(raw, str) or not 0 <= raw <= 100:
        raise ValueError("must be a number between 0 and 100")
    return to_fixed(raw)


def decode(metric: card.Metric, value: int) -> bool | str | None:
    """A level's key, a boolean, or a decimal string; None for a growth from nothing, which is no number."""
    grade = grade_of(metric)
    if isinstance(grade, card.Level):
        return grade.levels[min(max(value, 0), len(grade.levels) - 1)].key
    if isinstance(grade, card.Boolean):
        return value != 0
    return None if value >= LARGEST else to_decimal_string(value)


def comparable(metric: card.Metric, values: Int64) -> Int64:
    """Values as ten-thousandths that can be counted with: a level is its place, the first being 1."""
    return (values + 1) * SCALE if isinstance(grade_of(metric), card.Level) else values
