"""The list of scorecards, how one begins, and documents that come in by the page."""

from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, Workspace
from accounts.tenancy import scope
from scoring.models import RunKind, Scorecard, ScorecardVersion
from scoring.services.configuration import publish_scorecard, switch_scorecard
from scoring.services.measurements import MeasurementRow, record_measurements
from scoring.services.runs import start_run, work_run
from scoring.starters import FOLDER, STARTERS
from scoring.versions import published_document
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.documents import DROP, health
from tests.scoring.views.drafted import CARD, URL, draft, scorecard, seen, versions

pytestmark = pytest.mark.django_db

SETTINGS = "/w/acme/settings/"
NEW = f"{SETTINGS}new-scorecard/"
IMPORT = f"{SETTINGS}import/"
KEYS = sorted(path.stem for path in FOLDER.iterdir())


def lines(admin: Client) -> list[Any]:
    return [(line.scorecard.key, line.place) for line in admin.get(URL).context["lines"]]


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("action", ["order", "archive", "bring-back"])
def test_arranging_is_for_admins_of_the_workspace(action: str, acme: Workspace) -> None:
    codes = []
    for person in (make_member(acme, Role.CSM), make_member(make_workspace("other"), Role.ADMIN)):
        client = Client()
        client.force_login(person)
        codes.append(client.post(f"{CARD}{action}/").status_code)
    assert (codes, scorecard(acme).archived_at) == ([403, 404], None)


@pytest.mark.parametrize("page", ["import/", "export/"])
def test_documents_are_for_admins_of_the_workspace(page: str, acme: Workspace) -> None:
    codes = []
    for person in (
        make_member(acme, Role.ADMIN),
        make_member(acme, Role.CSM),
        make_member(make_workspace("other"), Role.ADMIN),
    ):
        client = Client()
        client.force_login(person)
        codes.append(client.get(SETTINGS + page).status_code)
    assert codes == [200, 403, 404]


def test_empty_workspace_is_told_how_to_begin(client: Client) -> None:
    client.force_login(make_member(make_workspace("bare"), Role.ADMIN))
    page = client.get("/w/bare/settings/scorecards/")
    assert "No scorecard yet" in page.content.decode()


@pytest.mark.parametrize("key", KEYS)
def test_template_becomes_a_draft_that_can_be_published(
    admin: Client, acme: Workspace, key: str
) -> None:
    title = next(str(found.title) for found in STARTERS if found.key == key)
    response = admin.post(NEW, {"name": "", "key": "", "starter": key})
    assert response["Location"] == f"{URL}{key}/"
    made = scorecard(acme, key)
    assert (made.current_version, made.name) == (None, title)
    text = admin.get(f"{URL}{key}/download/").content.decode()
    template = yaml.safe_load((FOLDER / f"{key}.yaml").read_text())
    assert yaml.safe_load(text) == {**template, "rank": 2}
    admin.post(f"{URL}{key}/publish/", seen(admin, key))
    assert scorecard(acme, key).current_version is not None


def test_what_a_template_holds_is_shown_before_it_is_chosen(admin: Client) -> None:
    context = admin.get(f"{NEW}?starter=onboarding").context
    found = {b.key: (b.metrics, b.applies) for b in context["beginnings"]}
    assert context["chosen"] == "onboarding"
    assert found["onboarding"] == (11, "Accounts in the stage onboarding")
    assert found["customer-health"] == (11, "Every account")
    assert found[""] == (0, "Every account")


def test_second_one_of_a_name_is_numbered(admin: Client, acme: Workspace) -> None:
    for _time in range(2):
        admin.post(NEW, {"name": "", "starter": "onboarding"})
    assert scorecard(acme, "onboarding-2").name == "Onboarding 2"


def test_unknown_template_is_refused(admin: Client, acme: Workspace) -> None:
    response = admin.post(NEW, {"name": "A", "starter": "nothing"})
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == ["Choose one of the starting points."]


