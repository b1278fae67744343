"""The page before publishing: who moves, what changes, and nothing overwritten unseen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.models import Run, Scorecard
from scoring.pages import publish as page
from scoring.services.configuration import publish_scorecard
from scoring.views.settings import publishing
from tests.factories import make_account
from tests.scoring.scored import measure
from tests.scoring.test_drafts import document
from tests.scoring.views.drafted import CARD, URL, draft, scorecard, seen, versions

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
DOLLARS = {"contract_value_cents": 100_000, "currency": "USD"}
EUROS = {"contract_value_cents": 3_400_000, "currency": "EUR"}


@pytest.fixture
def portfolio(acme: Workspace) -> list[Account]:
    """Weights of 60 and 40: people are the whole difference between 90 and 40."""
    day = timezone.now().astimezone(UTC).date() - timedelta(days=1)
    values = {"logins": 40, "days": 40, "features": 40}
    made = []
    people = (("Ada", 90, EUROS), ("Bob", 90, DOLLARS), ("Cy", 40, DOLLARS), ("Di", 95, DOLLARS))
    for name, sponsor, money in people:
        account = make_account(acme, name.lower(), name=name, **money)
        measure(acme, account, day, sponsor=sponsor, **values)
        made.append(account)
    return made


def weigh(admin: Client, **weights: Any) -> None:
    admin.post(f"{CARD}weights/", {f"groups-{key}": value for key, value in weights.items()})


def texts(rows: Any) -> list[str]:
    return [row.text for row in rows]


def test_draft_is_published_and_discarded(admin: Client, acme: Workspace) -> None:
    weigh(admin, usage="20")
    published = admin.post(f"{CARD}publish/", {"note": "Less usage", **seen(admin)})
    assert published["Location"] == f"{CARD}versions/2/"
    assert (draft(acme), versions(acme)) == (None, [(1, "first"), (2, "Less usage")])
    version = scorecard(acme).current_version
    assert version is not None
    assert (version.document["groups"][0]["weight"], version.number) == (20, 2)
    with scope(acme.pk):
        assert [run.kind for run in Run.objects.all()] == ["request"]
    weigh(admin, usage="1")
    admin.post(f"{CARD}discard/")
    assert (draft(acme), len(versions(acme))) == (None, 2)


def test_draft_without_metrics_tells_what_is_missing(admin: Client, acme: Workspace) -> None:
    with scope(acme.pk):
        Scorecard.objects.create(key="m", name="Mine", draft={"key": "m", "name": "Mine"})
    context = admin.get(f"{URL}m/preview/").context
    told = "Add a metric first: there is nothing to score yet."
    assert context["problems"] == [("groups", told)]
    response = admin.post(f"{URL}m/publish/", seen(admin, "m"), follow=True)
    assert [str(message) for message in response.context["messages"]] == [told]
    assert scorecard(acme, "m").current_version is None


def test_page_tells_who_moves_and_what_changes(admin: Client, portfolio: list[Account]) -> None:
    weigh(admin, usage="20")
    context = admin.get(f"{CARD}preview/").context
    rows = [
        (row.band.key, [(cell.after.key, cell.kind, cell.accounts) for cell in row.cells])
        for row in context["matrix"].rows
    ]
    assert rows == [
        ("green", [("green", "same", 0), ("yellow", "worse", 0), ("red", "worse", 0)]),
        ("yellow", [("green", "better", 1), ("yellow", "same", 2), ("red", "worse", 0)]),
        ("red", [("green", "better", 0), ("yellow", "better", 0), ("red", "same", 1)]),
    ]
    assert context["headline"] == "1 account moves, $1,000 at stake: 1 up"
    (move,) = context["listed"].moves
    assert (move.account.key, move.before.key, move.after.key) == ("di", "yellow", "green")
    assert (move.score_before, move.score_after, move.change) == (620000, 766667, 146667)
    assert texts(context["changes"]) == [
        "Weight of Usage 60 → 20 (60\u202f% → 33\u202f% of the whole)"
    ]


def test_first_version_takes_nothing_from_anybody(admin: Client, portfolio: list[Account]) -> None:
    admin.post("/w/acme/settings/new-scorecard/", {"starter": "copy:health", "name": "Second"})
    context = admin.get(f"{URL}second/preview/").context
    assert context["headline"] == "4 accounts get a band"


def test_money_of_two_currencies_is_never_added(admin: Client, portfolio: list[Account]) -> None:
    weigh(admin, usage="5")
    context = admin.get(f"{CARD}preview/").context
    assert context["headline"] == "3 accounts move, €34,000 + $2,000 at stake: 3 up"
    cell = context["matrix"].cell("yellow", "green")
    assert [(m.currency, m.minor) for m in cell.money] == [("EUR", 3_400_000), ("USD", 200_000)]


def test_cell_opens_its_accounts_page_by_page(
    admin: Client, portfolio: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", 2)
    weigh(admin, usage="5")
    address = f"{CARD}preview/?from=yellow&to=green"

    def asked(extra: str) -> list[str]:
        listed = admin.get(f"{address}{extra}").context["listed"]
        return [move.account.name for move in listed.moves]

    assert [asked(""), asked("&page=2"), asked("&page=99"), asked("&page=x")] == [
        ["Ada", "Bob"], ["Di"], ["Di"], ["Ada", "Bob"],
    ]  # fmt: skip
    fragment = admin.get(address, **HTMX, HTTP_HX_TARGET="listed")
    assert fragment.content.decode().lstrip().startswith('<section class="card flush" id="listed"')
    assert admin.get(f"{CARD}preview/?from=x&to=y").context["listed"].moves == []


def test_large_portfolio_is_counted_in_steps(
    admin: Client, portfolio: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.services.trial.BATCH", 3)
    monkeypatch.setattr(publishing, "FIRST_SECONDS", 0)
    weigh(admin, usage="20")
    first = admin.get(f"{CARD}preview/").context["trial"]
    assert (first.done, first.total, first.complete) == (3, 4, False)
    fragment = admin.get(f"{CARD}preview/", **HTMX, HTTP_HX_TARGET="moves")
    assert fragment.context["trial"].complete
    assert fragment.context["matrix"].accounts == 4


def test_counting_again_sees_what_changed_since(
    admin: Client, acme: Workspace, portfolio: list[Account]
) -> None:
    weigh(admin, usage="20")
    assert admin.get(f"{CARD}preview/").context["matrix"].moved == 1
    measure(acme, portfolio[3], timezone.now().date(), sponsor=0)
    assert admin.get(f"{CARD}preview/").context["matrix"].moved == 1
    assert admin.get(f"{CARD}preview/?afresh=1").context["matrix"].moved == 0


def test_changed_draft_is_not_published_unseen(admin: Client, acme: Workspace) -> None:
    weigh(admin, usage="20")
    looked_at = seen(admin)
    weigh(admin, usage="30")
    response = admin.post(f"{CARD}publish/", looked_at, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "The draft was changed meanwhile. Look at it once more."
    ]
    assert versions(acme) == [(1, "first")]
    assert draft(acme)["groups"][0]["weight"] == 30


def overtake(acme: Workspace) -> None:
    with scope(acme.pk):
        other = {**document(), "name": "Better"}
        moment = datetime(2026, 2, 1, tzinfo=UTC)
        publish_scorecard(document=other, by=None, moment=moment, note="by the API")


def test_version_published_meanwhile_is_not_overwritten_unseen(
    admin: Client, acme: Workspace
) -> None:
    weigh(admin, usage="20")
    looked_at = seen(admin)
    overtake(acme)
    response = admin.post(f"{CARD}publish/", looked_at, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "Version 2 was published meanwhile. Look at what it changed first."
    ]
    context = response.context
    assert [version.number for version in context["later"]] == [2]
    assert texts(context["later_changes"]) == ["Name “Health” → “Better”"]
    assert texts(context["changes"]) == [
        "Name “Better” → “Health”",
        "Weight of Usage 60 → 20 (60\u202f% → 33\u202f% of the whole)",
    ]
    assert b'type="checkbox" name="replaces" value="2" required' in response.content
    admin.post(f"{CARD}publish/", seen(admin))
    assert [number for number, _note in versions(acme)] == [1, 2, 3]


def test_draft_that_is_replaced_begins_with_what_is_published(
    admin: Client, acme: Workspace
) -> None:
    weigh(admin, usage="20")
    overtake(acme)
    admin.post(f"{CARD}versions/1/restore/")
    assert (draft(acme)["name"], scorecard(acme).draft_from) == ("Health", 2)
    assert admin.get(f"{CARD}preview/").context["later"] == []


def test_versions_tell_what_each_changed_and_how_long_it_held(
    admin: Client, acme: Workspace
) -> None:
    weigh(admin, usage="20")
    admin.post(f"{CARD}publish/", {"note": "Less usage", **seen(admin)})
    rows = admin.get(f"{CARD}versions/").context["rows"]
    published = [row.version.published_at for row in rows]
    assert [
        (row.version.number, row.version.note, row.until, texts(row.differences)) for row in rows
    ] == [
        (2, "Less usage", None, ["Weight of Usage 60 → 20 (60\u202f% → 33\u202f% of the whole)"]),
        (1, "first", published[0], ["First version: 3 groups, 4 metrics"]),
    ]
    assert admin.get(f"{CARD}versions/1/").context["past"] == rows[1]
    older = admin.get(f"{CARD}versions/?before=2").context["rows"]
    assert older == rows[1:]


def test_two_versions_are_compared_in_either_direction(admin: Client, acme: Workspace) -> None:
    overtake(acme)
    compare = f"{CARD}versions/compare/"
    forth, back = (
        texts(admin.get(f"{compare}?from={a}&to={b}").context["differences"])
        for a, b in ((1, 2), (2, 1))
    )
    assert (forth, back) == (["Name “Health” → “Better”"], ["Name “Better” → “Health”"])
    wrong = ("", "?from=1", "?from=1&to=3", "?from=x&to=1", f"?from=1&to={10**30}")
    assert [admin.get(f"{compare}{query}").status_code for query in wrong] == [404] * len(wrong)


def test_version_is_restored_as_a_draft_and_downloaded(admin: Client, acme: Workspace) -> None:
    overtake(acme)
    response = admin.post(f"{CARD}versions/1/restore/")
    assert (response["Location"], draft(acme)["name"]) == (f"{CARD}preview/", "Health")
    file = admin.get(f"{CARD}versions/1/download/")
    assert file["Content-Disposition"] == 'attachment; filename="health-1.yaml"'
    assert yaml.safe_load(file.content)["name"] == "Health"
    assert admin.get(f"{CARD}versions/9/download/").status_code == 404


def test_version_in_force_needs_no_restoring(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{CARD}versions/1/restore/", follow=True)
    assert draft(acme) is None
    assert [str(message) for message in response.context["messages"]] == [
        "Version 1 says what is published already; there is nothing to restore."
    ]
