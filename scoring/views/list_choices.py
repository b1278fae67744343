"""Menus of the list of accounts that are read only when they are opened; pages without JavaScript."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest
from scoring.models import Scorecard
from scoring.portfolio.attributes import attribute_names, attribute_values
from scoring.portfolio.choice import LEAST, MOST, UNSET, Choice, read_choice
from scoring.portfolio.columns import DEFAULT, FIXED, columns_of
from scoring.portfolio.metric_scores import metric_names
from scoring.portfolio.wanted import ATTRIBUTE, METRIC

STEPS = {"up": -1, "down": 1}


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def list_columns(request: WorkspaceRequest, slug: str) -> HttpResponse:
    choice = _choice(request)
    step, _colon, moving = request.GET.get("move", "").partition(":")
    chosen = moved(choice.columns, moving, STEPS.get(step, 0))
    metrics = metric_names(Scorecard.objects.active())
    left = {
        "accounts": [key for key in FIXED if key not in chosen],
        "attributes": [f"{ATTRIBUTE}{name}" for name in attribute_names()],
        "metrics": [f"{METRIC}{key}" for key in metrics],
    }
    context = {
        "chosen": columns_of(chosen, metrics),
        **{
            name: columns_of([key for key in keys if key not in chosen], metrics)
            for name, keys in left.items()
        },
        "kept": choice.fields("columns", "move"),
        "usual_url": choice.without("columns") if chosen != DEFAULT else "",
    }
    return _told(request, "columns", context)


def moved(keys: tuple[str, ...], key: str, by: int) -> tuple[str, ...]:
    """With one of them a place further up or down."""
    if not by or key not in keys:
        return keys
    left = [each for each in keys if each != key]
    place = min(max(keys.index(key) + by, 0), len(left))
    return (*left[:place], key, *left[place:])


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def list_attribute(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """The attributes; of a chosen one its values, or the bounds of a number."""
    choice, name = _choice(request), request.GET.get("attribute", "").replace("\0", "")[:200]
    choice.query.pop("attribute", None)
    if not name:
        names = [(each, choice.url(attribute=each)) for each in attribute_names()]
        return _told(request, "attribute", {"names": names})
    values, key = attribute_values(name), ATTRIBUTE + name
    own = (key, LEAST + name, MOST + name)
    chosen = choice.query.getlist(key)
    unset = choice.query.getlist(UNSET)
    kept = [
        (field, value) for field, value in choice.fields(*own) if (field, value) != (UNSET, name)
    ]
    listed = dict.fromkeys(value for value, _count in values.counted)
    context = {
        "name": name,
        "key": key,
        "values": values,
        "chosen": chosen,
        "others": [value for value in chosen if value not in listed],
        "bounds": [(field, choice.query.get(field, "")) for field in own[1:]],
        "unset": name in unset,
        "kept": kept,
        "names_url": choice.url(),
    }
    return _told(request, "attribute", context)


def _choice(request: WorkspaceRequest) -> Choice:
    today = request.workspace.day_of(timezone.now())
    return read_choice(
        request.GET, workspace=request.workspace, user_id=request.user.pk, today=today
    )


def _told(request: WorkspaceRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The menu alone, or a page around it."""
    template = f"scoring/portfolio/choose_{name}.html"
    if request.htmx.target == name:
        return render(request, template, context)
    return render(
        request, "scoring/portfolio/choose.html", context | {"nav": "accounts", "part": template}
    )
