import math
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.counters import within
from accounts.models import ApiKey

if TYPE_CHECKING:
    # Its module imports this one while it is itself imported.
    from rest_framework.views import APIView

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class ApiKeyAuthentication(BaseAuthentication):
    """The middleware found the key and opened its workspace; here the request learns of it."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        key: ApiKey | None = getattr(request._request, "api_key", None)
        if key is not None:
            return None, key
        if "Authorization" in request.headers:
            raise unknown_key()
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def unknown_key() -> AuthenticationFailed:
    return AuthenticationFailed(_("The API key is unknown, expired or revoked."))


def no_key() -> NotAuthenticated:
    return NotAuthenticated(_("Send an API key: “Authorization: Bearer sk_…”."))


def require_scope(key: ApiKey, scope: str) -> None:
    """`scope` may name two as “read or write”; "" is a call that no key may make."""
    if not set(scope.split(" or ")) & set(key.scope_list):
        raise PermissionDenied(
            _("The API key lacks the scope “%(scope)s”.") % {"scope": scope or _("of this call")}
        )


class HasScope(BasePermission):
    """`scopes` of the view names the scope for each method, or two as “read or write”; a method
    without one is refused."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.auth is None:
            raise no_key()
        method = "GET" if request.method == "HEAD" else str(request.method)
        handled = hasattr(view, method.lower()) and method.lower() in view.http_method_names
        if not handled or method == "OPTIONS":
            return True
        require_scope(request.auth, getattr(view, "scopes", {}).get(method, ""))  # type: ignore[arg-type]
        return True


def parse_rate(rate: str) -> tuple[int, int]:
    """ "6000/min" → 6000 requests in 60 seconds."""
    requests, _slash, period = rate.partition("/")
    return int(requests), SECONDS[period[0]]


def waiting_time(key: ApiKey) -> float | None:
    """Counts a request of the key: None where it may be made, else the seconds until one may."""
    allowed, seconds = parse_rate(settings.API_RATE)
    now = time.time()
    name = f"rate:{key.pk}:{seconds}:{int(now) // seconds}"
    if within(allowed, name, seconds=seconds):
        return None
    return float(max(1, math.ceil(seconds - now % seconds)))


class KeyThrottle(BaseThrottle):
    """So many requests per key in each window of the clock."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        self.seconds = None if request.auth is None else waiting_time(request.auth)  # type: ignore[arg-type]
        return self.seconds is None

    def wait(self) -> float | None:
        return self.seconds
