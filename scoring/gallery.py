"""What the page of components shows: invented, the same on every day."""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from scoring import bands
from scoring.engine.schemes import SHIPPED, Band
from scoring.explorer.frequencies import NAMES, labels
from scoring.line_chart import Chart, chart
from scoring.stacked_chart import StackedChart, stacked_chart
from scoring.trend import Mark, Week, trend
from usage.measures import Measure

TODAY = date(2025, 11, 21)
_SCORES = (82, 83, 81, 84, 85, 84, 86, 85, 84, 85, 83, 84, 82, 83, 80, 79)
_LATER = (77, None, None, 69, 68, 65, 62, 60, 57, 54)


def _found(pattern: str, *path: str) -> list[str]:
    """In the order of the file, each once: so the page shows whatever there is."""
    text = settings.BASE_DIR.joinpath(*path).read_text()
    return list(dict.fromkeys(re.findall(pattern, text, re.MULTILINE)))


def foundations() -> dict[str, Any]:
    tokens, sprite = ("static", "css", "tokens.css"), ("templates", "components", "sprite.html")
    sizes = _found(r"^  --([\w-]+: \d+)px;", *tokens)
    return {
        "colours": _found(r"^  --([\w-]+): light-dark\(", *tokens),
        "sizes": [tuple(size.split(": ")) for size in sizes],
        "shapes": _found(r'id="s-([\w-]+)"', *sprite),
        "icons": _found(r'id="i-([\w-]+)"', *sprite),
    }


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Name"), help_text=_("Shown wherever the metric is."))
    source = forms.ChoiceField(
        label=_("Source"), choices=[("usage", _("Usage")), ("manual", _("Set by hand"))]
    )
    weight = forms.DecimalField(label=_("Weight"), min_value=0, initial=20)
    validity = forms.IntegerField(label=_("Validity, days"), required=False)
    since = forms.DateField(
        label=_("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(label=_("Why it matters"), required=False, widget=forms.Textarea)
    counts = forms.BooleanField(
        label=_("Counts for the score"), required=False, help_text=_("Otherwise it is only shown.")
    )


def _fixed(score: int | None) -> int | None:
    return None if score is None else score * 10_000


def _weeks(looks: tuple[bands.BandLook, ...]) -> list[Week]:
    scores = [*_SCORES, *_LATER]
    first = TODAY - timedelta(weeks=len(scores) - 1)
    return [
        Week(
            day=first + timedelta(weeks=at),
            score=_fixed(score),
            band=bands.UNKNOWN if score is None else looks[(score > 50) + (score > 75)],
            url=f"?week={at}",
            current=at == len(scores) - 1,
            note="" if score is not None else _("no data"),
        )
        for at, score in enumerate(scores)
    ]


def _lines() -> Chart:
    values = [_fixed(score) for score in (*_SCORES, *_LATER)]
    days = [TODAY - timedelta(weeks=len(values) - 1 - at) for at in range(len(values))]
    low, median, high = ([_fixed(n)] * len(values) for n in (48, 61, 74))
    return chart(days, values, low=low, median=median, high=high, urls=["?"] * len(values))


def _stacked() -> StackedChart:
    shares = [(10 + at, 40 - at, 35, 15) for at in range(12)]
    days = [TODAY - timedelta(weeks=11 - at) for at in range(12)]
    fixed = [[share * 10_000 for share in week] for week in shares]
    return stacked_chart(days, fixed, NAMES, goal=600_000, urls=["?"] * 12)


def _marks() -> list[Mark]:
    return [
        Mark(TODAY - timedelta(weeks=21), "$", "Contract +12,000"),
        Mark(TODAY - timedelta(weeks=14), "v4", "Scorecard version 4"),
        Mark(TODAY - timedelta(weeks=8), "☎", "QBR call with the operations team"),
        Mark(TODAY - timedelta(weeks=8, days=1), "✕", "The champion left"),
    ]


def _metrics(looks: tuple[bands.BandLook, ...]) -> list[dict[str, Any]]:
    poor, risk, good = looks
    rows: list[tuple[str, str, bands.BandLook, int, int, list[int | None], str]] = [
        ("Log-ins", "212 in 90 days", poor, 82_000, 200_000, [80, 78, 74, 70, 61, 52, 47, 41], ""),
        ("Active users", "18 of 40 seats", poor, 81_000, 180_000, [70, 71, 64, 60, 52, 50, 47, 45], ""),
        ("Key features adopted", "5 of 8", risk, 74_000, 120_000, [66, 60, None, None, 64, 62, 63, 62], ""),
        ("Open tickets", "2", good, 137_000, 150_000, [88, 90, 91, 90, 90, 92, 91, 91], ""),
        ("Training completed", "–", bands.UNKNOWN, 0, 0, [], "expired"),
    ]  # fmt: skip
    return [
        {
            "name": name,
            "value": value,
            "band": band,
            "earned": got if of else None,
            "of": of,
            "values": [_fixed(value) for value in values],
            "status": status,
        }
        for name, value, band, got, of, values, status in rows
    ]


def samples() -> dict[str, Any]:
    ryg = bands.look(SHIPPED["ryg"])
    twelve = tuple(Band(key=f"b{at}", label=f"Band {at + 1}", min=at * 8) for at in range(12))
    tried = SampleForm({"weight": "-3", "source": "usage"})
    return {
        **foundations(),
        "today": TODAY,
        "schemes": [
            (_("Red, yellow, green"), ryg, 540_000),
            (_("Letters"), bands.look(SHIPPED["letter"]), 540_000),
            (_("Twelve of a workspace’s own"), bands.look(twelve), 540_000),
        ],
        "ryg": ryg,
        "letters": bands.look(SHIPPED["letter"]),
        "unknown": bands.UNKNOWN,
        "poor": ryg[0],
        "risk": ryg[1],
        "good": ryg[2],
        "trend": trend(_weeks(ryg), ryg, _marks()),
        "metrics": _metrics(ryg),
        "lines": _lines(),
        "measure": Measure("active_users", 30),
        "stacked": _stacked(),
        "stacked_parts": labels(),
        "distribution": [
            {"band": look, "count": count, "url": "?"}
            for look, count in zip((*ryg[::-1], bands.UNKNOWN), (239, 119, 46, 8), strict=True)
        ],
        "form": SampleForm(initial={"name": "Log-ins"}),
        "tried": tried,
        "levels": _levels(),
        "tabs": _tabs(),
        "ranges": [
            {"label": _("26 weeks"), "url": "?", "current": True},
            {"label": _("1 year"), "url": "?", "current": False},
            {"label": _("All"), "url": "?", "current": False},
        ],
        "filters": _filters(ryg),
    }


def _levels() -> list[dict[str, Any]]:
    return [
        {
            "key": "champion",
            "label": _("Champion"),
            "score": 1_000_000,
            "help": _("An executive speaks for us unasked and has done so in the last quarter."),
        },
        {
            "key": "working",
            "label": _("Working contact"),
            "score": 500_000,
            "help": _("We meet the person who runs the product, not the one who pays for it."),
        },
        {
            "key": "none",
            "label": _("Nobody"),
            "score": 0,
            "help": _("The last contact left, or has not answered for 60 days."),
        },
    ]


def _tabs() -> list[dict[str, Any]]:
    return [
        {"label": _("Who needs me"), "url": "?", "current": True, "count": 12},
        {"label": _("List"), "url": "?", "current": False, "count": ""},
        {"label": _("Movers"), "url": "?", "current": False, "count": ""},
    ]


def _filters(looks: tuple[bands.BandLook, ...]) -> list[dict[str, Any]]:
    return [
        {
            "label": _("Health"),
            "active": "",
            "options": [
                {"label": look.label, "url": "?", "band": look, "current": False} for look in looks
            ],
        },
        {
            "label": _("Stage"),
            "active": _("ongoing"),
            "clear_url": "?",
            "options": [{"label": _("Ongoing"), "url": "?", "current": True}],
        },
    ]
