"""What the public clients ask for beside delivering: there are no flags, surveys or settings here."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

FLAGS: dict[str, Any] = {
    "flags": {},
    "featureFlags": {},
    "featureFlagPayloads": {},
    "errorsWhileComputingFlags": False,
    "config": {"enable_collect_everything": False},
}
DEFINITIONS: dict[str, Any] = {"flags": [], "group_type_mapping": {}, "cohorts": {}}
CONFIG: dict[str, Any] = {
    "supportedCompression": ["gzip"],
    "hasFeatureFlags": False,
    "sessionRecording": False,
    "surveys": False,
}
SOURCE: dict[str, Any] = {"source": {"enabled": True, "config": {}, "destinations": []}}


@csrf_exempt
def flags(request: HttpRequest) -> HttpResponse:
    return JsonResponse(FLAGS)


@csrf_exempt
def flag_definitions(request: HttpRequest) -> HttpResponse:
    return JsonResponse(DEFINITIONS)


@csrf_exempt
def posthog_config(request: HttpRequest, token: str) -> HttpResponse:
    return JsonResponse(CONFIG)


@csrf_exempt
def source_config(request: HttpRequest) -> HttpResponse:
    return JsonResponse(SOURCE)
