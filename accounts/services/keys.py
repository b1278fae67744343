"""API keys: made, found by hash, rotated and revoked."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import ApiKey, User, Workspace
from accounts.refusals import Owner

USED_EVERY = timedelta(minutes=1)

KEY_FIELDS = [field.attname for field in ApiKey._meta.concrete_fields]
WORKSPACE_FIELDS = [field.attname for field in Workspace._meta.concrete_fields]
COLUMNS = [f"(opened.key).{name}" for name in KEY_FIELDS]
COLUMNS += [f"(opened.workspace).{name}" for name in WORKSPACE_FIELDS]
OPEN = f"SELECT {', '.join(COLUMNS)} FROM accounts_open_key(%s, %s, %s) AS opened"
CURRENT = "SELECT accounts_current_key(%s, %s, %s), set_config('statement_timeout', %s, true)"

MOST_KNOWN = 1000


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key as it was last read: true as long as its version is what accounts_current_key says."""

    hash: str
    version: str
    key: ApiKey


_known: dict[str, KnownKey] = {}
"""By hash."""


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


def closed_key(secret: str, *, moment: datetime) -> Owner | None:
    """Whose key it was, that was revoked or has expired."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_closed_key(%s, %s)", [digest(secret), moment])
        found = cursor.fetchone()
    return Owner(*found) if found else None


def open_key(secret: str, *, moment: datetime) -> ApiKey | None:
    """The usable key of this secret with its workspace, which the transaction's setting then names."""
    return _read(digest(secret), moment)


def open_current_key(secret: str, *, moment: datetime, seconds: float) -> ApiKey | None:
    """As `open_key`, in less time: a key that has not changed is the same object for every request,
    for reading only. No further statement of the transaction may take longer than the seconds."""
    found = digest(secret)
    with connection.cursor() as cursor:
        cursor.execute(CURRENT, [found, moment, moment - USED_EVERY, f"{seconds:g}s"])
        version = cursor.fetchone()[0]
    if version is None:
        return None
    known = _known.get(found)
    if known and known.version == version:
        return known.key
    key = _read(found, moment)
    if key is not None:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[found] = KnownKey(found, version, key)
    return key


def known_key(secret: str) -> KnownKey | None:
    """Without asking the database: what is done with it must ask in its own transaction."""
    return _known.get(digest(secret))


def _read(found: str, moment: datetime) -> ApiKey | None:
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [found, moment, moment - USED_EVERY])
        row = cursor.fetchone()
    if row is None:
        return None
    key = ApiKey.from_db("default", KEY_FIELDS, row[: len(KEY_FIELDS)])
    key.workspace = Workspace.from_db("default", WORKSPACE_FIELDS, row[len(KEY_FIELDS) :])
    return key
