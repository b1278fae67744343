import logging
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone, translation

from accounts.access import memberships_of
from accounts.services.keys import open_key
from accounts.tenancy import entered, restoring, scope

Handler = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger(__name__)

PAGES = "/w/"
API = "/api/"
BEARER = "bearer "
LAST_WORKSPACE = "workspace"


class IngestionMiddleware:
    """Calls the view of an ingesting address at once: what pages need is neither done nor paid there."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = ingesting_views().get(request.path_info)
        return self.get_response(request) if view is None else view(request)


@cache
def ingesting_views() -> dict[str, Handler]:
    """Address → view, of every view that `ingesting` made."""
    return dict(_ingesting(get_resolver().url_patterns, "/"))


def _ingesting(
    patterns: Iterable[URLPattern | URLResolver], before: str
) -> Iterator[tuple[str, Handler]]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _ingesting(pattern.url_patterns, address)
        elif hasattr(pattern.callback, "ingesting"):
            yield address, pattern.callback


class WorkspaceMiddleware:
    """Opens the scope of the workspace that the address or the API key names.

    The request is one transaction: it commits before the answer is sent, and an answer that is an
    error takes back whatever was written.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PAGES):
            return self.page(request)
        if request.path_info.startswith(API):
            return self.api(request)
        return self.get_response(request)

    def page(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            # PostgreSQL stores no NUL, so nothing is called by one.
            raise Http404
        slug = request.path_info.removeprefix(PAGES).partition("/")[0]
        memberships = memberships_of(request.user.pk)
        membership = next((m for m in memberships if m.workspace.slug == slug), None)
        if membership is None:
            raise Http404
        if request.session.get(LAST_WORKSPACE) != slug:
            request.session[LAST_WORKSPACE] = slug
        request.memberships = memberships  # type: ignore[attr-defined]
        request.membership = membership  # type: ignore[attr-defined]
        request.workspace = membership.workspace  # type: ignore[attr-defined]
        with timezone.override(membership.workspace.zone):
            return self.scoped(request, membership.workspace.pk)

    def api(self, request: HttpRequest) -> HttpResponse:
        request.api_key = None  # type: ignore[attr-defined]
        header = request.headers.get("Authorization", "")
        translation.activate("en")
        try:
            if header[: len(BEARER)].lower() == BEARER:
                return self.keyed(request, header[len(BEARER) :].strip())
            return self.get_response(request)
        except (OperationalError, InterfaceError):
            logger.exception("The database did not answer %s", request.path_info)
            return unavailable()

    def keyed(self, request: HttpRequest, secret: str) -> HttpResponse:
        with restoring():
            key = open_key(secret, moment=timezone.now())
            if key is None:
                return self.get_response(request)
            request.api_key = key  # type: ignore[attr-defined]
            request.workspace = key.workspace  # type: ignore[attr-defined]
            with entered(key.workspace.pk):
                return self.kept(self.get_response(request))

    def scoped(self, request: HttpRequest, workspace_id: int) -> HttpResponse:
        with scope(workspace_id):
            return self.kept(self.get_response(request))

    def kept(self, response: HttpResponse) -> HttpResponse:
        if response.status_code >= 400:
            transaction.set_rollback(True)
        return response


def unavailable() -> HttpResponse:
    message = "The database is not available. Nothing was stored; send the request again."
    body = {"code": "unavailable", "message": message, "detail": message, "errors": []}
    return JsonResponse(body, status=503, headers={"Retry-After": "5"})
