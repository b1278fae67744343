import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User, Workspace
from accounts.tenancy import scope
from scoring.services.segments import save_segment
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.explorer.used import TODAY, make_peer, make_used, use

pytestmark = pytest.mark.django_db


def get(client: Client, query: str = "", **headers: Any) -> Any:
    return client.get(f"/w/northwind/usage/{query}", **headers)


def told(response: Any) -> list[tuple[str, str, str]]:
    rows = response.context["list"].rows
    return [(row.ranked.name, row.value, row.change.text if row.change else "") for row in rows]


def facts(response: Any) -> dict[str, str]:
    return {fact.title: fact.text for fact in response.context["facts"]}


def text_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


@pytest.mark.parametrize("role", Role.values)
def test_usage_is_open_to_every_member(client: Client, workspace: Workspace, role: str) -> None:
    make_used(workspace, "contoso", users=2)
    client.force_login(make_member(workspace, role))
    response = get(client)
    assert (response.status_code, told(response)) == (200, [("contoso", "2", "")])


def test_usage_is_nothing_to_strangers(client: Client, workspace: Workspace) -> None:
    assert get(client)["Location"] == "/login/?next=/w/northwind/usage/"
    client.force_login(make_member(make_workspace()))
    assert get(client).status_code == 404


def test_usage_of_another_workspace_is_not_counted(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_used(make_workspace(), "contoso", users=5)
    make_used(workspace, "contoso", users=2)
    assert told(get(client)) == [("contoso", "2", "")]
    assert get(client, "?account=nobody").status_code == 404
    assert get(client, "?segment=nothing").status_code == 404


def test_empty_workspace_says_how_events_come(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_account(workspace, "contoso")
    assert b"No events yet" in get(client).content


def test_accounts_are_ranked_by_value_and_equal_ones_in_one_order(
    client: Client, workspace: Workspace, admin: User
) -> None:
    for number in range(60):
        make_used(workspace, f"account-{number:02}", users=1 + number % 3)
    make_account(workspace, "silent")
    seen: list[tuple[str, str, str]] = []
    query = "?measure=logins&sort=-value"
    while query:
        response = get(client, query)
        seen += told(response)
        query = response.context["list"].next_url
    assert [value for _name, value, _change in seen] == ["3"] * 20 + ["2"] * 20 + ["1"] * 20 + ["–"]
    assert len({name for name, _value, _change in seen}) == 61
    assert seen[-1][0] == "silent"


def test_page_goes_on_where_it_ended_whatever_was_added(
    client: Client, workspace: Workspace, admin: User
) -> None:
    for number in range(55):
        make_used(workspace, f"account-{number:02}", users=2)
    first = get(client, "?measure=logins")
    make_used(workspace, "newcomer", users=9)
    second = get(client, first.context["list"].next_url)
    names = [name for name, *_rest in told(first) + told(second)]
    assert names == [f"account-{number:02}" for number in range(55)]
    before = get(client, second.context["list"].previous_url)
    assert [name for name, *_rest in told(before)] == names[:50]
    assert told(get(client, before.context["list"].previous_url))[0][0] == "newcomer"


def test_value_is_compared_with_that_of_the_period_before(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_used(workspace, "contoso", users=2, ago=40)
    use(workspace, "contoso", users=5, ago=1)
    response = get(client, "?measure=unique_logins&window=7&days=30")
    assert told(response) == [("contoso", "5", "+5")]
    response = get(client, "?measure=unique_logins&window=30&days=30")
    assert told(response) == [("contoso", "5", "+3")]
    assert facts(response)["Total"] == "5"


def test_few_accounts_are_told_together(client: Client, workspace: Workspace, admin: User) -> None:
    make_used(workspace, "contoso", users=2)
    response = get(client, "?measure=logins&days=30")
    assert (response.context["course"].known, response.context["course"].too_few) == (False, True)
    assert facts(response)["Total"] == "2"
    assert b"Too few accounts for a median" in response.content
    together = get(client, response.context["together_url"])
    assert together.context["course"].line[-1] == 20_000


def test_account_stands_among_its_peers(client: Client, workspace: Workspace, admin: User) -> None:
    for number in range(1, 7):
        make_peer(workspace, f"peer-{number}", users=number)
    make_used(workspace, "outside", users=50)
    response = get(client, "?account=peer-5&measure=logins&days=30")
    assert facts(response) == {
        "peer-5": "5",
        "Accounts of “Customer health”, median": "3.5",
        "Place": "Higher than 66 % of 6 accounts.",
    }
    assert [row.ranked.name for row in response.context["list"].rows if row.current] == ["peer-5"]
    around = response.context["course"].around
    assert (around.low[-1], around.median[-1], around.high[-1]) == (22500, 35000, 47500)
    everybody = get(client, "?account=peer-5&measure=logins&days=30&against=all")
    assert facts(everybody)["Place"] == "Higher than 57 % of 7 accounts."
    nobody = get(client, "?account=peer-5&measure=logins&days=30&against=none")
    assert facts(nobody) == {"peer-5": "5"}


def test_segment_is_its_accounts(client: Client, workspace: Workspace, admin: User) -> None:
    condition = {"attribute": "stage", "op": "eq", "value": "live"}
    with scope(workspace.pk):
        document = {"key": "live", "name": "Live accounts", "conditions": [condition]}
        save_segment(document=document, today=TODAY)
    make_used(workspace, "contoso", users=2, stage="live")
    make_used(workspace, "globex", users=3)
    response = get(client, "?segment=live&measure=logins")
    assert (told(response), facts(response)["Total"]) == ([("contoso", "2", "")], "2")
    assert facts(get(client, "?measure=logins"))["Total"] == "5"


def test_long_period_is_told_by_weeks(client: Client, workspace: Workspace, admin: User) -> None:
    make_used(workspace, "contoso", users=2)
    days = get(client, "?account=contoso&days=90").context["course"].days
    assert (len(days), days[0], days[-1]) == (90, TODAY - timedelta(days=89), TODAY)
    weeks = get(client, "?account=contoso&days=400").context["course"].days
    assert (len(weeks), weeks[0], weeks[-1]) == (58, TODAY - timedelta(days=57 * 7), TODAY)


def test_course_and_accounts_as_files(client: Client, workspace: Workspace, admin: User) -> None:
    for number in range(1, 6):
        make_used(workspace, f"=account-{number}", users=number)
    course = csv.DictReader(io.StringIO(text_of(get(client, "?measure=logins&format=days"))))
    assert list(course)[-1] == {
        "day": "2026-03-10",
        "value": "3.0000",
        "accounts_low": "2.0000",
        "accounts_median": "3.0000",
        "accounts_high": "4.0000",
    }
    response = get(client, "?measure=logins&format=csv")
    assert response["Content-Disposition"] == (
        'attachment; filename="logins-accounts-northwind-2026-03-10.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(text_of(response))))
    assert [(row["account"], row["value"]) for row in rows] == [
        (f"'=account-{number}", f"{number}.0000") for number in range(5, 0, -1)
    ]


def test_search_finds_the_account_or_offers_some(
    client: Client, workspace: Workspace, admin: User
) -> None:
    for key in ("contoso", "contoso-west", "globex"):
        make_used(workspace, key, users=1)
    assert (
        get(client, "?q=glob&days=30")["Location"] == "/w/northwind/usage/?days=30&account=globex"
    )
    assert get(client, "?q=contoso")["Location"] == "/w/northwind/usage/?account=contoso"
    assert [row["account"].key for row in get(client, "?q=cont").context["rows"]] == [
        "contoso",
        "contoso-west",
    ]
    assert b"No account matches" in get(client, "?q=nothing").content


@pytest.mark.parametrize(
    "query",
    [
        "?measure=happiness",
        "?window=0&days=-3&from=x&to=9999-99-99",
        "?after=x",
        "?after=99999999999999999999.1",
        "?from=2026-03-01&to=2025-01-01",
        "?from=0001-01-01",
        "?measure=features_adopted&feature=nothing&min_uses=0",
        "?measure=frequency&frequency=often",
        "?sort=name&against=me&total=1",
        "?days=99999999999999999999",
    ],
)
def test_what_can_not_be_read_counts_as_not_asked(
    client: Client, workspace: Workspace, admin: User, query: str
) -> None:
    make_used(workspace, "contoso", users=2)
    assert get(client, query).status_code == 200


def test_every_measure_has_its_page(client: Client, workspace: Workspace, admin: User) -> None:
    make_used(workspace, "contoso", users=2)
    menu = get(client).context["menus"][0]
    statuses = {get(client, option["url"]).status_code for option in menu["options"]}
    assert (len(menu["options"]), statuses) == (13, {200})


def test_queries_do_not_grow_with_the_accounts(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_used(workspace, "contoso", users=1)
    get(client)
    counts = []
    for number in (1, 30):
        for n in range(number):
            make_peer(workspace, f"account-{number}-{n}", users=2)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert get(client, f"?account=account-{number}-0").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
