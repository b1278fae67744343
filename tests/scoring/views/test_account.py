from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Role, Touchpoint, Workspace
from accounts.tenancy import scope
from scoring.models import Evaluation, Measurement
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.scored import (
    DAY,
    LEVELS,
    document,
    make_scored,
    measure,
    metric,
    noon,
    publish,
    score,
)
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 10)
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(noon(TODAY), tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(slug="acme")


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return make_scored(workspace, TODAY, "redhat.com", name="Red Hat")


def as_(workspace: Workspace, role: str) -> Client:
    client = Client()
    client.force_login(make_member(workspace, role))
    return client


def page(key: str = "redhat.com", query: str = "") -> str:
    return f"/w/acme/accounts/{key}/{query}"


def setting(key: str, account: str = "redhat.com") -> str:
    return f"/w/acme/measurements/{key}/{account}/"


def fragment(target: str) -> dict[str, Any]:
    return HTMX | {"HTTP_HX_TARGET": target}


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_shows_score_reasons_and_path(workspace: Workspace, account: Account) -> None:
    response = as_(workspace, Role.VIEWER).get(page())
    assert response.status_code == 200
    shown = response.context["page"]
    assert shown.health.scorecard.shown == 66
    assert [row.metric and row.metric.key for row in shown.health.reasons.rows] == [
        None,
        "usage",
        "support",
        "nps",
    ]
    assert [(m.metric.key, m.points) for m in shown.health.path] == [
        ("nps", 240_000),
        ("support", 60_000),
        ("usage", 40_000),
    ]
    assert shown.health.to_go == 10


def test_the_page_is_for_members_only(workspace: Workspace, account: Account) -> None:
    stranger = as_(make_workspace(slug="other"), Role.ADMIN)
    found = [client.get(page()).status_code for client in (as_(workspace, Role.VIEWER), stranger)]
    assert found == [200, 404]
    anonymous = Client().get(page())
    assert (anonymous.status_code, anonymous["Location"]) == (
        302,
        "/login/?next=/w/acme/accounts/redhat.com/",
    )


def test_an_account_of_another_workspace_is_not_found(workspace: Workspace) -> None:
    make_account(make_workspace(slug="other"), "redhat.com")
    assert as_(workspace, Role.ADMIN).get(page()).status_code == 404


@pytest.mark.parametrize("key", ["a/b", "a b", "Ünïcode", "100%", "x.y/metrics/z"])
def test_a_key_may_hold_anything(workspace: Workspace, key: str) -> None:
    make_account(workspace, key)
    response = as_(workspace, Role.VIEWER).get(f"/w/acme/accounts/{key}/".replace("%", "%25"))
    assert (response.status_code, response.context["page"].account.key) == (200, key)


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        ("reasons", '<section class="card flush" id="reasons"'),
        ("scorecard", '<div id="scorecard"'),
        ("metric-nps", '<tbody id="metric-nps"'),
        ("main", "<!doctype html>"),
        ("metric-none", "<!doctype html>"),
    ],
)
def test_a_fragment_is_the_element_that_was_asked_for(
    workspace: Workspace, account: Account, target: str, begins: str
) -> None:
    response = as_(workspace, Role.VIEWER).get(page(), **fragment(target))
    assert text(response)[: len(begins)] == begins
    assert {"HX-Request", "HX-Target"} <= set(response["Vary"].split(", "))


def test_a_week_opens_its_reasons_against_the_week_before(
    workspace: Workspace, account: Account
) -> None:
    last_week = TODAY - 7 * DAY
    measure(workspace, account, last_week - 10 * DAY, usage=90, support=80, nps=20)
    measure(workspace, account, last_week, usage=60)
    score(workspace, account, last_week - 10 * DAY, TODAY)
    response = as_(workspace, Role.VIEWER).get(
        page(query=f"?week={last_week}"), **fragment("reasons")
    )
    reasons = response.context["page"].health.reasons
    assert (reasons.mode, reasons.scorecard.day, reasons.scorecard.shown) == (
        "week",
        date(2026, 6, 7),
        54,
    )
    assert (reasons.changes.before.day, reasons.changes.delta) == (date(2026, 5, 31), -120_000)


