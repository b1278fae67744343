from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.forms.settings import ApiKeyForm
from accounts.models import ApiKey
from accounts.services.keys import create_api_key, revoke_api_key, rotate_api_key
from accounts.views.settings.sections import show

EVENT = (
    '{"events": [{"event_id": "first", "account": "acme", "user": "ada", "type": "login", '
    '"occurred_at": "2026-01-31T09:00:00Z"}]}'
)
INSTANT = timedelta(microseconds=1)
ACCOUNT = '{"accounts": [{"key": "acme", "name": "Acme"}]}'


def key_rows() -> list[dict[str, Any]]:
    """Keys that work first, each with its state as a word."""
    moment = timezone.now()
    rows = []
    for key in ApiKey.objects.newest_first():
        state = "active"
        if key.revoked_at is not None:
            state = "revoked"
        elif not key.usable(moment):
            state = "expired"
        dialogs = {"rotate_id": f"rotate-{key.pk}", "revoke_id": f"revoke-{key.pk}"}
        last = timezone.localdate(key.expires_at - INSTANT) if key.expires_at else None
        rows.append({"key": key, "state": state, "last_day": last, **dialogs})
    return sorted(rows, key=lambda row: row["state"] != "active")


def key_page(
    request: WorkspaceRequest,
    form: ApiKeyForm,
    *,
    status: int = 200,
    made: dict[str, Any] | None = None,
) -> HttpResponse:
    return show(
        request,
        "accounts/settings/api_keys.html",
        {"form": form, "rows": key_rows(), **(made or {})},
        current="settings_keys",
        status=status,
    )


def example(request: WorkspaceRequest, key: ApiKey, secret: str) -> str:
    """A call that this key may make, ready for a terminal."""
    base = request.build_absolute_uri("/api/v1/")
    call = {
        "ingest": f"-d '{EVENT}' {base}events/",
        "read": f"{base}accounts/",
        "write": f"-d '{ACCOUNT}' {base}accounts/",
        "admin": f"{base}scorecards/",
    }[key.scope_list[0]]
    content = "-H 'Content-Type: application/json' " if call.startswith("-d") else ""
    return f"curl -H 'Authorization: Bearer {secret}' {content}{call}"


def secret_page(request: WorkspaceRequest, key: ApiKey, secret: str) -> HttpResponse:
    """The one answer that holds the secret: rendered by the POST, kept nowhere."""
    made = {"made": key, "secret": secret, "curl": example(request, key, secret)}
    return key_page(request, ApiKeyForm(initial={"scopes": ["ingest"]}), made=made)


@require_safe
@admins_only
def api_keys(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return key_page(request, ApiKeyForm(initial={"scopes": ["ingest"]}))


@require_POST
@never_cache
@admins_only
def create_key(request: WorkspaceRequest, slug: str) -> HttpResponse:
    form = ApiKeyForm(request.POST)
    if not form.is_valid():
        return key_page(request, form, status=422)
    key, secret = create_api_key(
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        by=request.user,
        expires_at=form.expires_at,
    )
    return secret_page(request, key, secret)


@require_POST
@never_cache
@admins_only
def rotate_key(request: WorkspaceRequest, slug: str, key_id: int) -> HttpResponse:
    old = get_object_or_404(ApiKey.objects.all(), pk=key_id)
    key, secret = rotate_api_key(key=old, by=request.user, moment=timezone.now())
    return secret_page(request, key, secret)


@require_POST
@admins_only
def revoke_key(request: WorkspaceRequest, slug: str, key_id: int) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.all(), pk=key_id)
    revoke_api_key(key=key, moment=timezone.now())
    messages.success(request, _("“%(name)s” is revoked and no longer works.") % {"name": key.name})
    return redirect("settings_keys", slug)
