from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, User, Workspace
from accounts.tenancy import scope
from tests.factories import bearer, make_key, make_workspace
from tests.scoring.analysis.walked import walked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def ask(workspace: Workspace, query: str = "", status: int = 200) -> Any:
    secret = make_key(workspace, ["read"])
    response = Client().get(f"/api/v1/portfolio/{query}", **bearer(secret))
    assert response.status_code == status
    return response.json()


def keys(rows: list[dict[str, Any]]) -> list[str]:
    return [row["account"] for row in rows]


def test_portfolio_is_told_as_the_pages_tell_it(workspace: Workspace, admin: User) -> None:
    walked(workspace)
    answer = ask(workspace)
    assert (answer["scorecard"], answer["as_of"], answer["accounts"], answer["mean"]) == (
        "health",
        "2026-03-10",
        6,
        "65.4000",
    )
    assert answer["distribution"] == [
        {
            "band": "red",
            "accounts": 1,
            "contract_values": [{"currency": "EUR", "contract_value": "500.00"}],
        },
        {
            "band": "yellow",
            "accounts": 2,
            "contract_values": [{"currency": "USD", "contract_value": "309.00"}],
        },
        {
            "band": "green",
            "accounts": 2,
            "contract_values": [{"currency": "EUR", "contract_value": "7.00"}],
        },
        {
            "band": "unknown",
            "accounts": 1,
            "contract_values": [{"currency": "USD", "contract_value": "1.00"}],
        },
    ]
    assert (answer["groups"], answer["metrics_of"]) == ([], 7)
    assert answer["metrics"][0] == {
        "key": "usage",
        "name": "Usage",
        "accounts": 5,
        "mean": "65.4000",
        "lowest_band": "0.2000",
    }
    movers = answer["movers"]
    assert (movers["from"], movers["to"]) == ("2026-03-03", "2026-03-10")
    assert [keys(movers[name]) for name in ("declined", "improved", "new", "gone")] == [
        ["fell", "slid"],
        ["rose", "stays"],
        ["new"],
        ["gone"],
    ]
    assert movers["declined"][0] == {
        "account": "fell",
        "name": "fell",
        "before": "green",
        "after": "red",
        "score_before": "90.0000",
        "score_after": "20.0000",
        "change": "-70.0000",
        "sentence": "20, down 70 in 7 days: Usage −28, Support −21, Nps −21.",
        "contract_value": "500.00",
        "currency": "EUR",
    }
    assert {(flow["before"], flow["after"]): flow["accounts"] for flow in movers["flows"]} == {
        ("green", "green"): 1,
        ("green", "yellow"): 1,
        ("green", "red"): 1,
        ("red", "green"): 1,
        ("red", "not_applicable"): 1,
        ("unknown", "unknown"): 1,
        ("not_applicable", "yellow"): 1,
    }


def test_portfolio_is_grouped_and_dated(workspace: Workspace, admin: User) -> None:
    walked(workspace)
    with scope(workspace.pk):
        Account.objects.filter(key__in=["fell", "rose"]).update(stage="live")
    groups = ask(workspace, "?group_by=stage&scorecard=health")["groups"]
    assert [(row["key"], row["accounts"], row["mean"]) for row in groups] == [
        ("", 4, "70.6667"),
        ("live", 2, "57.5000"),
    ]
    earlier = ask(workspace, "?as_of=2026-03-03&from=2026-03-02")
    assert (earlier["accounts"], earlier["mean"]) == (6, "60.0000")
    assert keys(earlier["movers"]["new"])[:1] == ["fell"]


def test_what_can_not_be_asked_is_refused(workspace: Workspace, admin: User) -> None:
    ask(workspace, status=404)
    walked(workspace)
    ask(workspace, "?scorecard=other", status=404)
    ask(workspace, "?as_of=2026-03-11", status=400)
    ask(workspace, "?from=2026-03-10&as_of=2026-03-09", status=400)
    ask(workspace, "?group_by=colour", status=400)


def test_portfolio_of_another_workspace_stays_there(workspace: Workspace, admin: User) -> None:
    walked(workspace)
    ask(make_workspace("globex"), status=404)
    for scope_ in ("ingest", "write", "admin"):
        secret = make_key(workspace, [scope_])
        assert Client().get("/api/v1/portfolio/", **bearer(secret)).status_code == 403
