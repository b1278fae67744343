"""The choices of the usage explorer as menus."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Segment, Workspace
from scoring.engine.measures import TAKE_FEATURES, TAKE_FREQUENCY, TAKE_MIN_USES
from scoring.explorer.choice import (
    EVERYBODY,
    LEVELS,
    NOBODY,
    PEERS,
    WINDOWS,
    Choice,
)
from scoring.explorer.groups import Subject
from scoring.explorer.texts import ADDED_UP, WITHOUT_WINDOW
from scoring.menus import Menu, always, one, several
from scoring.sentences import days_text
from scoring.wording import MEASURES
from usage.measures import MEASURES as MEASURED
from usage.models import Feature

MOST_FEATURES = 200
MIN_USES = (1, 2, 5, 10, 20, 50)


def whom(choice: Choice) -> list[Menu]:
    """The segments; where there are none, there is nothing to choose but accounts by name."""
    segments = list(Segment.objects.order_by("name", "pk").values_list("key", "name"))
    if not segments:
        return []
    menu = one(choice, "segment", _("Segment"), segments)
    for option, (key, _name) in zip(menu["options"], segments, strict=True):
        option["url"] = choice.url(segment=key, account=[])
    return [menu]


def what(choice: Choice, subject: Subject) -> list[Menu]:
    request = choice.measure
    names = [(key, MEASURES[key]) for key in MEASURES if key in MEASURED]
    menus = [always(choice, "measure", _("Measure"), names, request.measure)]
    if request.measure not in WITHOUT_WINDOW:
        menus.append(_window(choice))
    if request.measure in TAKE_FEATURES:
        menus.append(_features(choice))
    if request.measure in TAKE_MIN_USES:
        uses = [(str(n), str(n)) for n in sorted({*MIN_USES, request.min_uses})]
        menus.append(always(choice, "min_uses", _("Uses, at least"), uses, str(request.min_uses)))
    if request.measure in TAKE_FREQUENCY:
        menus.append(_level(choice))
    return [*menus, *_compared(choice, subject)]


def _window(choice: Choice) -> Menu:
    days = choice.measure.window_days
    windows = [(str(n), days_text(n)) for n in sorted({*WINDOWS, days})]
    return always(choice, "window", _("Measured over"), windows, str(days))


def _features(choice: Choice) -> Menu:
    features = Feature.objects.order_by("name", "pk").values_list("key", "name")[:MOST_FEATURES]
    return several(
        choice, "feature", _("Features"), [(key, name, None) for key, name in features]
    ) | ({} if choice.measure.features else {"active": _("all"), "clear_url": ""})


def _level(choice: Choice) -> Menu:
    names = {
        "daily": _("daily"),
        "frequent": _("frequent or more"),
        "occasional": _("occasional or more"),
    }
    levels = [(key, names[key]) for key in LEVELS]
    return always(choice, "frequency", _("Users"), levels, choice.measure.frequency or "")


def _compared(choice: Choice, subject: Subject) -> list[Menu]:
    everybody, nobody = (EVERYBODY, _("all accounts")), (NOBODY, _("nobody"))
    if subject.account:
        options = [(PEERS, _("accounts of the same scorecard")), everybody, nobody]
        return [always(choice, "against", _("Against"), options, choice.against)]
    menus = []
    if choice.segment and not choice.total:
        chosen = NOBODY if choice.against == NOBODY else EVERYBODY
        menus.append(always(choice, "against", _("Against"), [everybody, nobody], chosen))
    if adds_up(choice):
        lines = [("0", _("median account")), ("1", _("all together"))]
        menus.append(always(choice, "total", _("Line"), lines, "1" if choice.total else "0"))
    return menus


def adds_up(choice: Choice) -> bool:
    return choice.measure.measure in ADDED_UP


def tabs(choice: Choice, workspace: Workspace, current: str) -> list[dict[str, Any]]:
    """The pages on usage, of the same accounts and days."""
    names = ("account", "segment", "days", "from", "to")
    query = choice.query.copy()
    for name in list(query):
        if name not in names:
            del query[name]
    kept = f"?{query.urlencode()}" if query else ""
    labels = {
        "usage": _("Measures"),
        "usage_features": _("Features"),
        "usage_frequency": _("Frequency"),
        "usage_cohorts": _("Cohorts"),
    }
    return [
        {
            "label": label,
            "url": reverse(name, args=[workspace.slug]) + kept,
            "current": name == current,
            "count": "",
        }
        for name, label in labels.items()
    ]
