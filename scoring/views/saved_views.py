"""Saved views: an address that can be shared, and what is done with one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, scorers_only
from accounts.errors import InvalidInput
from scoring.models import View
from scoring.portfolio.choice import WHOLE
from scoring.portfolio.views import canonical, first_view, may_remove, views_of
from scoring.services.saved_views import begin_with, remove_view, save_view


@require_safe
def view(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    return _listed(request, _found(request, key).query)


@require_POST
@scorers_only
def new_view(request: WorkspaceRequest, slug: str) -> HttpResponse:
    query = canonical(QueryDict(request.POST.get("query", "").replace("%00", "")))
    try:
        saved = save_view(
            name=request.POST.get("name", ""),
            query=query,
            shared=bool(request.POST.get("shared")),
            by=request.user,
            moment=timezone.now(),
        )
    except InvalidInput as error:
        messages.error(request, error.problems[0].message)
    else:
        messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
    return _listed(request, query)


@require_POST
@scorers_only
def drop_view(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """What it asked for stays in the address: saving it brings it back."""
    found = _found(request, key)
    if not may_remove(request, found):
        raise PermissionDenied
    query = found.query
    remove_view(view=found)
    text = _("“%(name)s” is removed. What it shows can be saved again.")
    messages.success(request, text % {"name": found.name})
    return _listed(request, query)


@require_POST
@scorers_only
def open_with(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """Once more takes it back."""
    found = _found(request, key)
    again = first_view(views_of(request.user.pk)) == found
    begin_with(view=None if again else found, by=request.user)
    text = (
        _("Your list opens with all accounts.") if again else _("Your list opens with “%(name)s”.")
    )
    messages.success(request, text % {"name": found.name})
    return _listed(request, found.query)


def _found(request: WorkspaceRequest, key: str) -> View:
    found: View = get_object_or_404(View.objects.seen_by(request.user.pk), key=key)
    return found


def _listed(request: WorkspaceRequest, query: str) -> HttpResponse:
    address = reverse("portfolio", args=[request.workspace.slug])
    return HttpResponseRedirect(f"{address}?{query or WHOLE}")
