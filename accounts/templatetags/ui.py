"""What every page needs to show: money, days, numbers, icons, messages, sorting."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.http import QueryDict
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts import markdown as markdown_text
from accounts.money import minor_digits, to_units

register = template.Library()

DASH = "–"
MINUS = "\N{MINUS SIGN}"
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "KRW": "₩"}


def _with_currency(amount: str, currency: str) -> str:
    symbol = _SYMBOLS.get(currency)
    if symbol is None:
        return f"{currency}\N{NO-BREAK SPACE}{amount}".strip()
    # Translators: where the currency's symbol stands, "$84,000" or "84.000 $".
    return pgettext("money", "%(symbol)s%(amount)s") % {"symbol": symbol, "amount": amount}


def _signed(text: str, negative: bool) -> str:
    return f"{MINUS}{text}" if negative else text


@register.filter
def money(minor: int | None, currency: str = "") -> str:
    """Minor units as money: 8400000, "USD" → "$84,000"; the fraction only where there is one."""
    if minor is None:
        return DASH
    digits = minor_digits(currency)
    amount = Decimal(abs(minor)).scaleb(-digits)
    places = 0 if amount == amount.to_integral_value() else digits
    text = formats.number_format(amount, decimal_pos=places)
    return _signed(_with_currency(text, currency), minor < 0)


@register.filter
def money_short(minor: int | None, currency: str = "") -> str:
    """Money for a headline: "$1.1 M", "$640 k"."""
    if minor is None:
        return DASH
    amount = to_units(abs(minor), currency)
    return _signed(_with_currency(_shortened(amount), currency), minor < 0)


def _shortened(amount: Decimal) -> str:
    for least, unit, pattern in (
        (Decimal(999_500_000), 9, pgettext("short number", "%s B")),
        (Decimal(999_500), 6, pgettext("short number", "%s M")),
        (Decimal(9_950), 3, pgettext("short number", "%s k")),
    ):
        if amount >= least:
            value = amount.scaleb(-unit)
            places = 1 if value < 100 and unit > 3 else 0
            exact = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
            places = 0 if exact == exact.to_integral_value() else places
            return pattern.replace(" ", "\N{NARROW NO-BREAK SPACE}") % formats.number_format(
                exact, decimal_pos=places
            )
    return formats.number_format(amount.quantize(Decimal(1), ROUND_HALF_UP), decimal_pos=0)


@register.filter
def number(value: float | Decimal | None, places: int = 0) -> str:
    """A localized number with a typographic minus."""
    if value is None:
        return DASH
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return _signed(formats.number_format(abs(exact), decimal_pos=places), exact < 0)


@register.filter
def percent(share: int | None) -> str:
    """Ten-thousandths of 1 as a percentage: 9400 → "94 %"."""
    if share is None:
        return DASH
    whole = formats.number_format((share + 50) // 100)
    return pgettext("percentage", "%s %%").replace(" ", "\N{NARROW NO-BREAK SPACE}") % whole


@register.filter
def day(value: date | datetime | None, as_of: date | None = None) -> str:
    """ "18 Nov 2025"; without the year where it is the year of `as_of`."""
    if value is None:
        return DASH
    short = as_of is not None and value.year == as_of.year
    on = value.date() if isinstance(value, datetime) else value
    return _day_text(get_language() or "", on, short)


@lru_cache(maxsize=8192)
def _day_text(language: str, on: date, short: bool) -> str:
    if short:
        # Translators: a day without its year, in Django's date format.
        return formats.date_format(on, pgettext("date format", "j M"))
    # Translators: a day with its year, in Django's date format.
    return formats.date_format(on, pgettext("date format", "j M Y"))


@register.filter
def moment(value: datetime | None) -> str:
    """A day and its time in the active time zone."""
    if value is None:
        return DASH
    local = timezone.localtime(value)
    return formats.date_format(local, pgettext("date format", "j M Y, H:i"))


_NEAR = {-1: lambda: _("yesterday"), 0: lambda: _("today"), 1: lambda: _("tomorrow")}


@register.filter
def relative_day(value: date | None, as_of: date | None = None) -> str:
    """ "in 63 days", "in 5 months", "12 days ago", counted from `as_of`."""
    if value is None:
        return DASH
    days = (value - (as_of or timezone.localdate())).days
    if days in _NEAR:
        return _NEAR[days]()
    count, length = abs(days), "days"
    if count >= 730:
        count, length = count // 365, "years"
    elif count > 90:
        count, length = (count + 15) // 30, "months"
    return _ahead(count, length) if days > 0 else _ago(count, length)


def _ahead(count: int, length: str) -> str:
    pattern = {
        "days": ngettext("in %(n)s day", "in %(n)s days", count),
        "months": ngettext("in %(n)s month", "in %(n)s months", count),
        "years": ngettext("in %(n)s year", "in %(n)s years", count),
    }[length]
    return pattern % {"n": formats.number_format(count)}


def _ago(count: int, length: str) -> str:
    pattern = {
        "days": ngettext("%(n)s day ago", "%(n)s days ago", count),
        "months": ngettext("%(n)s month ago", "%(n)s months ago", count),
        "years": ngettext("%(n)s year ago", "%(n)s years ago", count),
    }[length]
    return pattern % {"n": formats.number_format(count)}


@register.filter
def markdown(text: str) -> SafeString:
    """What people wrote, as HTML that cannot harm who reads it."""
    return markdown_text.rendered(text)


@register.filter
def plain_words(text: str) -> str:
    """The words of Markdown alone, in one line."""
    return markdown_text.plain(text)


@register.filter
def initial(name: object) -> str:
    """The first letter of a name, for its mark."""
    return str(name).strip()[:1].upper() or "?"


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """A line icon of components/sprite.html; always beside a text or in a labelled control."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
@lru_cache(maxsize=256)
def shape(name: str) -> SafeString:
    return format_html('<svg class="shape" aria-hidden="true"><use href="#s-{}"/></svg>', name)