def test_two_days_are_compared(workspace: Workspace, account: Account) -> None:
    measure(workspace, account, TODAY - 3 * DAY, usage=60, support=80, nps=20)
    score(workspace, account, TODAY - 3 * DAY)
    query = f"?from={TODAY}&to={TODAY - 3 * DAY}"
    response = as_(workspace, Role.VIEWER).get(page(query=query))
    reasons = response.context["page"].health.reasons
    assert (reasons.mode, reasons.changes.before.day, reasons.changes.delta) == (
        "compare",
        TODAY - 3 * DAY,
        120_000,
    )


def test_a_past_day_is_shown_as_it_was(workspace: Workspace, account: Account) -> None:
    measure(workspace, account, TODAY - 40 * DAY, usage=0, support=0, nps=0)
    score(workspace, account, TODAY - 40 * DAY)
    response = as_(workspace, Role.CSM).get(page(query=f"?day={TODAY - 40 * DAY}&metric=nps"))
    assert response.context["page"].health.scorecard.shown == 0
    assert response.context["setting"] is None


def test_a_day_without_evaluation_says_so(workspace: Workspace, account: Account) -> None:
    time_machine_day = TODAY + 4 * DAY
    with time_machine.travel(noon(time_machine_day), tick=False):
        response = as_(workspace, Role.VIEWER).get(page())
    assert "Not evaluated on 14 Jun 2026. This is the result of 10 Jun 2026" in text(response)


@pytest.mark.parametrize(
    "query",
    ["?day=nonsense", "?day=9999-99-99", "?week=1", "?range=x", "?metric=x", "?from=a&to=b"],
)
def test_what_can_not_be_read_counts_as_not_asked(
    workspace: Workspace, account: Account, query: str
) -> None:
    response = as_(workspace, Role.VIEWER).get(page(query=query))
    assert (response.status_code, response.context["page"].health.scorecard.shown) == (200, 66)


@pytest.mark.parametrize("day", ["0001-01-01", "1970-01-01"])
def test_a_day_long_ago_is_empty(workspace: Workspace, account: Account, day: str) -> None:
    response = as_(workspace, Role.VIEWER).get(page(query=f"?day={day}"))
    assert (response.status_code, response.context["page"].health) == (200, None)


def test_the_metric_of_a_viewer_has_no_controls(workspace: Workspace, account: Account) -> None:
    viewer, csm = (
        as_(workspace, role).get(page(query="?metric=nps")) for role in (Role.VIEWER, Role.CSM)
    )
    assert ["measurements/nps" in text(response) for response in (viewer, csm)] == [False, True]


def test_set_metric_records_and_evaluates_at_once(workspace: Workspace, account: Account) -> None:
    response = as_(workspace, Role.CSM).post(
        setting("nps"), {"value": "80", "comment": "Asked them"}, **fragment("scorecard")
    )
    assert (response.status_code, response["HX-Retarget"]) == (200, "#scorecard")
    assert text(response).startswith('<div id="scorecard"')
    assert response.context["page"].health.scorecard.shown == 84
    with scope(workspace.pk):
        made = Measurement.objects.filter(metric="nps").order_by("-measured_at").first()
        assert made is not None
        assert (made.value, made.comment, made.not_applicable) == (80.0, "Asked them", False)
        assert Evaluation.objects.between(TODAY, TODAY).get().score == 840_000


