"""Scores and their charts as HTML, for the tags and for rows that are prepared as a whole.

They stand on a page by the hundred, and a template for each would cost more than all the rest.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, Literal

from django.utils import formats
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.templatetags.ui import DASH, MINUS
from scoring import charts
from scoring.bands import UNKNOWN, BandLook
from scoring.engine.fixed import SCALE, divide_half_up, shown

KEPT = 8192

Fixed = int | Literal[""] | None
"""A number of ten-thousandths; the empty text is what a template makes of a name that is not there."""


def joined(parts: Iterable[str]) -> SafeString:
    """Parts that are HTML already."""
    return mark_safe("".join(parts))  # noqa: S308


def safe(text: Any) -> str:
    """As conditional_escape, at once for what is plain text."""
    return escape(text) if type(text) is str else conditional_escape(text)


def known(fixed: Fixed) -> int | None:
    return None if fixed is None or fixed == "" else int(fixed)


def rounded(fixed: int, places: int) -> Decimal:
    return Decimal(divide_half_up(fixed, SCALE // 10**places)).scaleb(-places)


def points(fixed: Fixed, places: int = 1, *, language: str | None = None) -> str:
    """82000 → "8.2"; None → "–"; `language` is the active one where it is at hand."""
    number = known(fixed)
    if number is None:
        return DASH
    return _text(get_language() or "" if language is None else language, number, places)


@lru_cache(maxsize=KEPT)
def _text(language: str, fixed: int, places: int) -> str:
    value = rounded(fixed, places)
    text = formats.number_format(abs(value), decimal_pos=places)
    return f"{MINUS}{text}" if value < 0 else text


def signed(fixed: Fixed, places: int = 1) -> str:
    """−71000 → "−7.1", 10000 → "+1.0"; what rounds to zero has no sign."""
    number = known(fixed)
    if number is None:
        return DASH
    plus = "+" if direction(number, places) == "up" else ""
    return plus + points(number, places)


def direction(fixed: Fixed, places: int = 1) -> str:
    """The class of a change as it is shown: up, down, same."""
    number = known(fixed)
    value = 0 if number is None else divide_half_up(number, SCALE // 10**places)
    return "same" if not value else "up" if value > 0 else "down"


def change(fixed: Fixed, places: int = 1) -> SafeString:
    """A change within a sentence: its sign and colour."""
    css = direction(fixed, places)
    return joined((f'<span class="{css} num">', signed(fixed, places), "</span>"))


def use(shape: str) -> str:
    return f'<svg class="shape" aria-hidden="true"><use href="#s-{shape}"/></svg>'


def pill(text: str, tone: str = "", shape: str = "") -> str:
    """As components/pill.html."""
    css = f"pill tone-{tone}" if tone else "pill"
    return f'<span class="{css}">{use(shape) if shape else ""}{conditional_escape(text)}</span>'


def band(
    look: BandLook | None, fixed: Fixed = None, *, word: bool = True, provisional: bool = False
) -> SafeString:
    """Shape, then the letter or number, then the word; `word=False` keeps the word for listeners."""
    look, number = look or UNKNOWN, known(fixed)
    whole = None if number is None else shown(number)
    show_word = word or (whole is None and look is not UNKNOWN)
    kind = (look.shape, look.tone, look.letter)
    return _band(get_language() or "", str(look.label), *kind, whole, show_word, provisional)


@lru_cache(maxsize=KEPT)
def _band(
    language: str,
    label: str,
    shape: str,
    tone: str,
    letter: bool,
    whole: int | None,
    show_word: bool,
    provisional: bool,
) -> SafeString:
    figure = label if letter else "" if whole is None else points(whole * SCALE, 0)
    word = "" if letter else label
    return format_html(
        '<span class="band tone-{}{}"{}>{}{}{}</span>',
        tone,
        " provisional" if provisional else "",
        format_html(' title="{}"', word) if word and not show_word else "",
        joined([use(shape)]),
        format_html("<span>{}</span>", figure) if figure else "",
        format_html(' <span class="{}">{}</span>', "word" if show_word else "vh", word)
        if word
        else "",
    )


def delta(fixed: Fixed, days: int | None = None, *, places: int = 0) -> SafeString:
    """A change of a score: arrow, sign, number, and over how many days."""
    number = known(fixed)
    if number is not None:
        number = int(divide_half_up(number, SCALE // 10**places)) * (SCALE // 10**places)
    return _delta(get_language() or "", number, days, places)


@lru_cache(maxsize=KEPT)
def _delta(language: str, number: int | None, days: int | None, places: int) -> SafeString:
    css = direction(number, places)
    arrow = {"up": use("triangle"), "down": use("triangle-down"), "same": ""}[css]
    span = ""
    if days and number is not None:
        text = ngettext("in %(days)s day", "in %(days)s days", days)
        span = format_html(' <span class="muted">{}</span>', text % {"days": days})
    return format_html(
        '<span class="delta {}">{}<span>{}</span>{}</span>',
        css,
        joined([arrow]),
        signed(number, places),
        span,
    )


def sparkline(
    values: Iterable[int | None],
    *,
    tone: str = "accent",
    label: str = "",
    width: int = 96,
    height: int = 24,
    span: int = charts.SCORE_SPAN,
) -> SafeString:
    """Values in time order, None for a gap. `span`: the least range of the axis (fixed-point)."""
    line = charts.sparkline(list(values), width=width, height=height, span=span)
    return drawn(line, tone=tone, label=label)


def drawn(spark: charts.Sparkline, *, tone: str, label: str = "") -> SafeString:
    parts = [f'<polyline points="{line}"/>' for line in spark.lines]
    parts += [f'<circle cx="{point.x}" cy="{point.y}" r="1.5"/>' for point in spark.lone]
    if spark.end is not None:
        parts.append(f'<circle cx="{spark.end.x}" cy="{spark.end.y}" r="2.3"/>')
    width, height = spark.width, spark.height
    return joined(
        (
            f'<svg class="spark tone-{conditional_escape(tone)}" viewBox="0 0 {width} {height}"',
            f' width="{width}" height="{height}" role="img"',
            f' aria-label="{conditional_escape(label or spoken(spark))}">',
            *parts,
            "</svg>",
        )
    )


def spoken(spark: charts.Sparkline) -> str:
    return _spoken(get_language() or "", spark.first, spark.last)


@lru_cache(maxsize=KEPT)
def _spoken(language: str, first: int | None, last: int | None) -> str:
    if first is None:
        return _("no values")
    ends = {"first": points(first, 0), "last": points(last, 0)}
    return _("%(first)s to %(last)s") % ends


def earned(got: Fixed, of: Fixed, longest: Fixed = None, *, tone: str = "accent") -> SafeString:
    """Points earned of those at stake; with the table's largest `of` as `longest`, length is weight."""
    had, at_stake = known(got), known(of) or 0
    return _earned(get_language() or "", had, at_stake, known(longest) or at_stake, tone)


@lru_cache(maxsize=KEPT)
def _earned(language: str, had: int | None, at_stake: int, longest: int, tone: str) -> SafeString:
    bar = charts.earned_bar(had or 0, at_stake, longest)
    if had is None or at_stake <= 0:
        return format_html(
            '<svg class="earned tone-{}" height="8" role="img" aria-label="{}"><rect class="unknown" '
            'x="1" y="1" width="24" height="6" rx="3"/></svg>',
            tone,
            _("not counted"),
        )
    words = {"got": points(had), "missed": points(at_stake - had)}
    text = _("%(got)s earned, %(missed)s missed") % words
    return format_html(
        '<svg class="earned tone-{0}" height="8" role="img" aria-label="{1}"><title>{1}</title>'
        '<rect class="missed" width="{2}%" height="8" rx="4"/>'
        '<rect class="got" width="{3}%" height="8" rx="4"/></svg>',
        tone,
        text,
        str(bar.total),
        str(bar.got),
    )
