from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client

from accounts.models import Workspace
from tests.factories import bearer, make_key, make_workspace
from tests.usage.conftest import committed

__all__ = ["committed"]

Send = Callable[..., Any]


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace("acme")


@pytest.fixture
def secret(workspace: Workspace) -> str:
    return make_key(workspace)


@pytest.fixture
def send(client: Client, secret: str) -> Send:
    """POST a body (bytes as they are) to an address below /api/v1/."""

    def post(path: str, body: Any, **extra: Any) -> Any:
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return client.post(
            f"/api/v1/{path}",
            content,
            **{"content_type": "application/json", **bearer(secret), **extra},
        )

    return post
