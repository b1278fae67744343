from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from accounts.api.urls import schema_urlpatterns, unknown_urlpatterns
from accounts.urls import api_urlpatterns as accounts_api
from accounts.urls import entrance_urlpatterns
from accounts.urls import page_urlpatterns as accounts_pages
from integrations.api.urls import client_urlpatterns
from integrations.urls import api_urlpatterns as integrations_api
from integrations.urls import page_urlpatterns as integrations_pages
from scoring.urls import api_urlpatterns as scoring_api
from scoring.urls import page_urlpatterns as scoring_pages
from usage.urls import api_urlpatterns as usage_api
from usage.urls import page_urlpatterns as usage_pages


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


# Accounts' keys may hold slashes: scoring's page of an account comes after every other address.
page_urlpatterns = [*accounts_pages, *usage_pages, *integrations_pages, *scoring_pages]
# An app may answer at an address of a lower one, so the highest app comes first.
api_urlpatterns = [*integrations_api, *scoring_api, *usage_api, *accounts_api]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("", include(entrance_urlpatterns)),
    path("", include(client_urlpatterns)),
    path("w/<slug:slug>/", include(page_urlpatterns)),
    path("api/v1/", include([*schema_urlpatterns, *api_urlpatterns])),
    path("api/", include(unknown_urlpatterns)),
]

handler400 = "accounts.views.errors.bad_request"
handler404 = "accounts.views.errors.not_found"
handler500 = "accounts.views.errors.server_error"
