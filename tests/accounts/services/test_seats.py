from typing import Any

import pytest

from accounts.models import SeatChange, StaleAccount, Workspace
from accounts.tenancy import scope
from tests.accounts.conftest import Send
from tests.factories import make_account, make_workspace


def seats(account: str, number: int, day: str) -> dict[str, Any]:
    return {"account": account, "seats": number, "from": day}


def test_history_is_stored_by_account_and_day(send: Send, workspace: Workspace) -> None:
    account = make_account(workspace, "a")
    rows = [seats("a", 10, "2025-01-01"), seats("a", 20, "2026-01-01")]
    assert send("seats/", {"seats": rows}).json() == {"created": 2, "updated": 0, "unchanged": 0}
    rows[1]["seats"] = 25
    assert send("seats/", {"seats": rows}).json() == {"created": 0, "updated": 1, "unchanged": 1}
    with scope(workspace.pk):
        found = SeatChange.objects.order_by("from_day").values_list("account_id", "seats")
        assert list(found) == [(account.pk, 10), (account.pk, 25)]
        assert str(StaleAccount.objects.get().from_day) == "2025-01-01"


def test_future_seats_make_nothing_stale(send: Send, workspace: Workspace) -> None:
    make_account(workspace, "a")
    assert send("seats/", {"seats": [seats("a", 10, "2999-01-01")]}).status_code == 200
    with scope(workspace.pk):
        assert StaleAccount.objects.count() == 0


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        ([seats("nobody", 1, "2026-01-01")], "seats[1].account"),
        ([seats("elsewhere", 1, "2026-01-01")], "seats[1].account"),
        ([seats("a", 2, "2026-01-01")], "seats[1].from"),
        ([seats("a", -1, "2026-01-02")], "seats[1].seats"),
        ([seats("a", 10**10, "2026-01-02")], "seats[1].seats"),
        ([seats("a", 1, "01.02.2026")], "seats[1].from"),
        ([{"account": "a", "seats": 1}], "seats[1].from"),
    ],
)
def test_bad_row_is_named_and_nothing_is_stored(
    send: Send, workspace: Workspace, bad: list[dict[str, Any]], path: str
) -> None:
    make_account(workspace, "a")
    make_account(make_workspace(), "elsewhere")
    response = send("seats/", {"seats": [seats("a", 1, "2026-01-01"), *bad]})
    assert response.status_code == 400
    assert [error["path"] for error in response.json()["errors"]] == [path]
    with scope(workspace.pk):
        assert SeatChange.objects.count() == 0
