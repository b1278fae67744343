from django.urls import URLPattern, path

from usage.api.events import events
from usage.api.leaderboards import AccountUsers
from usage.api.measures import AccountUsage

page_urlpatterns: list[URLPattern] = []

api_urlpatterns = [
    path("events/", events, name="api-events"),
    path("accounts/<path:key>/usage/", AccountUsage.as_view(), name="api-account-usage"),
    path("accounts/<path:key>/users/", AccountUsers.as_view(), name="api-account-users"),
]