def test_copy_holds_what_is_being_edited(admin: Client, acme: Workspace) -> None:
    admin.post(f"{CARD}document/", {"text": yaml.safe_dump({**health(), "confirm": 3})})
    page = admin.get(f"{NEW}?starter=copy:health").context
    assert page["beginnings"][0].key == page["chosen"] == "copy:health"
    response = admin.post(NEW, {"name": "", "key": "", "starter": "copy:health"})
    key = response["Location"].rstrip("/").rpartition("/")[2]
    copy, original = scorecard(acme, key).draft, draft(acme)
    assert (copy["name"], copy["rank"]) == ("Customer health (copy)", 2)
    differing = {"key", "name", "rank"}
    assert {k: v for k, v in copy.items() if k not in differing} == {
        k: v for k, v in original.items() if k not in differing
    }


def test_order_is_changed_with_and_without_a_fragment(admin: Client, acme: Workspace) -> None:
    admin.post(NEW, {"name": "Mine", "key": "m", "starter": "classic-usage"})
    assert lines(admin) == [("health", 1), ("m", 2)]
    response = admin.post(f"{URL}m/order/", {"up": "1"}, HTTP_HX_REQUEST="true")
    assert response.status_code == 200
    assert b"<html" not in response.content
    assert lines(admin) == [("m", 1), ("health", 2)]
    admin.post(f"{URL}m/order/", {"down": "1"})
    assert lines(admin) == [("health", 1), ("m", 2)]


def test_archiving_is_undone_with_a_click(admin: Client, acme: Workspace) -> None:
    page = admin.post(f"{CARD}archive/", follow=True)
    assert page.redirect_chain == [(f"{URL}?archived=health&active=on", 302)]
    assert (page.context["lines"], page.context["undo"].key) == ([], "health")
    assert 'name="active" value="on"' in page.content.decode()
    page = admin.post(f"{CARD}bring-back/", {"active": "on"}, follow=True)
    assert told(page) == ["“Health” is back."]
    assert (scorecard(acme).active, lines(admin)) == (True, [("health", 1)])


def test_archived_one_comes_back_switched_off(admin: Client, acme: Workspace) -> None:
    admin.post(f"{CARD}archive/")
    assert [card.key for card in admin.get(URL).context["archived"]] == ["health"]
    admin.post(f"{CARD}bring-back/")
    assert (scorecard(acme).active, versions(acme)) == (False, [(1, "first")])


def test_scorecard_in_use_stays_and_its_users_are_named(admin: Client, acme: Workspace) -> None:
    metric = {
        "key": "m",
        "name": "M",
        "weight": 1,
        "source": {"type": "scorecard", "scorecard": "health"},
    }
    group = {"key": "g", "name": "G", "weight": 1, "metrics": [metric]}
    whole = {"key": "whole", "name": "The whole", "groups": [group]}
    admin.post(IMPORT, {"text": yaml.safe_dump(whole), "step": "publish"})
    for action in ("archive", "switch"):
        page = admin.post(f"{CARD}{action}/", follow=True)
        assert "The whole" in told(page)[-1]
    assert scorecard(acme).active
    assert [line.needed_by for line in page.context["lines"]] == [["The whole"], []]


def test_accounts_are_counted_by_band_and_by_primary(admin: Client, acme: Workspace) -> None:
    today = acme.day_of(timezone.now())
    with scope(acme.pk):
        account = make_account(acme)
        rating = MeasurementRow(account=account.key, metric="sponsor", value=90)
        record_measurements(workspace=acme, rows=[rating], moment=timezone.now(), source="api")
        for key, rank in (("other", 2), ("third", 3)):
            document = {**published_document(scorecard(acme)), "key": key, "rank": rank}
            publish_scorecard(document=document, by=None, moment=timezone.now())
        switch_scorecard(scorecard=scorecard(acme, "third"), active=False)
        run = start_run(kind=RunKind.REQUEST, first=today, last=today)
    list(work_run(workspace=acme, run_id=run.pk, clock=timezone.now))
    found = [
        (
            line.scorecard.key,
            line.measured,
            line.primary_of,
            [row["band"].key for row in line.bands],
        )
        for line in admin.get(URL).context["lines"]
    ]
    assert found == [("health", 1, 1, ["green"]), ("other", 1, 0, ["green"]), ("third", 0, 0, [])]


