"""What the settings of the account page show: every fact, metric and part, in the order that holds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from scoring.forms.layout import Line, Sheet
from scoring.layouts import ATTRIBUTE, FACTS, Area, LayoutDocument, facts, widgets
from scoring.models import Scorecard
from scoring.pages.header import label
from scoring.pages.key_metrics import is_numeric
from scoring.versions import compiled

if TYPE_CHECKING:
    # Of the tools of development: an installation has no stubs.
    from django_stubs_ext import StrPromise

SAMPLE, MOST = 50, 60
SIDES: "dict[Area, StrPromise]" = {
    "main": _lazy("Main column, below the score"),
    "side": _lazy("Beside it"),
}


def read_sheets(document: LayoutDocument) -> dict[str, Sheet]:
    return {
        "fact": Sheet("fact", _("Facts at the top"), _facts(document)),
        "metric": Sheet("metric", _("Key metrics"), _metrics(document), charts=True),
        "widget": Sheet("widget", _("Parts of the page"), _widgets(document), named=True),
    }


def attribute_names() -> list[str]:
    """Of the accounts that came last."""
    rows = Account.objects.values_list("attributes", flat=True).order_by("-pk")[:SAMPLE]
    return sorted({name for found in rows for name in found})[:MOST]


def _facts(document: LayoutDocument) -> list[Line]:
    chosen = facts(document, attribute_names())
    known = [*FACTS, *(f"{ATTRIBUTE}{name}" for name in attribute_names())]
    return _lines(chosen, {key: fact_label(key) for key in (*chosen, *known)})


def fact_label(key: str) -> str:
    return (
        label(key.removeprefix(ATTRIBUTE))
        if key.startswith(ATTRIBUTE)
        else str(FACTS.get(key, key))
    )


def _metrics(document: LayoutDocument) -> list[Line]:
    """Of all active scorecards; the usual ones are the heaviest of whichever is shown."""
    labels: dict[str, str] = {}
    charts = set()
    for card in Scorecard.objects.active():
        for metric in compiled(card.current_version).metrics:
            labels.setdefault(metric.key, metric.metric.name)
            if is_numeric(metric.metric):
                charts.add(metric.key)
    chosen = list(document.metrics or ())
    lines = _lines([key for key in chosen if key in labels], labels)
    for line in lines:
        line.chart = line.key in charts
        line.charted = line.key in (document.charts or ())
    return lines


def _widgets(document: LayoutDocument) -> list[Line]:
    """By the side of the page, which a part keeps."""
    found = sorted(widgets(document), key=lambda widget: list(SIDES).index(widget.area))
    return [
        Line(
            widget.key,
            str(widget.title),
            not widget.hidden,
            str(place),
            widget.name,
            side=str(SIDES[widget.area]),
        )
        for place, widget in enumerate(found, start=1)
    ]


def _lines(chosen: Sequence[str], labels: dict[str, str]) -> list[Line]:
    """Those that are chosen first."""
    order = [*chosen, *(key for key in labels if key not in chosen)]
    return [
        Line(key, labels[key], key in chosen, str(place))
        for place, key in enumerate(order, start=1)
    ]