def test_set_metric_without_htmx_redirects_to_the_page(
    workspace: Workspace, account: Account
) -> None:
    response = as_(workspace, Role.CSM).post(
        setting("nps") + "?range=1y", {"value": "80", "comment": "Asked them"}
    )
    assert (response.status_code, response["Location"]) == (302, page(query="?range=1y"))


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({}, "value", "Choose a value."),
        ({"value": "101"}, "value", "must be a number between 0 and 100"),
        ({"value": "ten"}, "value", "Enter a number."),
        ({"value": "NaN"}, "value", "Enter a number."),
        ({"value": "5", "not_applicable": "on"}, "comment", "Say why it does not apply."),
    ],
)
def test_set_metric_with_a_bad_value_says_so_beside_the_field(
    workspace: Workspace, account: Account, given: dict[str, str], field: str, message: str
) -> None:
    client = as_(workspace, Role.CSM)
    headers: dict[str, Any]
    for headers in (fragment("scorecard"), {}):
        response = client.post(setting("nps"), given, **headers)
        assert (response.status_code, response["HX-Retarget"]) == (422, "#metric-nps")
        assert response.context["setting"].form.errors == {field: [message]}
        assert message in text(response)
    with scope(workspace.pk):
        assert Measurement.objects.filter(metric="nps").count() == 1


def test_a_metric_that_does_not_apply_leaves_the_score(
    workspace: Workspace, account: Account
) -> None:
    response = as_(workspace, Role.CSM).post(
        setting("nps"),
        {"not_applicable": "on", "comment": "No survey there"},
        **fragment("scorecard"),
    )
    shown = response.context["page"].health
    assert shown.scorecard.score == 857_143
    assert [row.metric.key for row in shown.reasons.folded] == ["nps"]
    with scope(workspace.pk):
        made = Measurement.objects.get(not_applicable=True)
        assert (made.value, made.reason, made.comment) == (None, "No survey there", "")


def test_levels_are_chosen_with_their_texts(workspace: Workspace) -> None:
    account = make_account(workspace, "redhat.com")
    level = metric("sponsor", 1, grade={"type": "level", "levels": LEVELS})
    publish(
        workspace,
        TODAY,
        document(level, metric("done", 1, source={"type": "milestone"}, grade={"type": "boolean"})),
    )
    score(workspace, account, TODAY)
    client = as_(workspace, Role.CSM)
    opened = client.get(page(query="?metric=sponsor"), **fragment("metric-sponsor"))
    assert "Nobody knows us." in text(opened)
    client.post(setting("sponsor"), {"value": "working"})
    response = client.post(setting("done"), {"value": "true"})
    assert response.status_code == 302
    shown = client.get(page()).context["page"].health.scorecard
    assert [(m.value, m.text, m.score) for m in shown.metrics] == [
        ("working", "Working contact", 500_000),
        (True, "Done", 1_000_000),
    ]
    assert client.post(setting("sponsor"), {"value": "unheard"}).status_code == 422


def test_a_comment_is_asked_for_when_the_band_changes(
    workspace: Workspace, account: Account
) -> None:
    client = as_(workspace, Role.CSM)
    refused = client.post(setting("nps"), {"value": "60"}, **fragment("scorecard"))
    assert refused.status_code == 422
    assert refused.headers["HX-Retarget"] == "#metric-nps"
    assert "Say why: it moves from Poor to At risk." in text(refused)
    codes = [
        client.post(setting("nps"), given).status_code
        for given in (
            {"value": "30"},
            {"value": "60", "comment": "They answered again"},
            {"value": "61"},
            {"not_applicable": "on", "comment": "No survey"},
            {"value": "90"},
        )
    ]
    assert codes == [302] * 5


def test_set_metric_is_for_who_may_score(workspace: Workspace, account: Account) -> None:
    stranger = as_(make_workspace(slug="other"), Role.ADMIN)
    people = (as_(workspace, Role.CSM), as_(workspace, Role.VIEWER), stranger)
    codes = [person.post(setting("nps"), {"value": "1"}).status_code for person in people]
    assert codes == [302, 403, 404]


def test_set_metric_that_is_not_set_by_hand_is_not_found(
    workspace: Workspace, account: Account
) -> None:
    client = as_(workspace, Role.CSM)
    assert client.post(setting("logins"), {"value": "1"}).status_code == 404
    assert client.get(setting("nps")).status_code == 405


