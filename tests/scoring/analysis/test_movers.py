import csv
import io
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Role, User, Workspace
from accounts.tenancy import scope
from scoring.changes import changes
from scoring.models import Scorecard
from scoring.services.segments import save_segment
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.analysis.walked import TODAY, WEEK_AGO, judge, walk, walked
from tests.scoring.scored import publish, three

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def get(client: Client, query: str = "") -> Any:
    response = client.get(f"/w/northwind/movers/{query}")
    assert response.status_code == 200
    return response


def flows(response: Any) -> dict[tuple[str, str], tuple[int, dict[str, int]]]:
    return {
        (cell.before.key, cell.after.key): (
            cell.accounts,
            {money.currency: money.minor for money in cell.money},
        )
        for row in response.context["movers"].matrix.rows
        for cell in row.cells
        if cell.accounts
    }


def lists(response: Any) -> dict[str, list[str]]:
    return {each.name: [row.account.key for row in each.rows] for each in response.context["lists"]}


def test_flows_are_the_sums_of_what_each_account_did(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)
    assert flows(get(client)) == {
        ("green", "red"): (1, {"EUR": 500_00}),
        ("green", "yellow"): (1, {"USD": 300_00}),
        ("red", "green"): (1, {"EUR": 7_00}),
        ("green", "green"): (1, {}),
        ("unknown", "unknown"): (1, {"USD": 1_00}),
        ("not_applicable", "yellow"): (1, {"USD": 9_00}),
        ("red", "not_applicable"): (1, {"EUR": 4_00}),
    }


def test_most_improved_and_declined_new_and_gone_stand_in_order(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)
    assert lists(get(client)) == {
        "declined": ["fell", "slid"],
        "improved": ["rose", "stays"],
        "new": ["new"],
        "gone": ["gone"],
    }


def test_each_row_tells_the_sentence_of_its_ledger(
    client: Client, workspace: Workspace, admin: User
) -> None:
    made = walked(workspace)
    rows = [row for each in get(client).context["lists"] for row in each.rows]
    assert {row.account.key: row.why for row in rows if not row.why} == {"new": "", "gone": ""}
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        for row in rows:
            if row.why:
                account = made[row.account.key]
                found = changes(account=account, scorecard=card, first=WEEK_AGO, last=TODAY)
                assert found is not None
                assert (row.why, row.change) == (found.sentence, found.delta)
    (fell,) = [row.why for row in rows if row.account.key == "fell"]
    assert fell == "20, down 70 in 7 days: Usage −28, Support −21, Nps −21."


def test_any_two_days_are_compared(client: Client, workspace: Workspace, admin: User) -> None:
    walked(workspace)
    yesterday = TODAY - timedelta(days=1)
    assert lists(get(client, f"?from={WEEK_AGO}&to={WEEK_AGO + timedelta(days=2)}")) == {
        "declined": [],
        "improved": [],
        "new": [],
        "gone": [],
    }
    assert lists(get(client, f"?from={yesterday}&to={yesterday}"))["declined"] == []


def test_today_counts_what_was_said_of_yesterday_until_its_night_has_come(
    client: Client, workspace: Workspace, admin: User
) -> None:
    publish(workspace, WEEK_AGO - timedelta(days=9))
    late = walk(workspace, "late", 90, 90)
    judge(workspace, [late], first=WEEK_AGO, last=TODAY - timedelta(days=1))
    found = get(client)
    assert lists(found)["gone"] == []
    assert flows(found) == {("green", "green"): (1, {})}
    older = get(client, f"?from={WEEK_AGO - timedelta(days=1)}&to={WEEK_AGO}")
    assert lists(older)["new"] == ["late"]


def test_whose_accounts_are_looked_at_can_be_chosen(
    client: Client, workspace: Workspace, admin: User
) -> None:
    made = walked(workspace)
    with scope(workspace.pk):
        Account.objects.filter(key__in=["fell", "rose"]).update(owner=admin)
        Account.objects.filter(key="slid").update(stage="ongoing")
        conditions = [{"attribute": "stage", "op": "eq", "value": "ongoing"}]
        save_segment(
            document={"key": "late", "name": "Late", "conditions": conditions}, today=TODAY
        )
    mine = {"declined": ["fell"], "improved": ["rose"], "new": [], "gone": []}
    slid = {"declined": ["slid"], "improved": [], "new": [], "gone": []}
    assert lists(get(client, "?owner=me")) == mine
    assert lists(get(client, f"?owner={admin.pk}")) == mine
    assert lists(get(client, "?stage=ongoing")) == slid
    assert lists(get(client, "?segment=late")) == slid
    assert lists(get(client, "?owner=none"))["new"] == ["new"]
    assert sum(n for n, _money in flows(get(client)).values()) == len(made)


