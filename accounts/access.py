"""Who may do what: memberships, the typed request of a workspace's page, the roles' decorators."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, User, Workspace
from accounts.tenancy import set_local

P = ParamSpec("P")


class WorkspaceRequest(HttpRequest):
    """A request inside a workspace's scope, as the middleware leaves it."""

    user: User
    workspace: Workspace
    membership: Membership
    memberships: list[Membership]
    htmx: HtmxDetails


Page = Callable[Concatenate[WorkspaceRequest, P], HttpResponse]


def memberships_of(user_id: int) -> list[Membership]:
    """A person's places in every workspace, by name; row-level security shows a person their own."""
    with transaction.atomic():
        set_local("app.user_id", str(user_id))
        found = Membership._base_manager.filter(user_id=user_id).select_related("workspace")
        return sorted(found, key=lambda membership: membership.workspace.name.lower())


def requires(permission: str) -> Callable[[Page[P]], Page[P]]:
    """Refuse (403) whoever's membership lacks `can_admin`, `can_manage` or `can_score`."""

    def decorate(view: Page[P]) -> Page[P]:
        @wraps(view)
        def guarded(request: WorkspaceRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not getattr(request.membership, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast(Page[P], guarded)

    return decorate


admins_only = requires("can_admin")
managers_only = requires("can_manage")
scorers_only = requires("can_score")
