"""Answers that took long are kept for a while in the cache; without one they are made each time."""

import logging
from collections.abc import Callable
from hashlib import sha256
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

from accounts.tenancy import current_workspace_id

logger = logging.getLogger(__name__)

SLOW_SECONDS = 0.05
LONGEST_SECONDS = 3600
"""For which anything is kept."""

T = TypeVar("T")


def kept(
    name: str,
    make: Callable[[], T],
    *,
    seconds: int,
    slow: float | None = None,
    of_scores: bool = False,
) -> T:
    """What `make` answered within the last seconds in this workspace, if that was slow to make.

    What is `of_scores` is made again as soon as a person has set one by hand.
    """
    if of_scores:
        name = f"{name}:{_found(_edition())}"
    name = f"{current_workspace_id()}:{sha256(name.encode()).hexdigest()}"
    found = _found(name)
    if found is not None:
        answer: T = found
        return answer
    began = monotonic()
    made = make()
    if monotonic() - began > (SLOW_SECONDS if slow is None else slow):
        _keep(name, made, seconds)
    return made


def forget_scores() -> None:
    """A person has set a score, and looks at what becomes of it: in this request, and, once it is
    committed, everywhere."""
    name = _edition()
    _keep(name, uuid4().hex, LONGEST_SECONDS)
    transaction.on_commit(lambda: _keep(name, uuid4().hex, LONGEST_SECONDS))


def _edition() -> str:
    return f"{current_workspace_id()}:edition-of-scores"


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
