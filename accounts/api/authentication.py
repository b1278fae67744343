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

from accounts.counters import count
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
            raise AuthenticationFailed(_("The API key is unknown, expired or revoked."))
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """`scopes` of the view names the scope for each method, or two as “read or write”; a method
    without one is refused."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.auth is None:
            raise NotAuthenticated(_("Send an API key: “Authorization: Bearer sk_…”."))
        method = "GET" if request.method == "HEAD" else str(request.method)
        handled = hasattr(view, method.lower()) and method.lower() in view.http_method_names
        if not handled or method == "OPTIONS":
            return True
        scope = getattr(view, "scopes", {}).get(method, "")
        key: ApiKey = request.auth  # type: ignore[assignment]
        if set(scope.split(" or ")) & set(key.scope_list):
            return True
        raise PermissionDenied(
            _("The API key lacks the scope “%(scope)s”.") % {"scope": scope or _("of this call")}
        )


def parse_rate(rate: str) -> tuple[int, int]:
    """ "6000/min" → 6000 requests in 60 seconds."""
    requests, _slash, period = rate.partition("/")
    return int(requests), SECONDS[period[0]]


class KeyThrottle(BaseThrottle):
    """So many requests per key in each window of the clock."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if request.auth is None:
            return True
        allowed, self.seconds = parse_rate(settings.API_RATE)
        window = int(time.time()) // self.seconds
        name = f"rate:{request.auth.pk}:{self.seconds}:{window}"
        return count(name, seconds=self.seconds) <= allowed

    def wait(self) -> float:
        return float(max(1, math.ceil(self.seconds - time.time() % self.seconds)))
