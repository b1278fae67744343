from django.urls import URLPattern

page_urlpatterns: list[URLPattern] = []
api_urlpatterns: list[URLPattern] = []
