"""Fixed-window counters in the shared cache. Where the cache does not answer, nothing is counted."""

import logging
import time
from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10
PREFIX = "scorecard:count:"
LAST = ":last"
COUNT = """
local number = redis.call('INCRBY', KEYS[1], ARGV[2])
if number == tonumber(ARGV[2]) then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return number
"""
_dead_until = 0.0
MOST_TAKEN = 1000
_taken: dict[str, int] = {}
"""How many of those counted at once are left."""
_lock = Lock()


def count(name: str, *, seconds: int, number: int = 1) -> int:
    """Counts one more and says how many there were in the window; 0 means that nobody knows.

    The cache guards and does not decide: while it is away, requests pass, and it is asked again
    only after a pause, so that a hanging cache does not hang every request.
    """
    global _dead_until  # noqa: PLW0603
    if time.monotonic() < _dead_until:
        return 0
    try:
        return int(_client().eval(COUNT, 1, PREFIX + name, str(seconds), str(number)))
    except (RedisError, OSError):
        _dead_until = time.monotonic() + PAUSE_SECONDS
        logger.exception("The cache does not answer: rates are not limited")
        return 0


def within(allowed: int, name: str, *, seconds: int) -> bool:
    """Counts one more and says whether it is among the allowed ones of the window.

    This process counts some of a large number at once and then asks nobody until they are used.
    """
    with _lock:
        left = _taken.get(name, 0)
        if left:
            _taken[name] = left - 1
            return True
    number = max(1, allowed // 200)
    counted = count(name, seconds=seconds, number=number)
    usable = min(number, allowed - (counted - number)) if counted else 1
    with _lock:
        if len(_taken) >= MOST_TAKEN:
            _taken.clear()
        _taken[name] = _taken.get(name, 0) + max(usable - 1, 0)
    return usable > 0


def counted(name: str) -> int:
    """How many there were in the window so far."""
    if time.monotonic() < _dead_until:
        return 0
    try:
        return int(_client().get(PREFIX + name) or 0)
    except (RedisError, OSError):
        return 0


def tally(name: str, field: str, *, moment: int, seconds: int) -> None:
    """One more under the field, and when that was; all of the name is kept for so long."""
    global _dead_until  # noqa: PLW0603
    if time.monotonic() < _dead_until:
        return
    try:
        with _client().pipeline(transaction=False) as pipe:
            pipe.hincrby(PREFIX + name, field, 1)
            pipe.hset(PREFIX + name, f"{field}{LAST}", moment)
            pipe.expire(PREFIX + name, seconds)
            pipe.execute()
    except (RedisError, OSError):
        _dead_until = time.monotonic() + PAUSE_SECONDS
        logger.exception("The cache does not answer: %s is not counted", name)


def tallies(names: Sequence[str]) -> list[dict[str, tuple[int, int]]]:
    """For each name its fields, with their numbers and last moments."""
    try:
        with _client().pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hgetall(PREFIX + name)
            found = pipe.execute()
    except (RedisError, OSError):
        return []
    plain = [{key.decode(): int(value) for key, value in fields.items()} for fields in found]
    return [
        {
            field: (number, fields.get(f"{field}{LAST}", 0))
            for field, number in fields.items()
            if not field.endswith(LAST)
        }
        for fields in plain
    ]


def forget(name: str) -> None:
    try:
        _client().delete(PREFIX + name)
    except (RedisError, OSError):
        logger.exception("The cache does not answer: %s was not forgotten", name)


def _client() -> Redis:
    """Not Django's cache, which takes three commands and a new client for each count."""
    given: Any = settings.CACHES["default"]
    return _connected(given["LOCATION"], given["OPTIONS"]["socket_timeout"])


@cache
def _connected(url: str, timeout: float) -> Redis:
    # One more try where the server was started again; none where it hangs.
    once_more = Retry(NoBackoff(), 1, (RedisConnectionError,))
    return Redis.from_url(
        url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=once_more
    )
