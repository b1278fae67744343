"""What changed from one scorecard document to another, in sentences. Both are valid documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.ui import percent
from scoring.differences.nodes import Difference, Subject, fields, listed
from scoring.drafts import Document, Kind, Place, Share, places, shares
from scoring.engine import card
from scoring.engine.schemes import Band
from scoring.metric_texts import figure, metric_text

STRUCTURE = ("key", "name", "weight", "metrics", "groups")
KINDS: tuple[Kind, ...] = ("groups", "metrics")
NODES: dict[Kind, type[msgspec.Struct]] = {"groups": card.Group, "metrics": card.Metric}


@dataclass(frozen=True)
class Configuration:
    """A document and the bands that its scheme has or had."""

    document: Document
    bands: Sequence[Band] = ()


def differences(before: Configuration | None, after: Configuration) -> list[Difference]:
    """In the order of the later document; empty where nothing changed."""
    if before is None:
        return [_first(after.document)]
    found = [
        *_scorecard(before.document, after.document),
        *_bands(before, after),
        *_exceptions(before.document, after.document),
        *_tree(before.document, after.document),
    ]
    if not found and before.document != after.document:
        found.append(Difference("changed", _("Written in another way")))
    return found


def _first(document: Document) -> Difference:
    counts = [len(list(places(document, kind))) for kind in KINDS]
    groups = ngettext("%(n)s group", "%(n)s groups", counts[0]) % {"n": counts[0]}
    metrics = ngettext("%(n)s metric", "%(n)s metrics", counts[1]) % {"n": counts[1]}
    text = _("First version: %(groups)s, %(metrics)s") % {"groups": groups, "metrics": metrics}
    return Difference("added", text)


def _scorecard(before: Document, after: Document) -> Iterator[Difference]:
    leave = ("key", "bands", "exceptions", "groups", "scheme")
    yield from fields(Subject(), card.Scorecard, before, after, leave=leave)


def _scheme(document: Document) -> str:
    if document.get("bands"):
        return _("bands of its own")
    return str(document.get("scheme") or "ryg")


def _bands(before: Configuration, after: Configuration) -> Iterator[Difference]:
    """Another scheme is told as a whole; the same one band by band."""
    schemes = [_scheme(side.document) for side in (before, after)]
    if schemes[0] != schemes[1]:
        sides = zip(schemes, (before, after), strict=True)
        told = [f"{scheme} ({_labels(side.bands)})" for scheme, side in sides]
        yield Subject().changed(_("grading scheme"), *told)
        return
    old, new = ([msgspec.to_builtins(band) for band in side.bands] for side in (before, after))
    yield from listed(Subject(), Band, old, new, what=_("band"))


def _labels(bands: Sequence[Band]) -> str:
    """The lowest first, as the application's own are called in the reader's language."""
    return ", ".join(_(band.label) for band in bands)


def _exceptions(before: Document, after: Document) -> Iterator[Difference]:
    old, new = (document.get("exceptions", []) for document in (before, after))
    what = _("exception")
    return listed(Subject(), card.ExceptionRule, old, new, what=what, key="name", name="name")


def _tree(before: Document, after: Document) -> Iterator[Difference]:
    for kind in KINDS:
        sides = [_Side(document, kind) for document in (before, after)]
        yield from _removed(kind, *sides)
        for key in sides[1].places:
            yield from _one(kind, key, *sides)
        yield from _reordered(kind, *sides)


class _Side:
    """The groups or metrics of one document, by key."""

    def __init__(self, document: Document, kind: Kind) -> None:
        self.places: dict[str, Place] = {p.node["key"]: p for p in places(document, kind)}
        self.shares: dict[str, Share] = shares(document)
        self.parents: dict[str, str] = {}
        self.names = {p.node["key"]: str(p.node["name"]) for p in places(document, "groups")}
        for group in places(document, "groups"):
            for child in group.node.get(kind, []):
                self.parents[child["key"]] = group.node["key"]

    def parent(self, key: str) -> str:
        """The key of the group that it is in; empty on top."""
        return self.parents.get(key, "")

    def share(self, key: str) -> str:
        return percent(self.shares[self.places[key].path].of_whole)

    def parent_name(self, key: str) -> str:
        parent = self.parent(key)
        return f"“{self.names[parent]}”" if parent else _("the top")


def _removed(kind: Kind, before: _Side, after: _Side) -> Iterator[Difference]:
    pattern = (
        _("Group “%(name)s” taken out") if kind == "groups" else _("Metric “%(name)s” taken out")
    )
    for key, place in before.places.items():
        if key not in after.places:
            yield Difference("removed", pattern % {"name": place.node["name"]}, key)


def _one(kind: Kind, key: str, before: _Side, after: _Side) -> Iterator[Difference]:
    new = after.places[key].node
    if key not in before.places:
        yield _added(kind, key, after)
        return
    old = before.places[key].node
    name = str(new["name"])
    if old["name"] != name:
        pair = {"old": old["name"], "new": name}
        yield Difference("changed", _("“%(old)s” renamed “%(new)s”") % pair, key)
    if before.parent(key) != after.parent(key):
        names = {"name": name, "old": before.parent_name(key), "new": after.parent_name(key)}
        yield Difference("moved", _("“%(name)s” moved from %(old)s to %(new)s") % names, key)
    if old["weight"] != new["weight"]:
        yield _weight(key, name, before, after)
    yield from fields(Subject(key, name), NODES[kind], old, new, leave=STRUCTURE)


def _added(kind: Kind, key: str, after: _Side) -> Difference:
    node = after.places[key].node
    values = {
        "name": node["name"],
        "parent": after.parent_name(key),
        "weight": figure(node["weight"]),
        "share": after.share(key),
    }
    if kind == "groups":
        pattern = _("Group “%(name)s” added, weight %(weight)s (%(share)s of the whole)")
        return Difference("added", pattern % values, key)
    pattern = _("Metric “%(name)s” added to %(parent)s, weight %(weight)s (%(share)s of the whole)")
    return Difference("added", f"{pattern % values}: {metric_text(node)}", key)


def _weight(key: str, name: str, before: _Side, after: _Side) -> Difference:
    values: dict[str, Any] = {
        "name": name,
        "old": figure(before.places[key].node["weight"]),
        "new": figure(after.places[key].node["weight"]),
        "was": before.share(key),
        "share": after.share(key),
    }
    pattern = _("Weight of %(name)s %(old)s → %(new)s (%(was)s → %(share)s of the whole)")
    return Difference("changed", pattern % values, key)


def _reordered(kind: Kind, before: _Side, after: _Side) -> Iterator[Difference]:
    for parent in dict.fromkeys(after.parent(key) for key in after.places):
        old, new = (
            [key for key in side.places if before.parents.get(key, "") == after.parents.get(key, "") == parent
             and key in before.places and key in after.places]
            for side in (before, after)
        )  # fmt: skip
        if old != new:
            names = ", ".join(str(after.places[key].node["name"]) for key in new)
            inside = {"group": after.names.get(parent, ""), "names": names}
            text = (
                _("Other order in “%(group)s”: %(names)s")
                if parent
                else _("Other order of the groups: %(names)s")
            )
            yield Difference("moved", text % inside, parent)
