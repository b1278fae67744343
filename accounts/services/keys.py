"""API keys: made, found by hash, rotated and revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import ApiKey, User
from accounts.tenancy import set_local

USED_EVERY = timedelta(minutes=1)


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def create_api_key(
    *, name: str, scopes: list[str], by: User | None, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """The stored key and its secret, which is shown this once and never again."""
    unknown = sorted(set(scopes) - set(ApiKey.SCOPES))
    if unknown or not scopes:
        raise InvalidInput.at(
            "scopes", _("Choose from: %(scopes)s.") % {"scopes": ", ".join(ApiKey.SCOPES)}
        )
    secret = f"sk_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=name,
        prefix=secret[:9],
        key_hash=digest(secret),
        scopes=" ".join(scope for scope in ApiKey.SCOPES if scope in scopes),
        expires_at=expires_at,
        created_by=by,
    )
    return key, secret


def revoke_api_key(*, key: ApiKey, moment: datetime) -> None:
    if key.revoked_at is None:
        key.revoked_at = moment
        key.save(update_fields=["revoked_at"])


def rotate_api_key(*, key: ApiKey, by: User | None, moment: datetime) -> tuple[ApiKey, str]:
    """Another key with the same name, scopes and life span; the old one works until it is revoked."""
    span = key.expires_at - key.created_at if key.expires_at else None
    expires_at = moment + span if span else None
    return create_api_key(name=key.name, scopes=key.scope_list, by=by, expires_at=expires_at)


def find_key(secret: str, *, moment: datetime) -> ApiKey | None:
    """The usable key of this secret with its workspace, whichever workspace it belongs to."""
    key_hash = digest(secret)
    with transaction.atomic():
        set_local("app.key_hash", key_hash)
        found = ApiKey._base_manager.filter(key_hash=key_hash).select_related("workspace").first()
        if found is None or not found.usable(moment):
            return None
        if found.last_used_at is None or moment - found.last_used_at > USED_EVERY:
            set_local("app.workspace_id", str(found.workspace_id))
            ApiKey._base_manager.filter(pk=found.pk).update(last_used_at=moment)
        return found
