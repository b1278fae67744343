from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import (
    Account,
    AccountState,
    Contact,
    Role,
    Touchpoint,
    TouchpointContact,
    User,
    Workspace,
)
from accounts.services.tasks import complete_task, create_task
from accounts.services.touchpoints import TouchpointRow, create_touchpoint
from accounts.tenancy import scope
from scoring.models import Alert, Rule, Scorecard
from scoring.services.overrides import OverrideRow, set_override
from scoring.timeline.pages import page
from scoring.timeline.wanted import Place, Wanted
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.scored import DAY, make_scored, measure, noon, publish, score, three

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 10)
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}
ADDRESS = "/w/acme/accounts/redhat.com/timeline/"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(noon(TODAY), tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(slug="acme")


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return make_account(workspace, "redhat.com", name="Red Hat")


@pytest.fixture
def csm(workspace: Workspace, client: Client) -> User:
    user = make_member(workspace, Role.CSM)
    client.force_login(user)
    return user


def log(account: Account, title: str = "Call", **fields: Any) -> Touchpoint:
    given = {"kind": "call", "happened_on": TODAY, "title": title, **fields}
    with scope(account.workspace_id):
        return create_touchpoint(
            workspace=account.workspace,
            account=account,
            row=TouchpointRow(**given),
            by=None,
            moment=noon(TODAY),
        )


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def titles(response: Any) -> list[str]:
    return [entry.title for entry in response.context["page"].entries]


@pytest.fixture
def eventful(workspace: Workspace) -> Account:
    """One of everything, a day apart."""
    account = make_scored(workspace, TODAY - 7 * DAY, "redhat.com", stage="trial")
    measure(workspace, account, TODAY - 6 * DAY, usage=0, support=0, nps=0)
    score(workspace, account, TODAY - 6 * DAY, TODAY - 5 * DAY)
    publish(workspace, TODAY - 4 * DAY, three(validity_days=90))
    score(workspace, account, TODAY - 4 * DAY)
    with scope(workspace.pk):
        for ago, fields in (
            (3, {"stage": "live", "contract_value_cents": 100_00}),
            (2, {"stage": "live", "contract_value_cents": 150_00}),
        ):
            AccountState.objects.create(account_id=account.pk, from_day=TODAY - ago * DAY, **fields)
        card = Scorecard.objects.get()
        rule = Rule.objects.create(key="drop", name="Significant drop", document={})
        Alert.objects.create(
            rule=rule,
            account=account,
            scorecard=card,
            severity="risk",
            day=TODAY - DAY,
            compared_day=TODAY - 9 * DAY,
            score=0,
            delta=-660_000,
            band_key="red",
        )
        row = OverrideRow(band="yellow", reason="They **promised**")
        set_override(
            workspace=workspace, account=account, scorecard=card, row=row, moment=noon(TODAY)
        )
        task = create_task(account=account, title="Send it", by=None, moment=noon(TODAY))
        complete_task(task=task, by=None, moment=noon(TODAY))
    log(account, "Kick-off", kind="meeting")
    return account


def test_everything_that_happened_is_told_newest_first(
    client: Client, csm: User, eventful: Account
) -> None:
    entries = client.get(ADDRESS).context["page"].entries
    assert [((TODAY - e.day).days, e.kind, e.title) for e in entries] == [
        (0, "meeting", "Kick-off"),
        (0, "task", "Send it"),
        (0, "override", "Customer health set by hand: At risk"),
        (1, "alert", "Significant drop"),
        (2, "contract", "Contract +$50 to $150"),
        (3, "contract", "Contract $100"),
        (3, "stage", "Stage live"),
        (4, "version", "Customer health: version 2 counts"),
        (6, "band", "Customer health fell from At risk to Poor"),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=meeting", ["Kick-off"]),
        ("?kind=call", []),
        ("?kind=task&kind=alert", ["Send it", "Significant drop"]),
        ("?q=kick", ["Kick-off"]),
        ("?q=KICK+off", ["Kick-off"]),
        ("?q=promised", ["Customer health set by hand: At risk"]),
        ("?q=%25", []),
        ("?kind=stage&period=30", ["Stage live"]),
        ("?kind=nonsense&q=send", ["Send it"]),
        ("?after=nonsense&kind=task", ["Send it"]),
        ("?kind=band&scorecard=all", ["Customer health fell from At risk to Poor"]),
    ],
)
def test_entries_are_filtered_and_searched(
    client: Client, csm: User, eventful: Account, query: str, found: list[str]
) -> None:
    assert titles(client.get(f"{ADDRESS}{query}")) == found


def test_pages_follow_and_precede_each_other(workspace: Workspace, eventful: Account) -> None:
    for n in range(5):
        log(eventful, f"call {n}", happened_on=TODAY - n % 3 * DAY)
    wanted = Wanted(account_id=eventful.pk, last=TODAY)
    with scope(workspace.pk):
        whole = page(workspace, eventful, wanted, size=100).entries
        pages = [page(workspace, eventful, wanted, size=4)]
        while pages[-1].following:
            place = Place.read(str(pages[-1].following))
            pages.append(page(workspace, eventful, wanted, size=4, after=place))
        back = page(workspace, eventful, wanted, size=4, before=Place.read(str(pages[2].previous)))
    assert [e for each in pages for e in each.entries] == whole
    assert back.entries == pages[1].entries
    assert len(whole) == 14


