from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, Workspace
from accounts.tenancy import scope
from scoring.layouts import LayoutDocument, document_for
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.scored import document, metric, publish

URL = "/w/acme/settings/account-page/"


def stored(acme: Workspace, stage: str = "") -> LayoutDocument:
    with scope(acme.pk):
        return document_for(stage)


def keys(response: Any, kind: str) -> list[str]:
    sheet = next(sheet for sheet in response.context["sheets"] if sheet.kind == kind)
    return [line.key for line in sheet.lines if line.shown]


def test_what_is_ticked_is_shown_in_the_order_of_the_places(admin: Client, acme: Workspace) -> None:
    make_account(acme, "red", attributes={"tier": "gold"})
    assert admin.get(URL).status_code == 200
    given = {
        "fact-renewal-shown": "1",
        "fact-renewal-place": "2",
        "fact-attribute:tier-shown": "1",
        "fact-attribute:tier-place": "1",
        "metric-usual": "1",
        "widget-tasks-shown": "1",
        "widget-tasks-place": "0",
        "widget-tasks-name": "To do",
    }
    assert admin.post(URL, given).headers["Location"] == URL
    document = stored(acme)
    assert document.facts == ("attribute:tier", "renewal")
    assert (document.metrics, document.charts) == (None, None)
    assert [(w.key, w.name) for w in document.widgets if not w.hidden] == [("tasks", "To do")]
    page = admin.get(URL)
    assert keys(page, "fact") == ["attribute:tier", "renewal"]
    assert keys(page, "widget") == ["tasks"]


def test_more_than_three_charts_are_refused(admin: Client, acme: Workspace) -> None:
    publish(acme, date(2026, 1, 2), document(*(metric(f"number-{n}", 1) for n in range(4))))
    four = {f"metric-number-{n}-chart": "1" for n in range(4)}
    assert admin.post(URL, four).status_code == 422
    assert stored(acme).charts is None
    four.popitem()
    assert admin.post(URL, four).status_code == 302
    assert stored(acme).charts == ("number-0", "number-1", "number-2")


def test_a_stage_has_its_own_until_it_is_forgotten(admin: Client, acme: Workspace) -> None:
    admin.post(f"{URL}?stage=live", {"fact-owner-shown": "1", "metric-usual": "1"})
    assert stored(acme, "live").facts == ("owner",)
    assert stored(acme).facts is None
    admin.post(f"{URL}forget/", {"stage": "live"})
    assert stored(acme, "live").facts is None


@pytest.mark.parametrize("address", [URL, f"{URL}forget/"])
def test_the_page_is_arranged_by_admins(acme: Workspace, address: str) -> None:
    for role in (Role.VIEWER, Role.CSM, Role.MANAGER):
        client = Client()
        client.force_login(make_member(acme, role))
        assert client.post(address, {"stage": "x"}).status_code == 403
    stranger = Client()
    stranger.force_login(make_member(make_workspace("globex"), Role.ADMIN))
    assert stranger.post(address, {"stage": "x"}).status_code == 404
    assert stored(acme).facts is None


def test_parts_move_on_their_side_before_anything_is_saved(admin: Client, acme: Workspace) -> None:
    moved = admin.post(URL, {"down": "widget-trend", "fact-usual": "1"})
    assert moved.status_code == 200
    lines = moved.context["sheets"][2].lines
    assert [line.key for line in lines] == [
        *("reasons", "trend", "metrics", "usage"),
        *("path", "tasks", "alerts", "people", "company", "timeline"),
    ]
    assert [line.place for line in lines] == [str(n) for n in range(1, 11)]
    ends = admin.post(URL, {"up": "widget-path"}).context["sheets"][2].lines
    assert [line.key for line in ends[3:6]] == ["usage", "path", "tasks"]
    assert moved.context["usual"] == {"fact": True, "metric": False}
    chosen = admin.post(URL, {"up": "fact-renewal", "fact-usual": "1"})
    assert chosen.context["usual"]["fact"] is False
    assert stored(acme) == LayoutDocument()
