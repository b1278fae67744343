from typing import Any

from django.http import HttpRequest

from scoring.models import Alert


def workspace(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every workspace page shows."""
    if not hasattr(request, "membership"):
        return {}
    return {
        "workspace": request.workspace,  # type: ignore[attr-defined]
        "membership": request.membership,
        "memberships": request.memberships,  # type: ignore[attr-defined]
        "open_alerts": Alert.objects.open().count(),
    }
