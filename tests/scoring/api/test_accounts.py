"""The list of accounts with their current primary health."""

import base64
import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from accounts.inputs import AccountRow
from accounts.models import Account, Role, Workspace
from accounts.services.accounts import upsert_accounts
from accounts.tenancy import scope
from scoring.models import Evaluation, Health
from tests.factories import make_member
from tests.scoring.api.conftest import DAY, NOW, TODAY, Api, paths, problems

OWNER = "ann@example.com"


@pytest.fixture
def portfolio(scored: Workspace) -> Workspace:
    """Besides acme (31) and a trial: nine live accounts with scores 10 … 90, two of them equal."""
    make_member(scored, Role.CSM, OWNER)
    rows = [
        AccountRow(
            key=f"live-{n}",
            name=f"Live {n}",
            stage="live",
            owner=OWNER if n % 3 == 0 else None,
            contract_value=Decimal(n * 1000) if n % 2 else None,
            currency="JPY" if n == 9 else "USD",
            renewal_on=TODAY + n * DAY if n > 4 else None,
        )
        for n in range(1, 10)
    ]
    with scope(scored.pk):
        upsert_accounts(rows=rows, as_of=TODAY, by=None, moment=NOW)
        like = Health.objects.get()
        for account in Account.objects.filter(key__startswith="live-"):
            _health(account, int(account.key[-1]), like)
    return scored


def _health(account: Account, n: int, like: Health) -> None:
    score = min(n, 8) * 100_000
    Health.objects.create(
        account_id=account.pk,
        scorecard_id=like.scorecard_id,
        version_id=like.version_id,
        day=TODAY,
        score=score,
        band=0 if score < 505_000 else 1 if score < 755_000 else 2,
        band_key="red" if score < 505_000 else "yellow" if score < 755_000 else "green",
        coverage=7_000,
        flags=Evaluation.PROVISIONAL,
        change=None if n == 1 else (n - 5) * 10_000,
        reasons=[],
    )


def keys(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["key"] for row in answer.json()["results"]]


def test_account_answers_as_the_contract_says(portfolio: Workspace, api: Api) -> None:
    found = {row["key"]: row for row in api.get("accounts/").json()["results"]}
    assert found["live-5"] == {
        "key": "live-5",
        "name": "Live 5",
        "stage": "live",
        "status": "active",
        "score": "50.0000",
        "shown": 50,
        "band": "red",
        "coverage": "0.7000",
        "provisional": True,
        "held": False,
        "change": "0.0000",
        "reason": "",
        "day": "2026-06-10",
        "renewal_on": "2026-06-15",
        "contract_value": "5000.00",
        "currency": "USD",
        "tags": [],
    }
    assert (found["live-9"]["contract_value"], found["live-9"]["currency"]) == ("9000", "JPY")
    unknown = found["trial/1"]
    assert [unknown[name] for name in ("score", "shown", "band", "coverage", "day")] == [
        None,
        None,
        "unknown",
        None,
        None,
    ]


def test_tags_are_told_and_found(portfolio: Workspace, api: Api) -> None:
    with scope(portfolio.pk):
        told = [
            AccountRow(key="live-1", tags=["VIP", "beta"]),
            AccountRow(key="live-2", tags=["vip"]),
        ]
        upsert_accounts(rows=told, as_of=TODAY, by=None, moment=NOW)
    found = api.get("accounts/?tag=Vip&ordering=name").json()["results"]
    assert [(row["key"], row["tags"]) for row in found] == [
        ("live-1", ["beta", "VIP"]),
        ("live-2", ["VIP"]),
    ]


def test_change_and_reason_tell_the_ledger(scored: Workspace, api: Api) -> None:
    with scope(scored.pk):
        entry = {"metric": "sponsor", "name": "Sponsor", "kinds": ["behaviour"], "status": None}
        reasons = [{**entry, "points": -200_000}]
        Health.objects.update(change=-200_000, reasons=reasons)
    (acme,) = api.get("accounts/?search=acme").json()["results"]
    assert (acme["change"], acme["reason"]) == ("-20.0000", "Sponsor −20")


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("score", "1 2 3 acme 4 5 6 7 8 9 trial/1"),
        ("-score", "9 8 7 6 5 4 acme 3 2 1 trial/1"),
        ("name", "acme 1 2 3 4 5 6 7 8 9 trial/1"),
        ("-name", "trial/1 9 8 7 6 5 4 3 2 1 acme"),
        ("change", "2 3 4 5 6 7 8 9 acme 1 trial/1"),
        ("contract_value", "9 1 3 5 7 acme 2 4 6 8 trial/1"),
        ("renewal_on", "5 6 7 8 9 acme 1 2 3 4 trial/1"),
    ],
)
@pytest.mark.parametrize("limit", [1, 4, 1000])
def test_pages_of_any_size_hold_every_account_once_in_order(
    portfolio: Workspace, api: Api, ordering: str, expected: str, limit: int
) -> None:
    found, cursor = [], ""
    while cursor is not None:
        answer = api.get(f"accounts/?ordering={ordering}&limit={limit}&cursor={cursor}")
        page = keys(answer)
        assert len(page) <= limit
        found += [key.removeprefix("live-") for key in page]
        cursor = answer.json()["next"]
    wanted = expected.split()
    if ordering in ("change", "contract_value", "renewal_on"):
        # Where there is no value there is no order but that of the accounts.
        assert found[:5] == wanted[:5]
        assert sorted(found) == sorted(wanted)
    else:
        assert found == wanted


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("band=green", "live-8 live-9"),
        ("band=green&band=yellow", "live-6 live-7 live-8 live-9"),
        ("band=unknown", "trial/1"),
        ("band=purple", ""),
        ("stage=trial", "trial/1"),
        ("stage=trial&stage=live&band=unknown", "trial/1"),
        (f"owner={OWNER}", "live-3 live-6 live-9"),
        (f"owner={OWNER.upper()}&band=red", "live-3"),
        ("owner=stranger@example.com", ""),
        ("search=live 7", "live-7"),
        ("search=ACM", "acme"),
        ("search=%25", ""),
        ("search=_", ""),
        ("search=%27%3B--", ""),
        ("band=", "live-1 live-2 live-3 acme live-4 live-5 live-6 live-7 live-8 live-9 trial/1"),
    ],
)
def test_filters_narrow_the_list(portfolio: Workspace, api: Api, query: str, expected: str) -> None:
    assert keys(api.get(f"accounts/?{query}")) == expected.split()


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("ordering=colour", "ordering"),
        ("ordering=--score", "ordering"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=many", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%C3%A9", "cursor"),
        ("segment=smb", "segment"),
        ("page=2", "page"),
        ("search=a%00b", "search"),
    ],
)
def test_bad_parameter_is_refused(scored: Workspace, api: Api, query: str, path: str) -> None:
    answer = api.get(f"accounts/?{query}")
    assert paths(answer) == [path], problems(answer)


