from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.views.settings.sections import show
from scoring.gallery import samples


@require_safe
@admins_only
def components(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return show(request, "scoring/components.html", samples(), current="settings_components")
