"""How an account's page is arranged: what an admin set, and what holds where nothing is set."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from django.utils.translation import gettext_lazy as _
from msgspec import Meta

from accounts.errors import InvalidInput, Problem, problem_of
from scoring.models import Layout

if TYPE_CHECKING:
    # Of the tools of development: an installation has no stubs.
    from django_stubs_ext import StrPromise

Area = Literal["main", "side"]
WidgetKey = Literal[
    "metrics",
    "trend",
    "reasons",
    "path",
    "tasks",
    "alerts",
    "people",
    "company",
    "timeline",
    "usage",
]
MOST_CHARTS = 3
ATTRIBUTE = "attribute:"
"""What begins the key of a fact that is one of the accounts' attributes."""
FACTS = {
    "contract": _("Contract"),
    "renewal": _("Renewal"),
    "owner": _("Owner"),
    "seats": _("Seats"),
    "stage": _("Stage"),
    "status": _("Status"),
    "created_on": _("Customer since"),
}
USUAL_FACTS = ("contract", "renewal", "owner", "seats")

FactKey = Annotated[str, Meta(min_length=1, max_length=120)]
MetricKey = Annotated[str, Meta(min_length=1, max_length=63)]
WidgetName = Annotated[str, Meta(max_length=60)]


class WidgetPlace(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    key: WidgetKey
    name: WidgetName = ""
    hidden: bool = False


class LayoutDocument(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """None of the facts, charts or metrics: the usual ones. Widgets that are not named come last."""

    facts: Annotated[tuple[FactKey, ...], Meta(max_length=60)] | None = None
    charts: Annotated[tuple[MetricKey, ...], Meta(max_length=MOST_CHARTS)] | None = None
    metrics: Annotated[tuple[MetricKey, ...], Meta(max_length=60)] | None = None
    widgets: tuple[WidgetPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Widget:
    """`title` is the usual name, `name` what the admin wrote in its place."""

    key: str
    area: Area
    title: "StrPromise"
    name: str = ""
    hidden: bool = False

    @property
    def template(self) -> str:
        return f"scoring/account/widgets/{self.key}.html"


USUAL = (
    Widget("trend", "main", _("Health by week")),
    Widget("reasons", "main", _("Reasons")),
    Widget("metrics", "main", _("Key metrics")),
    Widget("usage", "main", _("Users and features")),
    Widget("path", "side", _("Path to green")),
    Widget("tasks", "side", _("Tasks")),
    Widget("alerts", "side", _("Alerts")),
    Widget("people", "side", _("People")),
    Widget("company", "side", _("Company")),
    Widget("timeline", "side", _("Timeline")),
)


def document_for(stage: str) -> LayoutDocument:
    found = Layout.objects.for_stage(stage)
    return LayoutDocument() if found is None else read(found)


def read(layout: Layout) -> LayoutDocument:
    return msgspec.convert(layout.document, LayoutDocument)


def checked(document: object) -> LayoutDocument:
    """Raises InvalidInput."""
    try:
        found = msgspec.convert(document, LayoutDocument)
    except msgspec.ValidationError as error:
        raise InvalidInput([problem_of(error)]) from error
    keys = [place.key for place in found.widgets]
    if len(set(keys)) < len(keys):
        raise InvalidInput([Problem("widgets", str(_("Every part stands once.")))])
    return found


def widgets(document: LayoutDocument) -> list[Widget]:
    """All of them, in their order."""
    usual = {widget.key: widget for widget in USUAL}
    placed = [
        Widget(place.key, usual[place.key].area, usual[place.key].title, place.name, place.hidden)
        for place in document.widgets
    ]
    named = {widget.key for widget in placed}
    return [*placed, *(widget for widget in USUAL if widget.key not in named)]


def names(document: LayoutDocument) -> dict[str, str]:
    """What an admin called the widgets, by key."""
    return {place.key: place.name for place in document.widgets if place.name}


def facts(document: LayoutDocument, attributes: Iterable[str]) -> list[str]:
    """The keys of the facts that are shown; `attributes` are those that the account has."""
    if document.facts is not None:
        return list(document.facts)
    return [*USUAL_FACTS, *(f"{ATTRIBUTE}{name}" for name in sorted(attributes))]
