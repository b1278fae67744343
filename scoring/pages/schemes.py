"""Grading schemes as the settings show them: each band with the whole scores that it covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from scoring import bands
from scoring.engine.schemes import SHIPPED, Band
from scoring.forms.choices import Choices
from scoring.forms.rows import Rows
from scoring.models import Scheme, Scorecard
from scoring.services.schemes import users_by_scheme

SHIPPED_NAMES = {
    "numeric": gettext_lazy("Number from 0 to 100"),
    "letter": gettext_lazy("Letters A–F"),
    "ryg": gettext_lazy("Red, yellow, green"),
}
SCORES = 101
"""Whole scores, 0 and 100 among them."""
LETTER_WIDTH = 1.6


@dataclass(frozen=True)
class BandRange:
    """A band with the whole scores that it covers."""

    look: bands.BandLook
    first: int
    last: int

    @property
    def left(self) -> str:
        """Where it begins on the scale, in percent; always with a point."""
        return f"{100 * self.first / SCORES:.2f}"

    @property
    def width(self) -> str:
        return f"{100 * (self.last - self.first + 1) / SCORES:.2f}"

    @property
    def center(self) -> str:
        return f"{50 * (self.first + self.last + 1) / SCORES:.2f}"

    @property
    def fits(self) -> bool:
        """Its label, above its part of the scale."""
        return self.last - self.first + 1 >= LETTER_WIDTH * (len(str(self.look.label)) + 1)


@dataclass(frozen=True)
class SchemeCard:
    key: str
    name: str | Promise
    ranges: list[BandRange]
    users: list[Scorecard]


def ranges(found: Sequence[Band]) -> list[BandRange]:
    """The best first, as people read them."""
    looks = bands.look(found)
    ends = [b.minimum - 1 for _a, b in pairwise(looks)] + [100]
    return [BandRange(look, look.minimum, end) for look, end in zip(looks, ends, strict=True)][::-1]


def bands_of(scheme: Scheme) -> tuple[Band, ...]:
    return msgspec.convert(scheme.bands, tuple[Band, ...])


def scheme_choices() -> Choices:
    own: Choices = list(Scheme.objects.order_by("name").values_list("key", "name"))
    return [*SHIPPED_NAMES.items(), *own]


def scheme_names() -> dict[str, str | Promise]:
    return dict(scheme_choices())


def shipped_schemes() -> list[SchemeCard]:
    users = users_by_scheme()
    return [
        SchemeCard(key, SHIPPED_NAMES[key], ranges(found), users.get(key, []))
        for key, found in SHIPPED.items()
    ]


def own_schemes() -> list[SchemeCard]:
    users = users_by_scheme()
    return [
        SchemeCard(scheme.key, scheme.name, ranges(bands_of(scheme)), users.get(scheme.key, []))
        for scheme in Scheme.objects.order_by("name")
    ]


def drawn(rows: Rows) -> list[BandRange]:
    """What was typed, drawn as far as it makes bands."""
    try:
        found = [
            Band(
                key=row["key"].value or str(row.number),
                label=row["label"].value or "–",
                min=int(row["min"].value),
                color=row["color"].value or None,
                shape=row["shape"].value or None,
            )
            for row in rows.filled
        ]
    except ValueError:
        return []
    found.sort(key=lambda band: band.min)
    minima = [band.min for band in found]
    sound = len(found) >= 2 and minima[0] == 0 and minima[-1] <= 100
    return ranges(found) if sound and len(set(minima)) == len(minima) else []
