from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.forms.settings import CURRENCIES, WorkspaceForm, time_zones
from accounts.models import Workspace
from accounts.services.settings import change_workspace
from accounts.views.settings.sections import show


@require_safe
@admins_only
def settings(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return redirect("settings_workspace", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def workspace_settings(request: WorkspaceRequest, slug: str) -> HttpResponse:
    # A form writes what was typed on its instance: the frame of the page must not show that.
    instance = Workspace.objects.get(pk=request.workspace.pk)
    form = WorkspaceForm(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():
        change_workspace(workspace=request.workspace, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("settings_workspace", slug)
    context = {"form": form, "time_zones": time_zones(), "currencies": CURRENCIES}
    return show(
        request,
        "accounts/settings/workspace.html",
        context,
        current="settings_workspace",
        status=422 if form.errors else 200,
    )
