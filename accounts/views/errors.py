"""What fails outside of every view: the API's shape where programs call, a page elsewhere."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults

from accounts.api.errors import failed

API = ("/api/", "/v1/", "/i/")
"""The last two are those of public clients, which send again what has no code and message."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(API):
        return failed(400, _("The request cannot be read."))
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(API):
        return failed(404, _("There is no such address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path_info.startswith(API):
        return failed(500, _("This is our error; it was noted. Nothing was stored."))
    # Without the context of pages: it asks a database that may be what failed.
    return HttpResponse(render_to_string("500.html", {"request": request}), status=500)
