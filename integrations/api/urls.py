"""The addresses of the public clients, at the root, each with and without its slash."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from integrations.api import beside
from integrations.api.clients import posthog, posthog_results, segment

SEGMENT = {"track", "identify", "group", "page", "screen", "alias"}
POSTHOG = {"batch", "capture", "e", "i/v0/e", "i/v0/ai/batch"}


def both(address: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    return [path(address, view, name=name), path(f"{address}/", view, name=f"{name}-slash")]


client_urlpatterns: list[URLPattern] = [
    *both("v1/batch", segment(), "client-batch"),
    *(
        pattern
        for kind in sorted(SEGMENT)
        for pattern in both(f"v1/{kind}", segment(kind), f"client-{kind}")
    ),
    *(
        pattern
        for address in sorted(POSTHOG)
        for pattern in both(address, posthog, f"client-posthog-{address.replace('/', '-')}")
    ),
    *both("i/v1/analytics/events", posthog_results, "client-posthog-results"),
    *both("flags", beside.flags, "beside-flags"),
    *both("decide", beside.flags, "beside-decide"),
    *both("flags/definitions", beside.flag_definitions, "beside-definitions"),
    *both("array/<str:token>/config", beside.posthog_config, "beside-config"),
    *both("sourceConfig", beside.source_config, "beside-source"),
]
