from django.urls import URLPattern, path, re_path

from accounts.api.schema import DocumentationView, SchemaView
from accounts.api.views import UnknownAddress

schema_urlpatterns: list[URLPattern] = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocumentationView.as_view(), name="api-docs"),
]
unknown_urlpatterns: list[URLPattern] = [
    re_path("^.*$", UnknownAddress.as_view(), name="api-unknown")
]
