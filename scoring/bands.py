"""How a band looks: a shape and a tone, so that no band is told by its colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TONES = ("bad", "bad-2", "warn", "good-2", "good")
SHAPES = (
    "square",
    "triangle-down",
    "cross",
    "bar",
    "diamond",
    "hourglass",
    "half",
    "triangle",
    "plus",
    "star",
    "square-ring",
    "circle",
)
"""Every shape, from what marks the lowest of twelve bands to the highest; `ring` is kept for unknown."""

_COLOURS = {
    "red": "bad",
    "orange": "bad-2",
    "amber": "warn",
    "yellow": "warn",
    "lime": "good-2",
    "green": "good",
    "gray": "none",
    "grey": "none",
    "blue": "accent",
}
_SHAPES_OF = {
    2: (0, 11),
    3: (0, 4, 11),
    4: (0, 1, 4, 11),
    5: (0, 1, 4, 7, 11),
    6: (0, 1, 4, 7, 9, 11),
}


class EngineBand(Protocol):
    """What is needed of the engine's band."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def min(self) -> int: ...
    @property
    def color(self) -> str | None: ...
    @property
    def shape(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class BandLook:
    """`minimum` is inclusive, in shown integers."""

    key: str
    label: str | Promise
    shape: str
    tone: str
    minimum: int = 0

    @property
    def letter(self) -> bool:
        """A label of one or two characters stands in the number's place."""
        return len(str(self.label)) <= 2


UNKNOWN = BandLook("unknown", _("Unknown"), "ring", "none")


def default_tone(index: int, count: int) -> str:
    """The tone of a band by its place, lowest first."""
    return TONES[(2 * index * (len(TONES) - 1) + count - 1) // (2 * (count - 1))]


def default_shape(index: int, count: int) -> str:
    places = _SHAPES_OF.get(count)
    if places:
        return SHAPES[places[index]]
    return SHAPES[index if index < count - 1 else -1]


def look(bands: Sequence[EngineBand]) -> tuple[BandLook, ...]:
    """The bands of a scheme, lowest first, each with its shape and tone."""
    return tuple(
        BandLook(
            key=band.key,
            label=_(band.label),
            shape=band.shape if band.shape in SHAPES else default_shape(index, len(bands)),
            tone=_COLOURS.get(band.color or "", "") or default_tone(index, len(bands)),
            minimum=band.min,
        )
        for index, band in enumerate(bands)
    )


def at(looks: Sequence[BandLook], index: int) -> BandLook:
    """The band of a stored index; −1 is unknown."""
    return looks[index] if 0 <= index < len(looks) else UNKNOWN
