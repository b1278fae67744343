from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import ApiKeyAuthentication, HasScope, KeyThrottle
from accounts.api.bodies import read_body, refuse_nul
from accounts.api.idempotency import METHODS, once
from accounts.api.rendering import CsvRenderer, JsonRenderer
from accounts.models import Workspace


class ApiView(APIView):
    """A call of the API inside the scope of the key's workspace.

    A handler decodes with `accounts.api.bodies`, makes one service call and answers a `Response`.
    """

    scopes: ClassVar[Mapping[str, str]] = {"GET": "read", "POST": "write"}
    """The key's scope that each method needs; HEAD is GET."""

    body_limit: ClassVar[int | None] = None
    """Bytes; None is settings.API_BODY_LIMIT."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [KeyThrottle]
    renderer_classes = [JsonRenderer]
    content_negotiation_class = DefaultContentNegotiation

    def workspace(self) -> Workspace:
        workspace: Workspace = self.request._request.workspace  # type: ignore[attr-defined]
        return workspace

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """As Django REST framework's, but a stranger learns nothing before the key is checked."""
        self.format_kwarg = None
        self.perform_authentication(request)
        self.check_permissions(request)
        self.check_throttles(request)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(
            request
        )
        refuse_nul({name: "".join(values) for name, values in request.query_params.lists()})
        if any("\0" in str(value) for value in kwargs.values()):
            raise Http404

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            response = self.handle(self.request, *args, **kwargs)
        except Exception as exc:
            response = self.handle_exception(exc)
            self.request.accepted_renderer = JsonRenderer()
            self.request.accepted_media_type = JsonRenderer.media_type
        self.response = self.finalize_response(self.request, cast(Response, response))
        patch_vary_headers(self.response, ["Authorization"])
        self.response.setdefault("Cache-Control", "no-store")
        return self.response

    def handle(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        method = str(request.method)
        handler = getattr(self, method.lower(), None)
        if handler is None or method.lower() not in self.http_method_names:
            return self.http_method_not_allowed(request, *args, **kwargs)
        if method not in METHODS:
            answer: HttpResponseBase = handler(request, *args, **kwargs)
            return answer
        read_body(request, self.body_limit)
        return once(request, lambda: handler(request, *args, **kwargs), moment=timezone.now())

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)


class ListView(ApiView):
    """A call whose GET answers a list, also as CSV."""

    renderer_classes = [JsonRenderer, CsvRenderer]


class UnknownAddress(ApiView):
    def handle(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise NotFound(_("There is no such address."))
