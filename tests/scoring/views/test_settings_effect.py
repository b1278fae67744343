from typing import Any

import pytest
from django.test import Client

from accounts.models import Workspace
from tests.factories import make_account
from tests.scoring.views.drafted import CARD

pytestmark = pytest.mark.django_db

HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "effect"}
EFFECT = f"{CARD}effect/"


@pytest.fixture(autouse=True)
def accounts(acme: Workspace) -> None:
    for number, name in enumerate(("Amber", "Birch", "Cedar", "Dune", "Elm", "Fern")):
        make_account(acme, name.lower(), name=name, contract_value_cents=1000 * (6 - number))


def watched(response: Any) -> list[str]:
    return [row.account.key for row in response.context["effect"].rows]


def test_those_of_most_value_are_watched_first(admin: Client) -> None:
    assert watched(admin.get(EFFECT, **HTMX)) == ["amber", "birch", "cedar", "dune"]


def test_those_in_the_stages_of_the_scorecard_are_watched(admin: Client, acme: Workspace) -> None:
    for key in ("gum", "holly"):
        make_account(acme, key, stage="live")
    admin.post(f"{CARD}save/", {"name": "Health", "scheme": "ryg", "stages": "live"})
    assert watched(admin.get(EFFECT, **HTMX)) == ["gum", "holly"]


def test_account_is_found_added_and_left_out(admin: Client) -> None:
    found = admin.get(f"{EFFECT}?find=ELM", **HTMX).context["effect"]
    assert [account.key for account in found.hits] == ["elm"]
    added = admin.post(f"{EFFECT}accounts/", {"add": "elm"}, **HTMX)
    assert watched(added) == ["elm", "amber", "birch", "cedar", "dune"]
    left = admin.post(f"{EFFECT}accounts/", {"drop": "birch"}, **HTMX)
    assert watched(left) == ["elm", "amber", "cedar", "dune"]
    assert watched(admin.get(EFFECT, **HTMX)) == ["elm", "amber", "cedar", "dune"]


def test_plain_page_has_the_panel_beside_the_metric(admin: Client) -> None:
    context = admin.get(f"{EFFECT}?at=metrics-sponsor").context
    assert (context["editor"].kind, context["effect"].watched) == ("metric", "Sponsor")
    assert context["effect"].spread.total == 6


def test_draft_stands_beside_what_is_published(admin: Client) -> None:
    assert [
        (row.before, row.after) for row in admin.get(EFFECT, **HTMX).context["effect"].counts
    ] == [
        (0, 0),
        (0, 0),
        (0, 0),
        (6, 6),
    ]
    values = {"source": "attribute", "attribute": "contract_value", "distance": "value"}
    given = {"name": "Sponsor", "group": "people", "weight": "1", **values}
    limits = {"grade": "linear", "worst": "0", "best": "50"}
    admin.post(f"{CARD}metrics/sponsor/", {**given, **limits})
    effect = admin.get(f"{EFFECT}?at=metrics-sponsor", **HTMX).context["effect"]
    assert [(row.band.key, row.before, row.after) for row in effect.counts] == [
        ("green", 0, 3),
        ("yellow", 0, 1),
        ("red", 0, 2),
        ("unknown", 6, 0),
    ]
    assert [row.metric.score for row in effect.rows] == [1_000_000, 1_000_000, 800_000, 600_000]


def test_draft_that_is_not_sound_is_not_worked_out(admin: Client) -> None:
    admin.post(f"{CARD}weights/", {"groups-people": "much"})
    effect = admin.get(EFFECT, **HTMX).context["effect"]
    assert (effect.spread, effect.refused) == (
        None,
        "The draft can be worked out once what is marked is mended.",
    )
    assert watched(admin.get(EFFECT, **HTMX)) == ["amber", "birch", "cedar", "dune"]
