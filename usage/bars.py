"""The geometry of stacked bars: counts in, numbers for SVG attributes out."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 2.0


@dataclass(frozen=True, slots=True)
class Piece:
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """`x` and `width` in percent, the pieces in pixels from the bottom up."""

    x: float
    width: float
    pieces: tuple[Piece | None, ...]


def stacked_bars(rows: Sequence[Sequence[int]], *, height: int, gap: float = 0.22) -> list[Bar]:
    """The highest fills the height; none that is not 0 is too small to be seen."""
    most = max((sum(row) for row in rows), default=0)
    step = 100 / max(len(rows), 1)
    return [
        Bar(
            round(number * step + step * gap / 2, 3),
            round(step * (1 - gap), 3),
            _pieces(row, most, height),
        )
        for number, row in enumerate(rows)
    ]


def _pieces(row: Sequence[int], most: int, height: int) -> tuple[Piece | None, ...]:
    room = height - LEAST * (len(row) - 1)
    bottom = float(height)
    pieces: list[Piece | None] = []
    for count in row:
        if not count:
            pieces.append(None)
            continue
        size = max(LEAST, count / most * room)
        bottom -= size
        pieces.append(Piece(round(bottom, 1), round(size, 1)))
    return tuple(pieces)
