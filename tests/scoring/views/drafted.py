"""What tests of a scorecard's draft ask for again and again."""

from typing import Any

from django.test import Client

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Scorecard, ScorecardVersion

URL = "/w/acme/settings/scorecards/"
CARD = f"{URL}health/"


def scorecard(workspace: Workspace, key: str = "health") -> Scorecard:
    with scope(workspace.pk):
        found: Scorecard = Scorecard.objects.select_related("current_version").get(key=key)
        return found


def draft(workspace: Workspace) -> Any:
    return scorecard(workspace).draft


def versions(workspace: Workspace) -> list[tuple[int, str]]:
    with scope(workspace.pk):
        found = ScorecardVersion.objects.order_by("number")
        return [(version.number, version.note) for version in found]


def seen(client: Client, key: str = "health") -> dict[str, str]:
    """What the page before publishing sends along."""
    context = client.get(f"{URL}{key}/preview/").context
    return {"draft": context["fingerprint"], "replaces": str(context["replaces"])}
