"""What the list is limited to, a removable chip for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.templatetags.ui import number
from scoring.portfolio.choice import MINE, OVERDUE, TEAM, UNSET, Choice, read_window
from scoring.portfolio.filters import fell, low, rose, stale, within
from scoring.portfolio.wanted import ATTRIBUTE, Holding


@dataclass(frozen=True, slots=True)
class Chip:
    """`url` leads to the list without it."""

    label: str
    text: str
    url: str


def chips(choice: Choice, names: Mapping[str, Mapping[str, str]]) -> list[Chip]:
    """`names` are what the values of filters are called, by the filter."""
    return [*_chosen(choice, names), *_stated(choice), *_attributes(choice)]


def _chosen(choice: Choice, names: Mapping[str, Mapping[str, str]]) -> Iterator[Chip]:
    if text := choice.wanted.text:
        yield Chip(_("Search"), f"“{text}”", choice.without("q"))
    for name, label in (("band", _("Health")), ("stage", _("Stage")), ("tag", _("Tag"))):
        for value in dict.fromkeys(choice.query.getlist(name)):
            text = names.get(name, {}).get(value, value)
            yield Chip(label, text, choice.toggled(name, value))
    for name, label in (("segment", _("Segment")), ("owner", _("Owner"))):
        value = choice.query.get(name, "")
        if value in names.get(name, {}) and value not in (MINE, TEAM):
            yield Chip(label, names[name][value], choice.without(name))


def _stated(choice: Choice) -> Iterator[Chip]:
    wanted = choice.wanted
    if wanted.renewal_to is not None:
        yield Chip(
            _("Renewal"), renewal_text(choice.query.get("renewal", "")), choice.without("renewal")
        )
    if wanted.moved:
        text = fell() if wanted.moved == "down" else rose()
        yield Chip(_("Change"), text, choice.without("change"))
    if wanted.low_coverage:
        yield Chip(_("Data"), low(), choice.without("coverage"))
    if wanted.stale:
        yield Chip(_("Data"), stale(), choice.without("data"))


def renewal_text(asked: str) -> str:
    window = read_window(asked)
    if asked == OVERDUE or window is None:
        return _("Overdue")
    first, last = window
    if first == 0:
        return within(last)
    return _("In %(first)s to %(last)s days") % {"first": first, "last": last}


def _attributes(choice: Choice) -> Iterator[Chip]:
    for holding in choice.wanted.holding:
        for value in dict.fromkeys(holding.values):
            yield Chip(holding.name, value, choice.toggled(ATTRIBUTE + holding.name, value))
        if holding.least is not None or holding.most is not None:
            url = choice.without(f"min:{holding.name}", f"max:{holding.name}")
            yield Chip(holding.name, _bounds(holding), url)
        if holding.unset:
            yield Chip(holding.name, _("not set"), choice.toggled(UNSET, holding.name))


def _bounds(holding: Holding) -> str:
    least, most = holding.least, holding.most
    if least is None or most is None:
        pattern = _("at most %(n)s") if least is None else _("at least %(n)s")
        return pattern % {"n": _number(most if least is None else least)}
    return _("%(least)s to %(most)s") % {"least": _number(least), "most": _number(most)}


def _number(value: Decimal | None) -> str:
    places = 0 if value is None else max(0, -int(value.normalize().as_tuple().exponent))
    return number(value, places)
