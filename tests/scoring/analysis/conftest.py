from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User, Workspace
from scoring import kept
from tests.factories import make_member, make_workspace
from tests.scoring.analysis.walked import NOON


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Nothing is kept, however slow the machine is."""
    monkeypatch.setattr(kept, "SLOW_SECONDS", 3600)
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("northwind")


@pytest.fixture
def admin(workspace: Workspace, client: Client) -> User:
    user = make_member(workspace)
    client.force_login(user)
    return user
