"""Answers that took long are kept for a while in the cache; without one they are made each time."""

import logging
from collections.abc import Callable
from hashlib import sha256
from time import monotonic
from typing import Any, TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.tenancy import current_workspace_id

logger = logging.getLogger(__name__)

SLOW_SECONDS = 0.05

T = TypeVar("T")


def kept(name: str, make: Callable[[], T], *, seconds: int, slow: float = SLOW_SECONDS) -> T:
    """What `make` answered within the last seconds in this workspace, if that was slow to make."""
    name = f"{current_workspace_id()}:{sha256(name.encode()).hexdigest()}"
    found = _found(name)
    if found is not None:
        answer: T = found
        return answer
    began = monotonic()
    made = make()
    if monotonic() - began > slow:
        _keep(name, made, seconds)
    return made


def _found(name: str) -> Any:
    try:
        return cache.get(name)
    except (RedisError, OSError):
        return None


def _keep(name: str, made: object, seconds: int) -> None:
    try:
        cache.set(name, made, timeout=seconds)
    except (RedisError, OSError):
        logger.warning("The cache does not answer: %s is made each time", name)
