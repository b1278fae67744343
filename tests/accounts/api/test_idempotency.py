from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Account, IdempotentRequest, Workspace
from accounts.tenancy import scope
from tests.accounts.conftest import Send
from tests.factories import bearer, make_key, make_workspace

ROWS = {"accounts": [{"key": "a", "name": "A"}]}
OTHER = {"accounts": [{"key": "a", "name": "B"}]}
CREATED = {"created": 1, "updated": 0, "unchanged": 0}


def test_same_request_again_is_answered_again(send: Send, workspace: Workspace) -> None:
    first = send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY="k1")
    again = send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY="k1")
    assert first.json() == again.json() == CREATED
    assert (again.status_code, again["Content-Type"]) == (200, "application/json")
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert send("accounts/", ROWS).json()["unchanged"] == 1


def test_same_key_with_another_body_is_422(send: Send, workspace: Workspace) -> None:
    send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY="k1")
    response = send("accounts/", OTHER, HTTP_IDEMPOTENCY_KEY="k1")
    assert (response.status_code, response.json()["code"]) == (422, "unprocessable")
    with scope(workspace.pk):
        assert Account.objects.get().name == "A"


def test_same_key_at_another_address_is_422(send: Send) -> None:
    send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY="k1")
    assert send("accounts/?x=1", ROWS, HTTP_IDEMPOTENCY_KEY="k1").status_code == 422
    assert send("seats/", {"seats": []}, HTTP_IDEMPOTENCY_KEY="k1").status_code == 422


def test_failed_request_may_be_repeated_with_its_key(send: Send, workspace: Workspace) -> None:
    bad = {"accounts": [{"key": "a"}]}
    assert send("accounts/", bad, HTTP_IDEMPOTENCY_KEY="k1").status_code == 400
    assert send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY="k1").json() == CREATED


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "\x7f"])
def test_key_that_is_no_key_is_400(send: Send, key: str) -> None:
    response = send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY=key)
    assert response.status_code == 400
    assert response.json()["errors"][0]["path"] == "Idempotency-Key"


def test_key_holds_for_its_workspace_alone(send: Send, client: Client) -> None:
    send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY="k1")
    secret = make_key(make_workspace())
    response = client.post(
        "/api/v1/accounts/",
        OTHER,
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY="k1",
        **bearer(secret),
    )
    assert response.json() == CREATED


def age(workspace: Workspace, key: str, by: timedelta) -> datetime:
    moment = timezone.now() - by
    with scope(workspace.pk):
        IdempotentRequest.objects.filter(key=key).update(created_at=moment)
    return moment


def test_key_is_kept_for_a_day(send: Send, workspace: Workspace) -> None:
    send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY="k1")
    age(workspace, "k1", timedelta(hours=23, minutes=59))
    assert send("accounts/", OTHER, HTTP_IDEMPOTENCY_KEY="k1").status_code == 422
    age(workspace, "k1", timedelta(hours=24, minutes=1))
    assert send("accounts/", OTHER, HTTP_IDEMPOTENCY_KEY="k1").json()["updated"] == 1
    assert send("accounts/", OTHER, HTTP_IDEMPOTENCY_KEY="k1").json()["updated"] == 1


def test_old_keys_are_swept_away(send: Send, workspace: Workspace) -> None:
    for key in ("k1", "k2"):
        send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY=key)
    age(workspace, "k1", timedelta(days=2))
    send("accounts/", ROWS, HTTP_IDEMPOTENCY_KEY="k3")
    with scope(workspace.pk):
        keys = IdempotentRequest.objects.order_by("key").values_list("key", flat=True)
        assert list(keys) == ["k2", "k3"]


@pytest.mark.usefixtures("committed")
def test_same_key_at_once_runs_once() -> None:
    workspace = make_workspace()
    secret = make_key(workspace)
    barrier = Barrier(6)

    def post(number: int) -> Any:
        barrier.wait()
        try:
            return Client().post(
                "/api/v1/accounts/",
                ROWS,
                content_type="application/json",
                HTTP_IDEMPOTENCY_KEY="k1",
                **bearer(secret),
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(post, range(6)))
    assert [answer.json() for answer in answers] == [CREATED] * 6
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 5
