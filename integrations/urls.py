from django.urls import URLPattern, path

from integrations.api.imports import ImportsView, ImportView, JobView
from integrations.api.quarantine import QuarantineView, ReplayView
from integrations.views import connect, imports, quarantine

page_urlpatterns: list[URLPattern] = [
    path("imports/", imports.imports, name="imports"),
    path("imports/upload/", imports.upload, name="import_upload"),
    path("imports/<int:pk>/", imports.import_page, name="import"),
    path("imports/<int:pk>/columns/", imports.choose, name="import_columns"),
    path("imports/<int:pk>/run/", imports.run, name="import_run"),
    path("imports/<int:pk>/retry/", imports.retry, name="import_retry"),
    path("imports/<int:pk>/discard/", imports.discard, name="import_discard"),
    path("imports/<int:pk>/errors.csv", imports.report, name="import_report"),
    path("settings/connect/", connect.connect, name="connect"),
    path("settings/quarantine/", quarantine.quarantine, name="quarantine"),
    path("settings/quarantine/replay/", quarantine.replay_events, name="quarantine_replay"),
    path("settings/quarantine/discard/", quarantine.discard_events, name="quarantine_discard"),
    path("settings/quarantine/back/", quarantine.bring_back_events, name="quarantine_back"),
    path("settings/quarantine/<int:pk>/", quarantine.rejected_event, name="rejected_event"),
    path("settings/quarantine/<int:pk>/edit/", quarantine.edit_event, name="quarantine_edit"),
    path("import-accounts/", imports.old_address, name="import-accounts"),
]
api_urlpatterns: list[URLPattern] = [
    path("imports/", ImportsView.as_view(), name="api-imports"),
    path("imports/<int:pk>/", ImportView.as_view(), name="api-import"),
    path("quarantine/", QuarantineView.as_view(), name="api-quarantine"),
    path("quarantine/replay/", ReplayView.as_view(), name="api-quarantine-replay"),
    path("jobs/<int:pk>/", JobView.as_view(), name="api-job"),
]
