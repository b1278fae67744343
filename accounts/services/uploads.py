"""A file between its preview and its import: kept for an hour for the person who sent it."""

import secrets
import zlib

from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts.errors import InvalidInput
from accounts.models import User
from accounts.tenancy import current_workspace_id

KEPT_SECONDS = 3600


def _name(user: User, token: str) -> str:
    return f"upload:{current_workspace_id()}:{user.pk}:{token}"


def keep_upload(content: bytes, *, by: User) -> str:
    """The token under which the file is found again."""
    token = secrets.token_urlsafe(16)
    try:
        cache.set(_name(by, token), zlib.compress(content), timeout=KEPT_SECONDS)
    except (RedisError, OSError) as error:
        message = _("The file could not be kept. Try again in a moment.")
        raise InvalidInput.at("", message) from error
    return token


def kept_upload(token: str, *, by: User) -> bytes:
    try:
        packed = cache.get(_name(by, token[:64]))
    except (RedisError, OSError):
        packed = None
    if packed is None:
        message = _("The preview is older than an hour. Choose the file again.")
        raise InvalidInput.at("", message)
    return zlib.decompress(packed)
