"""The fields of two nodes of a document, compared; each difference is a sentence."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import msgspec
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from msgspec import Struct

from scoring.differences.words import Node, value_text, word
from scoring.engine import card
from scoring.metric_texts import grade_text, source_text

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True)
class Difference:
    """`about` is the key of the metric or group that it concerns, empty for the whole."""

    kind: Kind
    text: str
    about: str = ""


@dataclass(frozen=True)
class Subject:
    """What a sentence is about: the key, and the name as it is called afterwards."""

    key: str = ""
    name: str = ""

    def changed(self, what: str, old: str, new: str) -> Difference:
        values = {"what": what if self.name else capfirst(what), "old": old, "new": new}
        if not old:
            pattern = _("%(what)s set to %(new)s")
        elif not new:
            pattern = _("%(what)s %(old)s taken out")
        else:
            pattern = _("%(what)s %(old)s → %(new)s")
        text = pattern % values
        return Difference("changed", f"{self.name}: {text}" if self.name else text, self.key)


def _tagged(union: Any) -> dict[str, type[Struct]]:
    kinds: Sequence[type[Struct]] = get_args(union)
    return {str(kind.__struct_config__.tag): kind for kind in kinds}


SOURCES = _tagged(card.Source)
GRADES = _tagged(card.Grade)
Nested = Callable[[Subject, Any, Any], Iterator[Difference]]


def fields(
    subject: Subject,
    kind: type[Struct],
    before: Node | None,
    after: Node | None,
    *,
    leave: Collection[str] = (),
) -> Iterator[Difference]:
    """A sentence for each field that differs; a node that is not there has the defaults."""
    for field in msgspec.structs.fields(kind):
        name, default = field.encode_name, _default(field)
        old, new = ((node or {}).get(name, default) for node in (before, after))
        if name in leave or _same(old, new):
            continue
        if (kind, name) in NESTED:
            yield from NESTED[kind, name](subject, old, new)
        else:
            yield subject.changed(word(kind, name), *_texts(name, old, new))


def _texts(name: str, old: Any, new: Any) -> tuple[str, str]:
    """Where both would read the same, they differ in what is cut off or not told."""
    texts = value_text(name, old), value_text(name, new)
    return (_("as before"), _("changed")) if texts[0] == texts[1] else texts


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return None if field.default is msgspec.NODEFAULT else field.default


def _same(old: Any, new: Any) -> bool:
    return bool(_plain(old) == _plain(new))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _of_kind(kinds: Mapping[str, type[Struct]], field: str, text: Callable[[Node], str]) -> Nested:
    """Nodes that name their type: another type is one sentence, else each field is one."""

    def compared(subject: Subject, old: Node | None, new: Node | None) -> Iterator[Difference]:
        if old and new and old.get("type") == new.get("type"):
            yield from fields(subject, kinds[str(new["type"])], old, new)
        else:
            texts = (text(node) if node else "" for node in (old, new))
            yield subject.changed(word(card.Metric, field), *texts)

    return compared


def _inside(kind: type[Struct]) -> Nested:
    return lambda subject, old, new: fields(subject, kind, old, new)


def _when(subject: Subject, old: Node | None, new: Node | None) -> Iterator[Difference]:
    if old and new:
        yield from fields(subject, card.MilestoneCondition, old, new)
    else:
        texts = (source_text({"type": "milestone", "when": when}) if when else _("set by hand")
                 for when in (old, new))  # fmt: skip
        yield subject.changed(word(card.Metric, "source"), *texts)


def listed(
    subject: Subject,
    kind: type[Struct],
    old: Sequence[Node] | None,
    new: Sequence[Node] | None,
    *,
    what: str,
    key: str = "key",
    name: str = "label",
) -> Iterator[Difference]:
    """Items of a list that have a key: added, taken out, changed, in another order."""
    befores, afters = _keyed(old or (), key), _keyed(new or (), key)
    about = f"{subject.name}: " if subject.name else ""
    for gone in [item_key for item_key in befores if item_key not in afters]:
        text = _("%(what)s “%(name)s” taken out") % {"what": what, "name": befores[gone][name]}
        yield Difference("removed", about + (text if about else capfirst(text)), subject.key)
    for item_key, item in afters.items():
        called = {"what": what, "name": item[name]}
        if item_key not in befores:
            text = _("%(what)s “%(name)s” added") % called
            yield Difference("added", about + (text if about else capfirst(text)), subject.key)
        else:
            label = about + _("%(what)s “%(name)s”") % called
            inner = Subject(subject.key, label if about else capfirst(label))
            yield from fields(inner, kind, befores[item_key], item, leave=(key,))
    common = [item_key for item_key in befores if item_key in afters]
    if common != [item_key for item_key in afters if item_key in befores]:
        names = ", ".join(str(item[name]) for item in afters.values())
        text = _("other order of the %(what)s entries: %(names)s") % {"what": what, "names": names}
        yield Difference("moved", about + (text if about else capfirst(text)), subject.key)


def _keyed(items: Sequence[Node], key: str) -> dict[tuple[str, int], Node]:
    """A name that is used twice stands for its first and its second item."""
    seen: Counter[str] = Counter()
    found = {}
    for item in items:
        found[item[key], seen[item[key]]] = item
        seen[item[key]] += 1
    return found


def _levels(subject: Subject, old: Any, new: Any) -> Iterator[Difference]:
    return listed(subject, card.LevelChoice, old, new, what=_("level"))


_source = _of_kind(SOURCES, "source", source_text)
NESTED: Mapping[tuple[type[Struct], str], Nested] = {
    (card.Metric, "source"): _source,
    (card.Metric, "grade"): _of_kind(GRADES, "grade", grade_text),
    (card.Metric, "not_applicable"): _inside(card.NotApplicable),
    (card.Metric, "help"): _inside(card.Help),
    (card.Growth, "source"): _source,
    (card.MilestoneCondition, "source"): _source,
    (card.Milestone, "when"): _when,
    (card.Level, "levels"): _levels,
    (card.Group, "points"): _inside(card.Points),
    (card.Scorecard, "points"): _inside(card.Points),
    (card.Scorecard, "applies_to"): _inside(card.AppliesTo),
}
