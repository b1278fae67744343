"""What the builder offers to choose from: what the workspace has and the engine takes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from accounts.models import Account
from scoring.drafts import Document, groups_of, metrics_of
from scoring.engine.schemes import SHIPPED, Band
from scoring.forms.choices import FIELDS_OF_ACCOUNT, Choices
from scoring.models import Scorecard
from scoring.services.configuration import custom_schemes
from usage.models import Feature

MOST = 60


@dataclass(frozen=True)
class Group:
    key: str
    name: str
    depth: int

    @property
    def label(self) -> str:
        return f"{'– ' * self.depth}{self.name}"


def groups(document: Document, without: str = "") -> list[Group]:
    """`without`: a group and what lies in it."""
    found: list[Group] = []
    left_out = ""
    for place in groups_of(document):
        inside = left_out and place.path.startswith(left_out)
        if place.node["key"] == without:
            left_out = place.path
        elif not inside:
            found.append(Group(place.node["key"], str(place.node["name"]), place.depth))
    return found


def attributes() -> list[str]:
    rows = Account.objects.values_list("attributes", flat=True).order_by("-pk")[:50]
    return [*FIELDS_OF_ACCOUNT, *sorted({name for found in rows for name in found})[:MOST]]


def features() -> list[str]:
    return list(Feature.objects.order_by("key").values_list("key", flat=True)[:MOST])


def stages(chosen: Collection[str] = ()) -> list[str]:
    """Those that accounts are in, and those that are chosen already."""
    found = Account.objects.exclude(stage="").order_by("stage").values_list("stage", flat=True)
    return list(dict.fromkeys([*found.distinct()[:MOST], *chosen]))


def other_scorecards(scorecard: Scorecard, chosen: str = "") -> Choices:
    found: Choices = list(
        Scorecard.objects.exclude(pk=scorecard.pk).order_by("name").values_list("key", "name")
    )
    known = {key for key, _name in found}
    return found if not chosen or chosen in known else [*found, (chosen, chosen)]


def subjects(document: Document, chosen: Collection[str]) -> list[tuple[str, Choices]]:
    """What an exception's condition may look at, by kind: metric, group, attribute."""
    known: dict[str, Choices] = {
        "metric": [(f"metric:{p.node['key']}", p.node["name"]) for p in metrics_of(document)],
        "group": [(f"group:{p.node['key']}", p.node["name"]) for p in groups_of(document)],
        "attribute": [(f"attribute:{name}", name) for name in attributes()],
    }
    offered = {value for choices in known.values() for value, _text in choices}
    for value in chosen:
        kind, _colon, name = value.partition(":")
        if kind in known and value not in offered:
            known[kind].append((value, name))
    return list(known.items())


def bands_of(document: dict[str, Any]) -> tuple[Band, ...]:
    """Of a draft: its own, or its scheme's; the usual ones while what it names is not there."""
    own = document.get("bands")
    if own:
        return tuple(Band(**band) for band in own)
    scheme = document.get("scheme") or "ryg"
    return SHIPPED.get(scheme) or custom_schemes().get(scheme) or SHIPPED["ryg"]