def test_export_and_import_by_the_page_round_trip(admin: Client, acme: Workspace) -> None:
    for key in KEYS:
        admin.post(IMPORT, {"text": (FOLDER / f"{key}.yaml").read_text(), "step": "publish"})
    text = admin.get(f"{SETTINGS}export/").content.decode()
    looked = admin.post(IMPORT, {"text": text})
    assert [str(line.action) for line in looked.context["lines"]] == ["unchanged"] * 6
    other = make_workspace("other")
    client = Client()
    client.force_login(make_member(other, Role.ADMIN))
    for step in ("drafts", "publish"):
        client.post("/w/other/settings/import/", {"text": text, "step": step})
    assert client.get("/w/other/settings/export/").content.decode() == text


def test_files_are_looked_at_before_they_come_in(admin: Client, acme: Workspace) -> None:
    one = SimpleUploadedFile("a.yaml", yaml.safe_dump({**health(), "key": "new"}).encode())
    two = SimpleUploadedFile("b.json", b'[{"key": "drop", "name": "Drop"}]')
    page = admin.post(IMPORT, {"uploads": [one, two], "text": ""})
    assert page.status_code == 422
    good, bad = page.context["lines"]
    assert (good.problems, bad.problems[0][1]) == ([], "groups")
    with scope(acme.pk):
        assert Scorecard.objects.count() == 1


def test_look_tells_what_changes_in_sentences(admin: Client, acme: Workspace) -> None:
    text = admin.get(f"{CARD}download/").content.decode().replace("name: Health", "name: Better")
    (line,) = admin.post(IMPORT, {"text": text}).context["lines"]
    assert (str(line.action), len(line.differences)) == ("changed", 1)
    assert "Better" in line.differences[0]
    assert scorecard(acme).name == "Health"
    response = admin.post(IMPORT, {"text": text, "step": "drafts"})
    assert response["Location"] == URL
    assert (draft(acme)["name"], versions(acme)) == ("Better", [(1, "first")])
    admin.post(IMPORT, {"text": text, "step": "publish"})
    assert (draft(acme), versions(acme)) == (None, [(1, "first"), (2, "Imported")])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "There is no document here."),
        ("# nothing", "There is no document here."),
        ("a: [", "Line 2, column 1: expected the node content, but found '<stream end>'."),
    ],
)
def test_text_that_holds_no_document_is_told(admin: Client, text: str, problem: str) -> None:
    page = admin.post(IMPORT, {"text": text})
    assert (page.status_code, page.context["problems"]) == (422, [problem])


def test_wrong_document_names_its_line_and_keeps_what_was_typed(
    admin: Client, acme: Workspace
) -> None:
    text = "key: a\nname: A\nrank: first\ngroups: []\n---\n" + yaml.safe_dump(DROP)
    page = admin.post(IMPORT, {"text": text, "step": "publish"})
    first, second = page.context["lines"]
    assert first.problems == [(3, "rank", "Must be a whole number.")]
    assert second.problems == []
    assert page.context["form"]["text"].value() == text
    with scope(acme.pk):
        assert ScorecardVersion.objects.count() == 1


def test_file_that_is_no_text_is_told(admin: Client) -> None:
    page = admin.post(IMPORT, {"uploads": [SimpleUploadedFile("a.yaml", b"\xff\xfe")], "text": ""})
    assert page.context["form"].errors == {"uploads": ["“a.yaml” is not text in UTF-8."]}


def test_list_asks_as_often_for_many_as_for_one(admin: Client, acme: Workspace) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            admin.get(URL)
        return len(asked)

    queries()
    before = queries()
    for key in KEYS:
        admin.post(IMPORT, {"text": (FOLDER / f"{key}.yaml").read_text(), "step": "publish"})
    queries()
    assert queries() == before