def test_past_day_of_the_page_tells_what_had_happened(
    client: Client, csm: User, eventful: Account
) -> None:
    shown = client.get(f"/w/acme/accounts/redhat.com/?day={TODAY - 5 * DAY}").context["part"]
    assert [entry.kind for entry in shown.entries] == ["band"]
    assert shown.form is None


def test_touchpoint_is_logged_in_place(
    client: Client, csm: User, account: Account, workspace: Workspace
) -> None:
    with scope(workspace.pk):
        ann = Contact.objects.create(account=account, email="ann@x.example", name="Ann")
    given = {
        "kind": "meeting",
        "title": "Review",
        "happened_on": "2026-06-09",
        "body": "**good** <script>alert(1)</script>",
        "contacts": [ann.pk],
    }
    response = client.post("/w/acme/account-touchpoints/redhat.com/", given, **HTMX)
    shown = text(response)
    assert shown.startswith('<section class="card" id="timeline"')
    assert "<strong>good</strong> &lt;script&gt;" in shown
    assert "with Ann" in shown
    with scope(workspace.pk):
        touchpoint = Touchpoint.objects.get()
        assert [link.contact_id for link in TouchpointContact.objects.all()] == [ann.pk]
    assert (touchpoint.happened_on, touchpoint.by_id) == (TODAY - DAY, csm.pk)
    plain = client.post("/w/acme/account-touchpoints/redhat.com/", given)
    assert plain["Location"] == ADDRESS


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"title": ""}, "Say in a few words what it was."),
        ({"happened_on": "2026-06-11"}, "This day is still to come: make it a task."),
        ({"kind": "lunch"}, "lunch"),
    ],
)
def test_bad_touchpoint_is_told_where_it_was_written(
    client: Client, csm: User, account: Account, more: dict[str, str], message: str
) -> None:
    given = {"kind": "call", "title": "x", "happened_on": "2026-06-09"} | more
    for extra in (HTMX, {}):
        response = client.post("/w/acme/account-touchpoints/redhat.com/", given, **extra)
        assert (response.status_code, message in text(response)) == (422, message != "lunch")


def test_contact_of_another_account_takes_no_part(
    client: Client, csm: User, account: Account, workspace: Workspace
) -> None:
    with scope(workspace.pk):
        other = make_account(workspace, "other")
        Contact.objects.create(account=account, email="a@x.example", name="A")
        stranger = Contact.objects.create(account=other, email="b@x.example", name="B")
    given = {"kind": "call", "title": "x", "happened_on": "2026-06-09", "contacts": [stranger.pk]}
    response = client.post("/w/acme/account-touchpoints/redhat.com/", given)
    assert response.status_code == 422


def test_touchpoint_is_edited_removed_and_brought_back(
    client: Client, csm: User, account: Account
) -> None:
    pk = log(account).pk
    address = f"/w/acme/touchpoints/{pk}"
    form = text(client.get(f"{address}/edit/", **HTMX))
    assert form.startswith(f'<li class="entry editing" id="touchpoint-{pk}">')
    given = {"kind": "note", "title": "New", "happened_on": "2026-06-08", "body": "b"}
    saved = text(client.post(f"{address}/save/", given, **HTMX))
    assert "edited" in saved
    assert client.post(f"{address}/save/", given | {"title": ""}, **HTMX).status_code == 422
    assert "Undo" in text(client.post(f"{address}/remove/", **HTMX))
    assert titles(client.get(ADDRESS)) == []
    client.post(f"{address}/bring-back/", **HTMX)
    assert titles(client.get(ADDRESS)) == ["New"]
    plain = client.post(f"{address}/remove/")
    assert "Undo" in text(client.get(plain["Location"]))


@pytest.mark.parametrize("step", ["save", "remove", "bring-back"])
def test_touchpoints_are_changed_by_scorers_of_the_workspace(
    workspace: Workspace, account: Account, step: str
) -> None:
    pk = log(account).pk
    given = {"kind": "note", "title": "New", "happened_on": "2026-06-08"}
    other = make_workspace(slug="other")
    statuses = []
    for user in (
        make_member(workspace, Role.CSM),
        make_member(workspace, Role.VIEWER),
        make_member(other),
    ):
        client = Client()
        client.force_login(user)
        statuses.append(client.post(f"/w/acme/touchpoints/{pk}/{step}/", given).status_code)
        assert client.post(f"/w/other/touchpoints/{pk}/{step}/", given).status_code == 404
    assert statuses == [302, 403, 404]


def test_timeline_is_for_members(workspace: Workspace, account: Account) -> None:
    found = []
    for user in (make_member(workspace, Role.VIEWER), make_member(make_workspace())):
        client = Client()
        client.force_login(user)
        found.append(client.get(ADDRESS).status_code)
    assert found == [200, 404]


def test_account_whose_key_ends_like_the_address_has_its_page(
    client: Client, csm: User, workspace: Workspace
) -> None:
    make_account(workspace, "x/timeline")
    shown = client.get("/w/acme/accounts/x/timeline/").context
    assert shown["page"].account.key == "x/timeline"
    assert client.get("/w/acme/accounts/nobody/timeline/").status_code == 404


def test_number_of_queries_is_the_same_at_1_and_at_30_rows(
    client: Client, csm: User, account: Account
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(ADDRESS)
        noise = ("SAVEPOINT", "RELEASE", "SELECT set_config")
        return sum(not query["sql"].startswith(noise) for query in queries)

    log(account)
    counted()
    one = counted()
    for _ in range(29):
        log(account)
    assert (one, counted()) == (8, 8)
