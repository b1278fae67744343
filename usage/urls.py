from django.urls import URLPattern, path

from usage.api.events import events
from usage.api.intake import IntakeView
from usage.api.leaderboards import AccountUsers
from usage.api.measures import AccountUsage
from usage.views import intake

page_urlpatterns: list[URLPattern] = [
    path("settings/intake/", intake.intake, name="intake"),
]

api_urlpatterns = [
    path("events/", events, name="api-events"),
    path("intake/", IntakeView.as_view(), name="api-intake"),
    path("accounts/<path:key>/usage/", AccountUsage.as_view(), name="api-account-usage"),
    path("accounts/<path:key>/users/", AccountUsers.as_view(), name="api-account-users"),
]
