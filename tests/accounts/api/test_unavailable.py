"""A database that hangs, waits or was started again, and a cache that hangs, under the way in for events."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.test import RequestFactory

from accounts import counters
from accounts.api import ingesting as frame
from accounts.api.ingesting import Received, ingesting
from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scorecard_project.embedded.processes import command_line, wait_until
from tests.factories import bearer, make_account, make_key, make_workspace

pytestmark = pytest.mark.usefixtures("committed")


@ingesting()
def touch(received: Received) -> object:
    account = Account.objects.select_for_update().get()
    account.name = received.body.decode()
    account.save()
    return {}


def post(secret: str, name: str) -> Any:
    return touch(RequestFactory().post("/v1/batch", name, "text/plain", **bearer(secret)))


@pytest.fixture
def acme(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    settings.INGEST_TIMEOUT = 0.5
    monkeypatch.setattr(frame, "GRACE", 0.1)
    workspace = make_workspace("acme")
    make_account(workspace, "acme", name="Acme")
    return workspace


@pytest.fixture
def secret(acme: Workspace) -> str:
    return make_key(acme, ["ingest"])


def name_of_account(workspace: Workspace) -> str:
    with scope(workspace.pk):
        name: str = Account.objects.get().name
        return name


def backend() -> int:
    """The process of our connection; a server elsewhere is no test of this machine."""
    connection.ensure_connection()
    pid: int = connection.connection.info.backend_pid
    if "postgres" not in command_line(pid):
        pytest.skip("the database runs on another machine")
    return pid


def assert_unavailable(response: Any) -> None:
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert json.loads(response.content)["code"] == "unavailable"


def test_stopped_database_is_503_and_stores_nothing(acme: Workspace, secret: str) -> None:
    assert post(secret, "first").status_code == 200
    stopped = backend()
    os.kill(stopped, signal.SIGSTOP)
    try:
        assert_unavailable(post(secret, "second"))
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert name_of_account(acme) == "first"
    assert post(secret, "third").status_code == 200
    assert name_of_account(acme) == "third"


def test_wait_for_a_lock_is_503_and_ends_in_the_database_too(acme: Workspace, secret: str) -> None:
    with connections["owner"].cursor() as owner:
        owner.execute("BEGIN; LOCK TABLE accounts_account")
        assert_unavailable(post(secret, "second"))
        owner.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        assert owner.fetchone() == (0,)
        owner.execute("ROLLBACK")
    assert name_of_account(acme) == "Acme"


def test_connection_that_the_server_closed_is_replaced(acme: Workspace, secret: str) -> None:
    assert post(secret, "first").status_code == 200
    ended = backend()
    os.kill(ended, signal.SIGTERM)
    assert wait_until(lambda: not command_line(ended), seconds=10)
    connection.close_if_unusable_or_obsolete()  # as at the start of every request
    assert post(secret, "second").status_code == 200
    assert backend() != ended


@pytest.fixture
def hanging_cache(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(counters, "_dead_until", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        location = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        options = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
        cache = {**settings.CACHES["default"], "LOCATION": location, "OPTIONS": options}
        settings.CACHES = {"default": cache}
        yield
    counters._dead_until = 0.0


@pytest.mark.usefixtures("hanging_cache")
def test_hanging_cache_holds_nobody_up(secret: str) -> None:
    begun = time.monotonic()
    assert [post(secret, name).status_code for name in ("a", "b", "c")] == [200] * 3
    assert time.monotonic() - begun < 5
