import csv
import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Role, User, Workspace
from accounts.tenancy import scope
from scoring.models import Run, RunKind
from scoring.services.runs import start_run
from scoring.services.segments import save_segment
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.portfolios import (
    HELD,
    LOGINS,
    NOON,
    PROVISIONAL,
    TODAY,
    make_health,
    publish,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def at_noon() -> Any:
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


def get(client: Client, query: str = "", **headers: Any) -> Any:
    return client.get(f"/w/northwind/accounts/{query}", **headers)


def names(response: Any) -> list[str]:
    return [row.name for row in response.context["table"].rows]


@pytest.mark.parametrize("role", Role.values)
def test_portfolio_is_open_to_every_member(client: Client, workspace: Workspace, role: str) -> None:
    make_health(workspace, "contoso")
    client.force_login(make_member(workspace, role))
    response = get(client)
    assert (response.status_code, names(response)) == (200, ["contoso"])


def test_portfolio_is_nothing_to_strangers(client: Client, workspace: Workspace) -> None:
    assert get(client)["Location"] == "/login/?next=/w/northwind/accounts/"
    client.force_login(make_member(make_workspace()))
    assert get(client).status_code == 404


def test_portfolio_shows_nothing_of_another_workspace(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_health(make_workspace(), "foreign")
    make_health(workspace, "mine")
    response = get(client)
    assert (names(response), response.context["summary"].all.count) == (["mine"], 1)


def test_row_says_what_the_score_is_worth(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_health(
        workspace,
        "contoso",
        score=40.1228,
        change=-11.5,
        coverage=4200,
        flags=PROVISIONAL | HELD,
        reasons=[LOGINS],
        stage="ongoing",
        owner=admin,
        contract_value_cents=6_400_050,
        renewal_on=TODAY + timedelta(days=63),
    )
    (row,) = get(client).context["table"].rows
    told = row.cells
    assert [told[name] for name in ("reason", "value", "stage", "owner")] == [
        "Log-ins −7.1",
        "$64,001",
        "ongoing",
        "Me",
    ]
    assert "<span>40</span>" in told["score"]
    assert '<span class="word">Poor</span>' in told["score"]
    assert "held: data was lost · provisional, 42\u202f%" in told["score"]
    assert "<span>−12</span>" in told["change"]
    assert "in 63 days" in told["renewal"]
    assert "soon tone-warn" in told["renewal"]
    assert all(cell in row.markup for cell in told.values())


def test_overdue_renewal_and_missing_scores_are_said_in_words(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_account(workspace, "never", renewal_on=TODAY - timedelta(days=5))
    make_health(workspace, "new", score=90)
    response = get(client)
    assert "overdue" in response.context["table"].rows[1].cells["renewal"]
    assert b"not evaluated" in response.content


def test_summary_counts_money_and_leads_to_the_accounts(
    client: Client, workspace: Workspace, admin: User
) -> None:
    soon = TODAY + timedelta(days=90)
    rest = {"renewal_on": soon, "contract_value_cents": 100}
    make_health(workspace, "low", score=20, change=-5, owner=admin, **rest)
    make_health(workspace, "watch", score=60, change=-4, flags=PROVISIONAL, **rest)
    make_health(workspace, "good", score=90, **rest)
    make_account(workspace, "euro", contract_value_cents=500, currency="EUR")
    context = get(client).context
    summary, tiles = context["summary"], context["tiles"]
    assert [(of.band.key, of.some.count, of.some.money) for of in summary.bands] == [
        ("green", 1, 100),
        ("yellow", 1, 100),
        ("red", 1, 100),
        ("unknown", 1, 0),
    ]
    assert (summary.all.count, summary.all.money, summary.foreign_money) == (4, 300, 1)
    assert (summary.fallen.count, summary.renewing.count, summary.provisional) == (1, 2, 1)
    assert names(get(client, tiles["fallen_url"])) == ["low"]
    assert names(get(client, tiles["renewing_url"])) == ["low", "watch"]
    assert names(get(client, tiles["provisional_url"])) == ["watch"]
    links = {row["band"].key: row["url"] for row in tiles["bands"]}
    assert {key: names(get(client, url)) for key, url in links.items()} == {
        "green": ["good"],
        "yellow": ["watch"],
        "red": ["low"],
        "unknown": ["euro"],
    }
    mine = get(client, "?owner=me").context["summary"]
    assert (mine.all.count, mine.fallen.count, mine.renewing.count) == (1, 1, 1)


def test_address_holds_the_whole_view(client: Client, workspace: Workspace, admin: User) -> None:
    other = make_member(workspace)
    for n in range(3):
        make_health(workspace, f"a{n}", score=90 - n, stage="ongoing", owner=other)
    make_health(workspace, "b", score=80, stage="onboarding")
    query = f"?q=a&band=green&stage=ongoing&owner={other.pk}&sort=-score"
    assert names(get(client, query)) == ["a0", "a1", "a2"]
    assert names(get(client, "?owner=none")) == ["b"]
    assert names(get(client, "?owner=me")) == []


@pytest.mark.parametrize(
    "query",
    [
        "?sort=nonsense",
        "?sort=",
        "?after=zzz&before=zzz",
        "?owner=99999999999999999999",
        "?owner=²",
        "?renewal=-1",
        "?renewal=99999999",
        "?change=sideways&coverage=high",
        "?q=&band=&stage=",
    ],
)
def test_what_can_not_be_read_counts_as_not_asked(
    client: Client, workspace: Workspace, admin: User, query: str
) -> None:
    make_health(workspace, "contoso")
    response = get(client, query)
    assert (response.status_code, names(response)) == (200, ["contoso"])


def test_pages_lead_on_and_back(
    client: Client, workspace: Workspace, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.portfolio.pages.page.__kwdefaults__", {
        "after": None, "before": None, "size": 2,
    })  # fmt: skip
    for n in range(5):
        make_health(workspace, f"a{n}", score=n)
    first = get(client, "?q=a")
    second = get(client, first.context["next_url"])
    third = get(client, second.context["next_url"])
    assert [names(page) for page in (first, second, third)] == [["a0", "a1"], ["a2", "a3"], ["a4"]]
    assert (first.context["previous_url"], third.context["next_url"]) == ("", "")
    assert names(get(client, third.context["previous_url"])) == ["a2", "a3"]


def test_sortable_heads_say_their_order(client: Client, workspace: Workspace, admin: User) -> None:
    make_health(workspace)
    text = get(client, "?sort=-value&after=x").content.decode()
    assert text.count('aria-sort="descending"') == 1
    assert text.count('aria-sort="none"') == 8
    assert 'href="?sort=value"' in text


def test_search_answers_with_the_list_alone(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_health(workspace, "contoso")
    make_health(workspace, "fabrikam")
    headers = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "accounts"}
    response = get(client, "?q=fab&sort=-score", **headers)
    text = response.content.decode()
    assert names(response) == ["fabrikam"]
    assert ("<html" in text, 'id="accounts"' in text) == (False, True)
    assert '<input type="hidden" name="sort" value="-score">' in text
    assert response["Vary"].startswith("HX-Request, HX-Target")


def test_workbook_holds_what_the_file_of_values_holds_and_runs_nothing(
    client: Client, workspace: Workspace, admin: User
) -> None:
    for n, name in enumerate(["=1+1", "@cmd", "Plain"]):
        make_health(workspace, f"a{n}", name=name, score=n, contract_value_cents=250, change=-3)
    response = get(client, "?sort=score&format=xlsx")
    assert response["Content-Disposition"] == (
        'attachment; filename="accounts-northwind-2026-03-10.xlsx"'
    )
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response)))["accounts"]
    found = list(sheet.iter_rows(values_only=True))
    text = b"".join(get(client, "?sort=score&format=csv")).decode()
    told = [tuple(row) for row in csv.reader(io.StringIO(text))]
    assert found[0] == told[0]
    assert [row[:2] for row in found[1:]] == [row[:2] for row in told[1:]]
    assert [row[1] for row in found[1:]] == ["'=1+1", "'@cmd", "Plain"]
    assert [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    money = found[0].index("contract_value")
    assert [row[money] for row in found[1:]] == [2.5, 2.5, 2.5]


def test_file_holds_every_account_of_the_list_in_its_order(
    client: Client, workspace: Workspace, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.portfolio.export.BATCH", 2)
    monkeypatch.setattr("scoring.portfolio.pages.batch.__kwdefaults__", {"after": None, "size": 2})
    for n in range(5):
        make_health(workspace, f"a{n}", score=90 - n)
    make_health(workspace, "b", score=1)
    response = get(client, "?q=a&sort=score&format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert response["Content-Disposition"] == (
        'attachment; filename="accounts-northwind-2026-03-10.csv"'
    )
    assert [row["account"] for row in rows] == ["a4", "a3", "a2", "a1", "a0"]


def test_file_says_what_the_page_says_and_runs_nothing(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_health(
        workspace,
        "k1",
        name="=cmd()",
        score=40.1228,
        change=-11.5,
        coverage=4200,
        flags=PROVISIONAL,
        reasons=[LOGINS],
        contract_value_cents=6_400_050,
        renewal_on=date(2026, 5, 12),
    )
    text = b"".join(get(client, "?format=csv")).decode()
    assert list(csv.DictReader(io.StringIO(text))) == [
        {
            "account": "k1",
            "name": "'=cmd()",
            "score": "40",
            "band": "Poor",
            "notes": "provisional",
            "change": "-12",
            "weeks": "– – – – – – – – – – 50 60",
            "reason": "Log-ins −7.1",
            "contract_value": "64000.50",
            "currency": "USD",
            "renewal_on": "2026-05-12",
            "stage": "",
            "owner": "",
        }
    ]


def test_number_of_queries_is_the_same_at_1_and_at_30_rows(
    client: Client, workspace: Workspace, admin: User
) -> None:
    def counted() -> int:
        cache.clear()  # the summary is kept where counting it took long
        with CaptureQueriesContext(connection) as queries:
            get(client)
        noise = ("SAVEPOINT", "RELEASE", "SELECT set_config")
        return sum(not query["sql"].startswith(noise) for query in queries)

    owner = make_member(workspace)
    make_health(workspace, "first", owner=owner)
    get(client)
    one = counted()
    for n in range(29):
        make_health(workspace, f"a{n}", owner=make_member(workspace) if n % 2 else None)
    assert (one, counted()) == (8, 8)


def test_segment_is_a_filter(client: Client, workspace: Workspace, admin: User) -> None:
    make_health(workspace, "large", stage="live")
    make_health(workspace, "small", stage="trial")
    assert "Segment" not in [menu["label"] for menu in get(client).context["menus"]]
    conditions = [{"attribute": "stage", "op": "eq", "value": "live"}]
    with scope(workspace.pk):
        save_segment(document={"key": "l", "name": "Live", "conditions": conditions}, today=TODAY)
    page = get(client, "?segment=l")
    assert names(page) == ["large"]
    (menu,) = [menu for menu in page.context["menus"] if menu["label"] == "Segment"]
    assert (menu["active"], menu["clear_url"]) == ("Live", "?view=all")
    assert len(names(get(client, "?segment=gone"))) == 2


def test_empty_workspace_says_how_to_bring_accounts(client: Client, workspace: Workspace) -> None:
    client.force_login(make_member(workspace))
    text = get(client).content.decode()
    assert "curl http://testserver/api/v1/accounts/" in text
    assert text.count('href="/w/northwind/imports/?kind=accounts"') == 1
    client.force_login(make_member(workspace, Role.VIEWER))
    assert "/imports/" not in get(client).content.decode()


def test_accounts_without_scores_say_what_they_wait_for(
    client: Client, workspace: Workspace
) -> None:
    client.force_login(make_member(workspace))
    make_account(workspace)
    assert "No scorecard is published yet." in get(client).content.decode()
    publish(workspace)
    assert 'action="/w/northwind/runs/start/"' in get(client).content.decode()
    with scope(workspace.pk):
        start_run(kind=RunKind.REQUEST, first=TODAY, last=TODAY)
        assert Run.objects.unfinished().count() == 1
    assert "The first evaluation is running." in get(client).content.decode()
    client.force_login(make_member(workspace, Role.CSM))
    assert "/runs/start/" not in get(client).content.decode()


def test_no_match_leads_back_to_all(client: Client, workspace: Workspace, admin: User) -> None:
    make_health(workspace, "contoso")
    assert "No account matches" in get(client, "?q=nothing").content.decode()
    assert "No account is left" in get(client, "?band=green&stage=x").content.decode()


def add(client: Client, **given: str) -> Any:
    return client.post("/w/northwind/new-account/", {"key": "contoso", "name": "Contoso"} | given)


def test_add_account_stores_it(client: Client, workspace: Workspace, admin: User) -> None:
    response = add(
        client,
        stage="ongoing",
        owner=admin.email,
        contract_value="64000.50",
        renewal_on="2026-12-31",
    )
    assert response["Location"] == "/w/northwind/accounts/contoso/"
    with scope(workspace.pk):
        account = Account.objects.get()
    assert (account.key, account.name, account.stage, account.owner_id) == (
        "contoso",
        "Contoso",
        "ongoing",
        admin.pk,
    )
    assert (account.contract_value_cents, account.renewal_on) == (6_400_050, date(2026, 12, 31))


def test_add_account_never_changes_one_that_exists(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_account(workspace, "contoso", name="Before")
    response = add(client)
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "key": ["There is an account with this key already."]
    }
    with scope(workspace.pk):
        assert Account.objects.get().name == "Before"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"key": "k" * 201}, "key"),
        ({"owner": "stranger@example.com"}, "owner"),
        ({"contract_value": "12.345"}, "contract_value"),
        ({"renewal_on": "yesterday"}, "renewal_on"),
    ],
)
def test_add_account_names_what_is_wrong(
    client: Client, workspace: Workspace, admin: User, given: dict[str, str], field: str
) -> None:
    response = add(client, **given)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    with scope(workspace.pk):
        assert Account.objects.count() == 0


def test_add_account_is_for_managers(client: Client, workspace: Workspace) -> None:
    statuses = {}
    people = {role: make_member(workspace, role) for role in Role.values}
    for name, user in {**people, "stranger": make_member(make_workspace())}.items():
        client.force_login(user)
        statuses[name] = add(client, key=name).status_code
    assert statuses == {"admin": 302, "manager": 302, "csm": 403, "viewer": 403, "stranger": 404}
