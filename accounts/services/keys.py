"""API keys: made, found by hash, rotated and revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import ApiKey, User, Workspace

USED_EVERY = timedelta(minutes=1)

KEY_FIELDS = [field.attname for field in ApiKey._meta.concrete_fields]
WORKSPACE_FIELDS = [field.attname for field in Workspace._meta.concrete_fields]
COLUMNS = [f"(opened.key).{name}" for name in KEY_FIELDS]
COLUMNS += [f"(opened.workspace).{name}" for name in WORKSPACE_FIELDS]
OPEN = f"SELECT {', '.join(COLUMNS)} FROM accounts_open_key(%s, %s, %s) AS opened"
# At the same time, which saves a round trip.
LIMITED = ", set_config('statement_timeout', %s, true)"


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


def open_key(secret: str, *, moment: datetime, seconds: float | None = None) -> ApiKey | None:
    """The usable key of this secret with its workspace, which the transaction's setting then names.

    With `seconds` no further statement of the transaction may take longer.
    """
    values: list[str | datetime] = [digest(secret), moment, moment - USED_EVERY]
    limited = [] if seconds is None else [f"{seconds:g}s"]
    with connection.cursor() as cursor:
        cursor.execute(OPEN + LIMITED if limited else OPEN, [*values, *limited])
        row = cursor.fetchone()
    if row is None:
        return None
    key = ApiKey.from_db("default", KEY_FIELDS, row[: len(KEY_FIELDS)])
    key.workspace = Workspace.from_db("default", WORKSPACE_FIELDS, row[len(KEY_FIELDS) :])
    return key
