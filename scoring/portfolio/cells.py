"""What stands in the cells of the list: texts are escaped, what is empty is an empty text."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.money import minor_digits
from accounts.templatetags.ui import day as day_text
from accounts.templatetags.ui import money, number, percent
from scoring import markup as shared
from scoring.engine.fixed import SCALE, divide_half_up, shown
from scoring.portfolio import markup
from scoring.portfolio.pages import Line
from scoring.portfolio.rows import Row

WHOLE = 10_000
LONGEST = 120
"""Characters of an attribute that are shown; the file has all."""


def score(row: Row) -> str:
    if not row.evaluated:
        return f'<span class="muted">{escape(_("not evaluated"))}</span>'
    band = shared.band(row.band, row.line.score, provisional=row.line.provisional)
    note = beside(row.line)
    return f'{band}<span class="sub">{escape(note)}</span>' if note else band


def beside(line: Line) -> str:
    """What must stand beside a score, so that it is not taken for more than it is."""
    if line.coverage == WHOLE and not line.flags:
        return ""
    language = get_language() or ""
    return _beside(language, line.overridden, line.held, line.coverage, line.provisional)


@lru_cache(maxsize=markup.KEPT)
def _beside(
    _language: str, overridden: bool, held: bool, coverage: int | None, provisional: bool
) -> str:
    told = [_("set by hand")] if overridden else []
    told += [_("held: data was lost")] if held else []
    if coverage is not None and coverage < WHOLE:
        share = {"share": percent(coverage)}
        told.append(
            (_("provisional, %(share)s") if provisional else _("%(share)s covered")) % share
        )
    return " · ".join(told)


def notes(line: Line) -> Iterator[str]:
    """The same for the file."""
    if line.provisional:
        yield _("provisional")
    if line.held:
        yield _("band held: data was lost")
    if line.overridden:
        yield _("set by hand")


def change(row: Row) -> str:
    return "" if row.line.change is None else shared.delta(row.line.change)


def weeks(row: Row) -> str:
    return shared.sparkline(row.line.trend, tone=row.band.tone) if row.line.trend else ""


def reason(row: Row) -> str:
    if row.reason:
        return escape(row.reason)
    return f'<span class="muted">{escape(_("no change"))}</span>' if points(row) == 0 else ""


def whole(score: int | None) -> int | None:
    return None if score is None else shown(score)


def points(row: Row) -> int | None:
    change = row.line.change
    return None if change is None else int(divide_half_up(change, SCALE))


def weekly(row: Row) -> str:
    """The scores, oldest first."""
    return " ".join("–" if score is None else str(shown(score)) for score in row.line.trend)


def contract(row: Row) -> str:
    """In whole units; the file has the rest."""
    line = row.line
    if line.contract_value_cents is None:
        return ""
    return _contract(get_language() or "", line.contract_value_cents, line.currency)


@lru_cache(maxsize=markup.KEPT)
def _contract(language: str, minor: int, currency: str) -> str:
    unit = 10 ** minor_digits(currency)
    return escape(money((minor + unit // 2) // unit * unit, currency))


def amount(line: Line) -> Decimal | None:
    if line.contract_value_cents is None:
        return None
    return Decimal(line.contract_value_cents).scaleb(-minor_digits(line.currency))


def renewal(row: Row) -> str:
    day = row.line.renewal_on
    return markup.renewal(day, row.renewal, row.today) if day else ""


def stage(row: Row) -> str:
    return escape(row.line.stage)


def owner(row: Row) -> str:
    return escape(_("Me") if row.mine else row.line.owner or "")


def coverage(row: Row) -> str:
    return "" if row.line.coverage is None else percent(row.line.coverage)


def status(row: Row) -> str:
    return escape(row.line.status)


def tags(row: Row) -> str:
    return "".join(f'<span class="pill">{escape(name)}</span> ' for name in row.line.tags)


def key(row: Row) -> str:
    return escape(row.line.key)


def created(row: Row) -> str:
    return _day(get_language() or "", row.line.created_on) if row.line.created_on else ""


@lru_cache(maxsize=markup.KEPT)
def _day(language: str, day: date) -> str:
    return escape(day_text(day))


def attribute(row: Row, name: str) -> str:
    value = row.attributes.get(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return escape(_("yes") if value else _("no"))
    if isinstance(value, int | float):
        places = 0 if float(value).is_integer() else 2
        return f'<span class="num">{escape(number(value, places))}</span>'
    text = plain(value)
    if len(text) > LONGEST:
        return f'<span title="{escape(text)}">{escape(text[: LONGEST - 1])}…</span>'
    return escape(text)


def plain(value: Any) -> Any:
    """An attribute as a file has it."""
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value) if isinstance(value, dict) else value


def metric(row: Row, key: str) -> str:
    found = row.metrics.get(key)
    if found is None:
        return f'<span class="muted">–<span class="vh"> {escape(_("does not count"))}</span></span>'
    return shared.band(found.band, found.score, provisional=False, word=False)