def test_a_flow_or_a_kind_is_listed_in_full_page_by_page(
    client: Client, workspace: Workspace, admin: User
) -> None:
    publish(workspace, WEEK_AGO - timedelta(days=9))
    made = [walk(workspace, f"a{n:02}", 90, 10 + n) for n in range(30)]
    judge(workspace, made, first=WEEK_AGO, last=TODAY)
    (few,) = [each for each in get(client).context["lists"] if each.name == "declined"]
    assert (len(few.rows), few.total) == (8, 30)
    for whole in ("?was=green&is=red", "?show=declined"):
        seen: list[str] = []
        query = whole
        while query:
            (each,) = get(client, query).context["lists"]
            seen += [row.account.key for row in each.rows]
            query = each.next_url
        assert (seen, each.total) == ([f"a{n:02}" for n in range(30)], 30)
    (none,) = get(client, "?was=green&is=nothing").context["lists"]
    assert (none.rows, none.total) == ([], 0)


def test_file_holds_everybody_who_moved_or_what_is_shown(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)

    def rows(query: str) -> list[dict[str, str]]:
        text = b"".join(get(client, query).streaming_content).decode()
        return list(csv.DictReader(io.StringIO(text)))

    assert [row["account"] for row in rows("?show=declined&format=csv")] == ["fell", "slid"]
    whole = rows("?format=csv")
    assert [row["account"] for row in whole] == ["fell", "slid", "new", "gone", "stays", "rose"]
    assert {name: whole[0][name] for name in ("score_from", "score_to", "band_to", "why")} == {
        "score_from": "90",
        "score_to": "20",
        "band_to": "Poor",
        "why": "20, down 70 in 7 days: Usage −28, Support −21, Nps −21.",
    }
    assert (whole[0]["contract_value"], whole[0]["currency"]) == ("500.00", "EUR")


def test_bands_of_an_earlier_scheme_stand_at_the_same_height(
    client: Client, workspace: Workspace, admin: User
) -> None:
    publish(workspace, WEEK_AGO - timedelta(days=9), three() | {"scheme": "letter"})
    same = walk(workspace, "same", 5, 5)
    judge(workspace, [same], first=WEEK_AGO, last=WEEK_AGO)
    publish(workspace, TODAY - timedelta(days=1), three())
    judge(workspace, [same], first=TODAY, last=TODAY)
    found = get(client)
    assert flows(found) == {("red", "red"): (1, {})}
    assert b"had other bands before" in found.content


@pytest.mark.parametrize("role", Role.values)
def test_every_member_may_look(client: Client, workspace: Workspace, role: str) -> None:
    make_account(workspace, "contoso")
    client.force_login(make_member(workspace, role))
    assert b"No scorecard is published yet" in get(client).content


def test_nobody_else_may_look(client: Client, workspace: Workspace) -> None:
    assert client.get("/w/northwind/movers/")["Location"].startswith("/login/")
    client.force_login(make_member(make_workspace()))
    assert client.get("/w/northwind/movers/").status_code == 404


def test_number_of_queries_is_the_same_for_few_and_many(
    client: Client, workspace: Workspace, admin: User
) -> None:
    publish(workspace, WEEK_AGO - timedelta(days=9))

    def count() -> Counter[str]:
        with CaptureQueriesContext(connection) as queries:
            get(client)
        return Counter(query["sql"].split()[0] for query in queries)

    judge(workspace, [walk(workspace, "a", 90, 10)], first=WEEK_AGO, last=TODAY)
    get(client)
    few = count()
    made = [walk(workspace, f"b{n}", 90 - n, 10 + 4 * n) for n in range(20)]
    judge(workspace, made, first=WEEK_AGO, last=TODAY)
    assert count() == few


def test_odd_addresses_are_answered(client: Client, workspace: Workspace, admin: User) -> None:
    walked(workspace)
    for query in (
        "?from=x&to=y&days=-1",
        "?page=0",
        "?page=999999999&show=declined",
        "?page=²&show=new",
        "?show=nothing",
        "?scorecard=none&segment=none&stage=none&owner=999999999999999999999",
        "?was=&is=red",
        "?was=unknown&is=not_applicable",
        "?from=1990-01-01&to=1990-01-02",
    ):
        get(client, query)
