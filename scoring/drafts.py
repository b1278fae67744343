"""Changes to a scorecard's draft: each takes a document and gives a new one.

Groups and metrics are named by their keys, which are unique in every document that was validated.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from django.utils.text import slugify

from scoring.engine.fixed import SCALE

Document = dict[str, Any]
Node = dict[str, Any]
Kind = Literal["groups", "metrics"]

LONGEST_KEY = 60


class NotInDraft(LookupError):
    """The draft has no such group or metric (any more)."""


@dataclass(frozen=True)
class Place:
    """A group or metric where it stands: `siblings[at]`, in `group` unless it is on top."""

    node: Node
    siblings: list[Node]
    at: int
    path: str
    depth: int
    group: Node | None

    @property
    def first(self) -> bool:
        return self.at == 0

    @property
    def last(self) -> bool:
        return self.at == len(self.siblings) - 1


def blank(key: str, name: str) -> Document:
    return {"key": key, "name": name, "scheme": "ryg", "groups": []}


def groups_of(document: Document) -> Iterator[Place]:
    """Every group, each before what it holds."""
    yield from _groups(document.setdefault("groups", []), "groups", 0, None)


def _groups(nodes: list[Node], path: str, depth: int, group: Node | None) -> Iterator[Place]:
    for at, node in enumerate(nodes):
        place = Place(node, nodes, at, f"{path}[{at}]", depth, group)
        yield place
        yield from _groups(node.get("groups", []), f"{place.path}.groups", depth + 1, node)


def metrics_in(group: Place) -> Iterator[Place]:
    nodes = group.node.get("metrics", [])
    for at, node in enumerate(nodes):
        path = f"{group.path}.metrics[{at}]"
        yield Place(node, nodes, at, path, group.depth + 1, group.node)


def metrics_of(document: Document) -> Iterator[Place]:
    for group in groups_of(document):
        yield from metrics_in(group)


def places(document: Document, kind: Kind) -> Iterator[Place]:
    return groups_of(document) if kind == "groups" else metrics_of(document)


def keys(document: Document, kind: Kind) -> list[str]:
    return [place.node["key"] for place in places(document, kind)]


def find(document: Document, kind: Kind, key: str) -> Place:
    for place in places(document, kind):
        if place.node["key"] == key:
            return place
    raise NotInDraft(key)


def key_for(name: str, taken: Collection[str]) -> str:
    """A key made from a name, numbered where it is taken."""
    stem = slugify(name)[:LONGEST_KEY].strip("-_") or "item"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key


def set_fields(document: Document, fields: Mapping[str, Any]) -> Document:
    """Fields of the scorecard itself; None takes one out."""
    return _merged(deepcopy(document), fields)


def add_group(document: Document, group: Node, *, parent: str = "") -> Document:
    changed = deepcopy(document)
    holder = find(changed, "groups", parent).node if parent else changed
    holder.setdefault("groups", []).append({**group, "metrics": []})
    return changed


def change_group(document: Document, key: str, fields: Node) -> Document:
    """What the group holds stays."""
    changed = deepcopy(document)
    _merged(find(changed, "groups", key).node, fields)
    return _renamed(changed, "group", key, fields["key"])


def add_metric(document: Document, metric: Node, *, group: str) -> Document:
    changed = deepcopy(document)
    find(changed, "groups", group).node.setdefault("metrics", []).append(metric)
    return changed


def replace_metric(document: Document, key: str, metric: Node, *, group: str) -> Document:
    """In its place, or at the end of another group."""
    changed = deepcopy(document)
    place = find(changed, "metrics", key)
    if place.group is not None and place.group["key"] == group:
        place.siblings[place.at] = metric
    else:
        del place.siblings[place.at]
        find(changed, "groups", group).node.setdefault("metrics", []).append(metric)
    return _renamed(changed, "metric", key, metric["key"])


def remove(document: Document, kind: Kind, key: str) -> Document:
    """With everything that it holds."""
    changed = deepcopy(document)
    place = find(changed, kind, key)
    del place.siblings[place.at]
    return changed


def move(document: Document, kind: Kind, key: str, by: int) -> Document:
    """Up (−1) or down (+1) among its siblings; nothing changes at the ends."""
    changed = deepcopy(document)
    place = find(changed, kind, key)
    to = min(max(place.at + by, 0), len(place.siblings) - 1)
    place.siblings.insert(to, place.siblings.pop(place.at))
    return changed


def move_into(document: Document, kind: Kind, key: str, group: str) -> Document:
    """To the end of another group, or of the scorecard (for groups: ""). NotInDraft for a group inside itself."""
    changed = deepcopy(document)
    place = find(changed, kind, key)
    if (place.group or {}).get("key", "") == group:
        return changed
    node = place.siblings.pop(place.at)
    holder = find(changed, "groups", group).node if group else changed
    holder.setdefault(kind, []).append(node)
    return changed


def move_before(
    document: Document, kind: Kind, key: str, before_kind: Kind, before: str
) -> Document:
    """To the place of another of its kind; a metric that is put on a group goes into it."""
    changed = deepcopy(document)
    place = find(changed, kind, key)
    if kind != before_kind:
        inside = (
            before if kind == "metrics" else (find(changed, "metrics", before).group or {})["key"]
        )
        return move_into(document, kind, key, inside)
    if key == before:
        return changed
    node = place.siblings.pop(place.at)
    to = find(changed, kind, before)
    down = to.siblings is place.siblings and to.at >= place.at
    to.siblings.insert(to.at + down, node)
    return changed


def rename(document: Document, kind: Kind, old: str, new: str) -> Document:
    """Another key; exceptions follow."""
    changed = deepcopy(document)
    find(changed, kind, old).node["key"] = new
    return _renamed(changed, "group" if kind == "groups" else "metric", old, new)


def filled(fields: Mapping[str, Any]) -> Node:
    return {name: value for name, value in fields.items() if value is not None}


def set_weights(
    document: Document, weights: Mapping[Kind, Mapping[str, int | float | str]]
) -> Document:
    """Keys that the draft does not know are left alone: somebody else may have removed them."""
    changed = deepcopy(document)
    for kind, by_key in weights.items():
        for place in places(changed, kind):
            if place.node["key"] in by_key:
                place.node["weight"] = by_key[place.node["key"]]
    return changed


def _merged(node: Node, fields: Mapping[str, Any]) -> Node:
    for name, value in fields.items():
        if value is None:
            node.pop(name, None)
        else:
            node[name] = value
    return node


def _renamed(document: Document, subject: str, old: str, new: str) -> Document:
    """Exceptions follow a key that was changed."""
    for rule in document.get("exceptions", []) if old != new else []:
        for condition in rule.get("when", []):
            if condition.get(subject) == old:
                condition[subject] = new
    return document


@dataclass(frozen=True)
class Share:
    """Ten-thousandths; None where nothing beside it has a weight."""

    of_group: int | None
    of_whole: int | None


def shares(document: Document) -> dict[str, Share]:
    """The share of each group and metric, by path, where everything has a value."""
    found: dict[str, Share] = {}
    top = [place for place in groups_of(document) if place.depth == 0]
    _share(top, Fraction(1), found)
    return found


def _share(siblings: list[Place], whole: Fraction | None, found: dict[str, Share]) -> None:
    weights = [_live_weight(place.node) for place in siblings]
    total = sum(weights)
    for place, weight in zip(siblings, weights, strict=True):
        part = weight / total if total else None
        of_whole = part * whole if part is not None and whole is not None else None
        found[place.path] = Share(_rounded(part), _rounded(of_whole))
        if "source" not in place.node:
            _share(_children(place), of_whole, found)


def _children(group: Place) -> list[Place]:
    nested = _groups(
        group.node.get("groups", []), f"{group.path}.groups", group.depth + 1, group.node
    )
    depth = group.depth + 1
    return [*metrics_in(group), *(place for place in nested if place.depth == depth)]


def _live_weight(node: Node) -> Fraction:
    """An empty group's weight goes to the others; what is no weight counts for nothing."""
    if "source" not in node:
        inside = [*node.get("metrics", []), *node.get("groups", [])]
        if not any(_live_weight(child) for child in inside):
            return Fraction(0)
    weight = node["weight"]
    return Fraction(str(weight)) if isinstance(weight, int | float) and weight > 0 else Fraction(0)


def _rounded(share: Fraction | None) -> int | None:
    return None if share is None else round(share * SCALE)


def below(problems: Collection[Any], path: str) -> dict[str, list[str]]:
    """Messages of the problems at or under a path, by what follows it."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        if problem.path == path or re.match(rf"{re.escape(path)}[.\[]", problem.path):
            rest = problem.path[len(path) :].lstrip(".")
            found.setdefault(rest, []).append(problem.message)
    return found
