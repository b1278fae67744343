from django.urls import URLPattern, path

from integrations.api.imports import ImportsView, ImportView, JobView

page_urlpatterns: list[URLPattern] = []
api_urlpatterns: list[URLPattern] = [
    path("imports/", ImportsView.as_view(), name="api-imports"),
    path("imports/<int:pk>/", ImportView.as_view(), name="api-import"),
    path("jobs/<int:pk>/", JobView.as_view(), name="api-job"),
]