def test_an_account_without_evaluation_says_what_to_do(workspace: Workspace) -> None:
    make_account(workspace, "new", stage="onboarding")
    client = as_(workspace, Role.CSM)
    assert "There is no scorecard yet" in text(client.get(page("new")))
    publish(workspace, TODAY, document(metric("usage", 1), applies_to={"stage": ["live"]}))
    assert "No scorecard applies" in text(client.get(page("new")))
    publish(workspace, TODAY, document(metric("usage", 1)))
    assert "Evaluate now" in text(client.get(page("new")))
    assert client.post("/w/acme/evaluations/new/").status_code == 302
    assert client.get(page("new")).context["page"].health.scorecard.score is None


def test_evaluate_account_is_for_who_may_score(workspace: Workspace, account: Account) -> None:
    stranger = as_(make_workspace(slug="other"), Role.ADMIN)
    people = (as_(workspace, Role.CSM), as_(workspace, Role.VIEWER), stranger)
    address = "/w/acme/evaluations/redhat.com/"
    assert [person.post(address).status_code for person in people] == [302, 403, 404]


@pytest.mark.parametrize(
    ("days", "words", "tone"),
    [
        (91, "in 3 months", ""),
        (90, "in 90 days", "warn"),
        (0, "today", "warn"),
        (-1, "overdue by 1 day", "bad"),
    ],
)
def test_the_renewal_stands_out_when_it_is_near_or_past(
    workspace: Workspace, days: int, words: str, tone: str
) -> None:
    make_account(workspace, "new", renewal_on=TODAY + timedelta(days=days))
    renewal = as_(workspace, Role.VIEWER).get(page("new")).context["page"].header.renewal
    assert (renewal.text, renewal.tone) == (words, tone)


def event(n: int, moment: datetime) -> dict[str, Any]:
    return {
        "event_id": f"e{n}",
        "account": "busy",
        "user": f"user-{n}",
        "type": "feature",
        "feature": f"feature-{n}",
        "occurred_at": moment.isoformat(),
    }


def test_query_count_does_not_grow(workspace: Workspace) -> None:
    account = make_account(workspace, "busy")
    client = as_(workspace, Role.CSM)
    counts = []
    for count in (1, 30):
        publish(workspace, TODAY, document(*(metric(f"metric-{n}", 1) for n in range(count))))
        measure(workspace, account, TODAY - DAY, **{f"metric-{n}": 50 for n in range(count)})
        with scope(workspace.pk):
            ingest_events(
                workspace=workspace,
                events=[event(n, noon(TODAY - DAY)) for n in range(count)],
                moment=noon(TODAY),
            )
        score(workspace, account, TODAY - DAY, TODAY)
        client.get(page("busy"))
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(page("busy")).context["page"]
        assert len(shown.health.scorecard.metrics) == count
        counts.append(
            sum(
                'FROM "accounts_' in q["sql"] or "scoring_" in q["sql"] or "usage_" in q["sql"]
                for q in queries
            )
        )
    assert counts == [OF_TABLES, OF_TABLES]


OF_TABLES = 11
"""Nine for the account and its page; user, memberships and what is counted for the frame."""


def test_touchpoints_are_marks_of_their_week(workspace: Workspace, account: Account) -> None:
    with scope(workspace.pk):
        Touchpoint.objects.create(
            account=account, kind="call", happened_on=TODAY, title="QBR", created_at=noon(TODAY)
        )
        Touchpoint.objects.create(
            account=account,
            kind="call",
            happened_on=TODAY,
            title="Gone",
            created_at=noon(TODAY),
            removed_at=noon(TODAY),
        )
    trend = as_(workspace, Role.VIEWER).get(page()).context["page"].health.trend
    (sign,) = trend.signs
    assert (sign.glyph, sign.labels) == ("☎", ("Call: QBR",))


def test_an_open_week_is_compared_with_the_day_of_the_page(
    workspace: Workspace, account: Account
) -> None:
    score(workspace, account, TODAY - 7 * DAY)
    shown = as_(workspace, Role.VIEWER).get(page(query="?week=2026-06-01"))
    assert f"{page()}?from=2026-06-07&amp;to=2026-06-10#reasons" in shown.content.decode()
