from django.urls import URLPattern, path

from accounts.api.accounts import AccountsView, SeatsView

page_urlpatterns: list[URLPattern] = []
api_urlpatterns: list[URLPattern] = [
    path("accounts/", AccountsView.as_view(), name="api-accounts-in"),
    path("seats/", SeatsView.as_view(), name="api-seats"),
]