def test_cursor_of_another_ordering_is_refused(portfolio: Workspace, api: Api) -> None:
    cursor = api.get("accounts/?limit=2&ordering=name").json()["next"]
    assert paths(api.get(f"accounts/?limit=2&ordering=score&cursor={cursor}")) == ["cursor"]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("accounts/?ordering=name", ["name", "a\0b", 1]),
        ("accounts/?ordering=name", ["name", "\ud800", 1]),
        ("accounts/?ordering=score", ["score", "1", 1]),
        ("accounts/?ordering=score", ["score", 1, 2**63]),
        ("scorecards/?ordering=key", ["key", "a\0b", "plain", 1]),
        ("scorecards/?ordering=rank", ["rank", "1e999999999", "Decimal", 1]),
        ("scorecards/?ordering=rank", ["rank", "NaN", "Decimal", 1]),
        ("alerts/?ordering=day", ["day", "x", "date", 1]),
        ("rules/?ordering=key", ["key", "a", "plain"]),
    ],
)
def test_cursor_that_somebody_made_up_is_refused(
    scored: Workspace, api: Api, path: str, place: list[Any]
) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    assert api.get(f"{path}&cursor={cursor}").status_code == 400


def test_long_search_is_answered(scored: Workspace, api: Api) -> None:
    assert keys(api.get(f"accounts/?search={'x' * 3000}")) == []


def test_accounts_as_csv_are_the_same_rows_with_a_link_to_the_next(
    portfolio: Workspace, api: Api
) -> None:
    as_json = api.get("accounts/?limit=3")
    as_csv = api.get("accounts/?limit=3", HTTP_ACCEPT="text/csv")
    assert as_csv["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(as_csv.content.decode())))
    assert [row["key"] for row in rows] == keys(as_json)
    assert list(rows[0]) == list(as_json.json()["results"][0])
    assert f"cursor={as_json.json()['next']}" in as_csv["Link"]


@pytest.mark.parametrize(("query", "accept"), [("?format=csv", "*/*"), ("", "text/csv")])
def test_answer_to_what_is_sent_is_never_csv(api: Api, query: str, accept: str) -> None:
    row = {"key": "a", "name": "A"}
    answer = api.post(f"accounts/{query}", {"accounts": [row]}, HTTP_ACCEPT=accept)
    assert answer.status_code in {404, 406}
    assert answer.json()["errors"] == []


def test_accounts_of_another_workspace_are_not_listed(portfolio: Workspace, stranger: Api) -> None:
    assert keys(stranger.get("accounts/")) == []
    assert keys(stranger.get(f"accounts/?owner={OWNER}")) == []


def test_segment_filters_the_accounts_that_belong_to_it(portfolio: Workspace, api: Api) -> None:
    conditions = [
        {"attribute": "stage", "op": "eq", "value": "Live"},
        {"attribute": "contract_value", "op": "gte", "value": 5_000},
    ]
    api.put("segments/large/", {"name": "Large", "conditions": conditions})
    assert keys(api.get("accounts/?segment=large&ordering=name")) == [
        "acme",
        "live-5",
        "live-7",
        "live-9",
    ]
    first = api.get("accounts/?segment=large&ordering=contract_value&limit=2").json()
    rest = api.get(f"accounts/?segment=large&ordering=contract_value&cursor={first['next']}")
    assert [row["key"] for row in first["results"]] + keys(rest) == [
        "live-9",  # in yen, which have no cents
        "live-5",
        "live-7",
        "acme",
    ]
    api.put("segments/none/", {"name": "None", "conditions": [{**conditions[0], "value": "x"}]})
    assert keys(api.get("accounts/?segment=none")) == []
