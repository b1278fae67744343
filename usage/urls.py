from django.urls import URLPattern, path

from usage.api import AccountFeatures, AccountUsage, AccountUsers, events

page_urlpatterns: list[URLPattern] = []

api_urlpatterns = [
    path("events/", events, name="api-events"),
    path("accounts/<path:key>/usage/", AccountUsage.as_view(), name="api-account-usage"),
    path("accounts/<path:key>/users/", AccountUsers.as_view(), name="api-account-users"),
    path("accounts/<path:key>/features/", AccountFeatures.as_view(), name="api-account-features"),
]
