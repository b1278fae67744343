from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import WorkspaceRequest, admins_only
from accounts.forms.settings import UsageForm
from accounts.models import Workspace
from accounts.views.settings.sections import show
from scoring.services.usage_settings import change_usage_settings


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def usage_settings(request: WorkspaceRequest, slug: str) -> HttpResponse:
    # A form writes what was typed on its instance: what is compared must not be that.
    instance = Workspace.objects.get(pk=request.workspace.pk)
    form = UsageForm(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():
        today = request.workspace.day_of(timezone.now())
        change_usage_settings(workspace=request.workspace, today=today, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("settings_usage", slug)
    return show(
        request,
        "scoring/settings/usage.html",
        {"form": form},
        current="settings_usage",
        status=422 if form.errors else 200,
    )
