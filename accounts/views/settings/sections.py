"""The frame of a settings page: its list of sections, the same on each of them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import WorkspaceRequest


def sections(request: WorkspaceRequest, current: str) -> list[dict[str, Any]]:
    def row(label: str, name: str) -> dict[str, Any]:
        url = reverse(name, args=[request.workspace.slug])
        return {"label": label, "url": url, "current": name == current}

    return [
        {"head": _("Workspace")},
        row(_("General"), "settings_workspace"),
        row(_("Usage"), "settings_usage"),
        row(_("Account page"), "settings_layout"),
        row(_("Members"), "settings_members"),
        row(_("API keys"), "settings_keys"),
        {"head": _("Data in")},
        row(_("Connect"), "connect"),
        row(_("What came in"), "intake"),
        row(_("Quarantine"), "quarantine"),
        row(_("Imports"), "imports"),
        {"head": _("Scoring")},
        row(_("Scorecards"), "settings_scorecards"),
        row(_("Grading schemes"), "settings_schemes"),
        row(_("Segments"), "settings_segments"),
        row(_("Rules"), "settings_rules"),
        row(_("Evaluations"), "runs"),
        {"head": _("For developers")},
        {"label": _("API documentation"), "url": reverse("api-docs"), "current": False},
        row(_("Components"), "settings_components"),
    ]


def show(
    request: WorkspaceRequest,
    template: str,
    context: dict[str, Any],
    *,
    current: str,
    status: int = 200,
) -> HttpResponse:
    """A page of the settings; `current` is the address name of its section."""
    frame = {"nav": "settings", "sections": sections(request, current)}
    return render(request, template, {**frame, **context}, status=status)


def section_crumbs(
    request: WorkspaceRequest, label: str, name: str, *deeper: tuple[str, str]
) -> list[dict[str, str]]:
    first = {"label": label, "url": reverse(name, args=[request.workspace.slug])}
    return [first, *({"label": text, "url": url} for text, url in deeper)]
