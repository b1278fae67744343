"""The pages before a workspace."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import memberships_of
from accounts.middleware import LAST_WORKSPACE


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """To the workspace that was open last, or the only one, or their list."""
    slugs = [membership.workspace.slug for membership in memberships_of(request.user.pk or 0)]
    last = request.session.get(LAST_WORKSPACE)
    if last in slugs:
        return redirect("portfolio", last)
    if len(slugs) == 1:
        return redirect("portfolio", slugs[0])
    return redirect("workspaces")


@require_safe
@login_required
def workspaces(request: HttpRequest) -> HttpResponse:
    context = {"memberships_here": memberships_of(request.user.pk or 0)}
    return render(request, "accounts/workspaces.html", context)
