"""Fixed-window counters in the shared cache. Where the cache does not answer, nothing is counted."""

import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10
_dead_until = 0.0


def count(name: str, *, seconds: int) -> int:
    """Counts one more and says how many there were in the window; 0 means that nobody knows.

    The cache guards and does not decide: while it is away, requests pass, and it is asked again
    only after a pause, so that a hanging cache does not hang every request.
    """
    global _dead_until  # noqa: PLW0603
    if time.monotonic() < _dead_until:
        return 0
    try:
        cache.add(name, 0, timeout=seconds)
        return cache.incr(name)
    except ValueError:
        # The window closed between the two calls.
        return 1
    except (RedisError, OSError):
        _dead_until = time.monotonic() + PAUSE_SECONDS
        logger.exception("The cache does not answer: rates are not limited")
        return 0


def counted(name: str) -> int:
    """How many there were in the window so far."""
    if time.monotonic() < _dead_until:
        return 0
    try:
        return int(cache.get(name, 0))
    except (RedisError, OSError):
        return 0


def forget(name: str) -> None:
    try:
        cache.delete(name)
    except (RedisError, OSError):
        logger.exception("The cache does not answer: %s was not forgotten", name)
