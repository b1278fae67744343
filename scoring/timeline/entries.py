"""Rows of the timeline as a person reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.templatetags.ui import day as day_text
from accounts.templatetags.ui import money
from scoring.bands import UNKNOWN, BandLook, at, look
from scoring.engine.schemes import Band
from scoring.sentences import reasons_text, score_text
from scoring.timeline.wanted import KINDS, TOUCHPOINTS, Place

Told = Mapping[str, Any]
ICONS = {
    "call": "call",
    "meeting": "meeting",
    "email": "email",
    "note": "note",
    "task": "tasks",
    "alert": "alerts",
    "band": "scorecard",
    "override": "edit",
    "contract": "contract",
    "stage": "stage",
    "version": "settings",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`body` is Markdown, `sub` a plain line. `band` is what the score came into; `url` shows more."""

    place: Place
    kind: str
    title: str
    sub: str = ""
    body: str = ""
    who: str = ""
    contacts: tuple[str, ...] = ()
    band: BandLook | None = None
    score: int | None = None
    points: int | None = None
    since: date | None = None
    edited: bool = False
    removed: bool = False

    @property
    def day(self) -> date:
        return self.place.day

    @property
    def month(self) -> date:
        return self.place.day.replace(day=1)

    @property
    def id(self) -> str:
        """Of its element on the page."""
        if self.is_touchpoint:
            return f"touchpoint-{self.place.id}"
        return f"entry-{self.place.day:%Y%m%d}-{self.place.rank}-{self.place.id}"

    @property
    def is_touchpoint(self) -> bool:
        return self.kind in TOUCHPOINTS

    @property
    def label(self) -> str:
        return str(KINDS[self.kind])

    @property
    def icon(self) -> str:
        return ICONS[self.kind]


def entry(account: Account, place: Place, kind: str, told: Told) -> Entry:
    make = MAKERS.get(kind, _touchpoint)
    return make(account, place, kind, told)


def _touchpoint(account: Account, place: Place, kind: str, told: Told) -> Entry:
    return Entry(
        place,
        kind,
        told["title"],
        body=told["body"],
        who=told["who"],
        contacts=tuple(told["contacts"]),
        edited=told["edited"],
        removed=told["removed"],
    )


def _task(account: Account, place: Place, kind: str, told: Told) -> Entry:
    return Entry(place, kind, told["title"], _("task done"), body=told["body"], who=told["who"])


def _alert(account: Account, place: Place, kind: str, told: Told) -> Entry:
    since = date.fromisoformat(told["since"])
    because = reasons_text(told["entries"])
    return Entry(place, kind, told["title"], sub=because, points=told["points"], since=since)


def _override(account: Account, place: Place, kind: str, told: Told) -> Entry:
    what = told["band"] if told["score"] is None else score_text(told["score"])
    title = _("%(card)s set by hand: %(what)s") % {"card": told["title"], "what": _(what)}
    last = told["ended"] or told["until"]
    pattern = _("ended %(day)s") if told["ended"] else _("until %(day)s")
    sub = pattern % {"day": day_text(date.fromisoformat(last))}
    return Entry(place, kind, title, sub=sub, body=told["body"], who=told["who"])


def _band(account: Account, place: Place, kind: str, told: Told) -> Entry:
    before, after = _look(told["bands_were"], told["band_was"]), _look(told["bands"], told["band"])
    words = {"card": told["title"], "before": before.label, "after": after.label}
    return Entry(place, kind, _band_text(before, after) % words, band=after, score=told["score"])


def _band_text(before: BandLook, after: BandLook) -> str:
    if after is UNKNOWN:
        return _("%(card)s is unknown, it was %(before)s")
    if before is UNKNOWN:
        return _("%(card)s is %(after)s, it was unknown")
    if after.minimum < before.minimum:
        return _("%(card)s fell from %(before)s to %(after)s")
    return _("%(card)s rose from %(before)s to %(after)s")


def _look(bands: Sequence[Any], index: int) -> BandLook:
    return at(look(msgspec.convert(bands, tuple[Band, ...])), index)


def _contract(account: Account, place: Place, kind: str, told: Told) -> Entry:
    return Entry(place, kind, contract_text(told["was"], told["now"], account.currency))


def contract_text(was: int | None, now: int | None, currency: str) -> str:
    if was is None or now is None:
        return _("Contract %(value)s") % {"value": money(now, currency)}
    sign = "+" if now > was else ""
    values = {"change": sign + money(now - was, currency), "value": money(now, currency)}
    return _("Contract %(change)s to %(value)s") % values


def _stage(account: Account, place: Place, kind: str, told: Told) -> Entry:
    words = {"now": told["now"] or "–", "was": told["was"] or "–"}
    return Entry(place, kind, _("Stage %(now)s") % words, sub=_("it was %(was)s") % words)


def _version(account: Account, place: Place, kind: str, told: Told) -> Entry:
    words = {"card": told["title"], "number": told["number"]}
    title = _("%(card)s: version %(number)s counts") % words
    return Entry(place, kind, title, sub=told["body"], who=told["who"])


MAKERS = {
    "task": _task,
    "alert": _alert,
    "override": _override,
    "band": _band,
    "contract": _contract,
    "stage": _stage,
    "version": _version,
}
