from django.urls import URLPattern, path

from scoring.api.accounts import AccountsView
from scoring.api.alerts import AlertsView, AlertView
from scoring.api.configuration import (
    RulesView,
    RuleView,
    ScorecardsView,
    ScorecardView,
    VersionsView,
)
from scoring.api.data import EvaluationsView, JobView, MeasurementsView
from scoring.api.health import ChangesView, HealthView, HistoryView

page_urlpatterns: list[URLPattern] = []

api_urlpatterns: list[URLPattern] = [
    path("accounts/", AccountsView.as_view(), name="api-accounts"),
    path("accounts/<path:key>/health/changes/", ChangesView.as_view(), name="api-changes"),
    path("accounts/<path:key>/health/history/", HistoryView.as_view(), name="api-history"),
    path("accounts/<path:key>/health/", HealthView.as_view(), name="api-health"),
    path("alerts/", AlertsView.as_view(), name="api-alerts"),
    path("alerts/<int:pk>/", AlertView.as_view(), name="api-alert"),
    path("scorecards/", ScorecardsView.as_view(), name="api-scorecards"),
    path("scorecards/<slug:key>/", ScorecardView.as_view(), name="api-scorecard"),
    path("scorecards/<slug:key>/versions/", VersionsView.as_view(), name="api-versions"),
    path("rules/", RulesView.as_view(), name="api-rules"),
    path("rules/<slug:key>/", RuleView.as_view(), name="api-rule"),
    path("measurements/", MeasurementsView.as_view(), name="api-measurements"),
    path("evaluations/", EvaluationsView.as_view(), name="api-evaluations"),
    path("jobs/<int:pk>/", JobView.as_view(), name="api-job"),
]
