from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from scoring.pages.frame import read_counts


def workspace(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every workspace page shows."""
    if not hasattr(request, "membership"):
        return {}
    today = request.workspace.day_of(timezone.now())  # type: ignore[attr-defined]
    counts = read_counts(user_id=request.user.pk or 0, today=today)
    return {
        "workspace": request.workspace,  # type: ignore[attr-defined]
        "membership": request.membership,
        "memberships": request.memberships,  # type: ignore[attr-defined]
        "open_alerts": counts.open_alerts,
        "due_tasks": counts.due_tasks,
    }
