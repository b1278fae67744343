"""Where a metric of an account stands among the accounts, in the details of its row."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, Workspace
from accounts.tenancy import scope
from scoring.models import RunKind
from scoring.services.configuration import publish_scorecard
from scoring.services.runs import start_run, work_run
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.scored import DAY, LEVELS, document, measure, metric, noon

TODAY = date(2026, 6, 10)
SPONSOR: dict[str, Any] = {"grade": {"type": "level", "levels": LEVELS}}
SIGNED: dict[str, Any] = {
    "source": {"type": "attribute", "attribute": "signed"},
    "grade": {"type": "boolean"},
}
NPS = (10, 10, 40, 40, 50, 80)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(noon(TODAY), tick=False):
        yield


@pytest.fixture
def workspace(db: None) -> Workspace:
    workspace = make_workspace("acme")
    card = document(
        metric("nps", 1), metric("sponsor", 1, **SPONSOR), metric("signed", 1, **SIGNED)
    )
    with scope(workspace.pk):
        publish_scorecard(document=card, by=None, moment=noon(TODAY - DAY))
    for n, nps in enumerate(NPS):
        account = make_account(workspace, f"a{n}", attributes={"signed": n < 2})
        measure(workspace, account, TODAY, nps=nps, sponsor=LEVELS[min(n, 1)]["key"])
    make_account(workspace, "new")
    with scope(workspace.pk):
        run = start_run(kind=RunKind.REQUEST, first=TODAY, last=TODAY)
    for _ in work_run(workspace=workspace, run_id=run.pk, clock=lambda: noon(TODAY)):
        pass
    return workspace


@pytest.fixture
def viewer(workspace: Workspace) -> Client:
    client = Client()
    client.force_login(make_member(workspace, Role.VIEWER))
    return client


def opened(client: Client, account: str, key: str, query: str = "") -> str:
    response = client.get(
        f"/w/acme/accounts/{account}/?metric={key}{query}",
        HTTP_HX_REQUEST="true",
        HTTP_HX_TARGET=f"metric-{key}",
    )
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    found = re.search(r'<div class="peers">.*?<p>(.*?)</p>', html, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("a0", "None of 6 accounts is lower."),
        ("a2", "Higher than 33 % of 6 accounts."),
        ("a4", "Higher than 66 % of 6 accounts."),
        ("a5", "The highest of 6 accounts."),
        ("new", "6 accounts have a value."),
    ],
)
def test_details_tell_the_place_in_words(viewer: Client, account: str, expected: str) -> None:
    assert words(opened(viewer, account, "nps")) == expected


def test_details_show_the_range_with_its_ends(viewer: Client) -> None:
    html = opened(viewer, "a4", "nps")
    assert re.findall(r"<dt>(\w+)</dt><dd class=\"num\">([^<]+)</dd>", html) == [
        ("Lowest", "10"),
        ("Median", "40"),
        ("Highest", "80"),
    ]
    assert re.findall(r'(?:x1|cx)="([\d.]+%?)"', html.split('class="peers"')[1]) == [
        "0",
        "0",
        "42.86%",
        "100%",
        "57.14%",
    ]


def test_levels_and_booleans_are_told_in_their_words(viewer: Client) -> None:
    level = opened(viewer, "a0", "sponsor")
    assert words(level) == "The lowest of 6 accounts."
    assert re.findall(r"<dd class=\"num\">([^<]+)</dd>", level) == [
        "No contact",
        "Working contact",
        "Working contact",
    ]
    boolean = opened(viewer, "a0", "signed")
    assert words(boolean) == "“Yes” for 2 of 6 accounts."
    assert 'class="range"' not in boolean


def test_what_another_version_would_have_said_has_no_peers(viewer: Client) -> None:
    assert words(opened(viewer, "a4", "nps", "&version=1")) == ""


def test_peers_are_read_only_for_the_open_metric(viewer: Client) -> None:
    def asked(query: str) -> int:
        viewer.get(f"/w/acme/accounts/a4/{query}")
        with CaptureQueriesContext(connection) as captured:
            viewer.get(f"/w/acme/accounts/a4/{query}")
        return sum("scoring_peersummary" in each["sql"] for each in captured)

    ranges_of_key_metrics = 1
    assert (asked(""), asked("?metric=nps")) == (ranges_of_key_metrics, ranges_of_key_metrics + 1)
