"""The views of the portfolio as tabs, for components/tabs.html; each keeps whose accounts are looked at."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Workspace
from scoring.analysis.choice import SHARED


def tabs(
    query: QueryDict, workspace: Workspace, current: str, *, keep: Sequence[str] = SHARED
) -> list[dict[str, Any]]:
    shared = query.copy()
    for name in list(shared):
        if name not in keep:
            del shared[name]
    kept = f"?{shared.urlencode()}" if shared else ""
    labels = {
        "today": _("Today"),
        "portfolio": _("List"),
        "matrix": _("Matrix"),
        "movers": _("Movers"),
        "distribution": _("Distribution"),
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