@register.simple_tag
def unchanging(name: str) -> SafeString:
    """A part that is the same for everybody: its template knows nothing but the language."""
    return _part(name) if settings.DEBUG else _kept_part(name, get_language() or "")


@lru_cache(maxsize=64)
def _kept_part(name: str, language: str) -> SafeString:
    return _part(name)


def _part(name: str) -> SafeString:
    return mark_safe(get_template(name).render())  # noqa: S308


@register.inclusion_tag("components/stylesheets.html")
def stylesheets() -> dict[str, list[str]]:
    """One file where static files are collected, else one by one."""
    joined = isinstance(staticfiles_storage, ManifestFilesMixin) and not settings.DEBUG
    names = [settings.STYLESHEET] if joined else settings.STYLESHEETS
    return {"addresses": [static(name) for name in names]}


@register.inclusion_tag("components/fonts.html")
def fonts() -> dict[str, str]:
    """Inter out of its package's own style sheet; without the package the system's font."""
    if not settings.INTER_INSTALLED:
        return {"latin": "", "faces": ""}
    return {
        "latin": static("inter/files/inter-latin-wght-normal.woff2"),
        "faces": static("inter/index.css"),
    }


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context,
    label: str,
    key: str,
    css: str = "",
    default: str = "",
    descending: bool = False,
) -> dict[str, Any]:
    """A column's head that sorts by `?sort=key` / `-key`; `descending` is the first direction."""
    query: QueryDict = context["request"].GET.copy()
    current = query.get("sort") or default
    first, second = (f"-{key}", key) if descending else (key, f"-{key}")
    following = second if current == first else first
    query["sort"] = following
    for cursor in ("after", "before", "page"):
        query.pop(cursor, None)
    state = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
    return {
        "label": label,
        "css": css,
        "url": f"?{query.urlencode()}",
        "state": state,
        "descends": following.startswith("-"),
    }
