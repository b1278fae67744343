from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Role, Workspace
from accounts.tenancy import scope
from scoring.models import Run, Scorecard
from tests.factories import make_member, make_workspace
from tests.scoring.test_drafts import document
from tests.scoring.views.drafted import CARD, URL, draft, scorecard, seen, versions

pytestmark = pytest.mark.django_db

BAD_KEY = (
    "Must be 1 to 63 letters, digits, points, dashes or underscores, "
    "and start with a letter or digit."
)
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}
PAGES = (
    "scorecards/",
    "new-scorecard/",
    "scorecards/health/",
    "scorecards/health/new-group/",
    "scorecards/health/groups/usage/",
    "scorecards/health/new-metric/",
    "scorecards/health/metrics/logins/",
    "scorecards/health/preview/",
    "scorecards/health/versions/",
    "scorecards/health/versions/1/",
    "scorecards/health/versions/1/download/",
    "scorecards/health/versions/compare/?from=1&to=1",
    "scorecards/health/document/",
    "scorecards/health/download/",
    "schemes/",
    "new-scheme/",
    "rules/",
    "new-rule/",
    "components/",
)
ACTIONS = (
    "switch",
    "save",
    "weights",
    "move",
    "exceptions/save",
    "effect/accounts",
    "groups/usage",
    "groups/usage/rename",
    "groups/usage/remove",
    "metrics/logins",
    "metrics/logins/rename",
    "metrics/logins/remove",
    "publish",
    "discard",
    "versions/1/restore",
)


@pytest.mark.parametrize("page", PAGES)
def test_scoring_settings_are_for_admins_of_the_workspace(page: str, acme: Workspace) -> None:
    codes = []
    for person in (
        make_member(acme, Role.ADMIN),
        make_member(acme, Role.CSM),
        make_member(make_workspace("other"), Role.ADMIN),
    ):
        client = Client()
        client.force_login(person)
        codes.append(client.get(f"/w/acme/settings/{page}").status_code)
    assert codes == [200, 403, 404]


@pytest.mark.parametrize("action", ACTIONS)
def test_changes_are_for_admins_of_the_workspace(action: str, acme: Workspace) -> None:
    codes = []
    for person in (make_member(acme, Role.CSM), make_member(make_workspace("other"), Role.ADMIN)):
        client = Client()
        client.force_login(person)
        codes.append(client.post(f"{CARD}{action}/", {"down": "groups-usage"}).status_code)
    assert codes == [403, 404]
    assert (draft(acme), scorecard(acme).active, versions(acme)) == (None, True, [(1, "first")])


def test_scorecard_of_another_workspace_is_unknown(client: Client, acme: Workspace) -> None:
    client.force_login(make_member(make_workspace("other"), Role.ADMIN))
    assert client.get("/w/other/settings/scorecards/health/").status_code == 404


def test_scorecard_begins_with_a_template(admin: Client, acme: Workspace) -> None:
    given = {"name": "Use", "key": "", "starter": "classic-usage"}
    response = admin.post("/w/acme/settings/new-scorecard/", given)
    assert response["Location"] == f"{URL}use/"
    made = scorecard(acme, "use")
    assert made.current_version is None
    assert made.draft is not None
    assert [group["key"] for group in made.draft["groups"]] == ["usage"]
    assert admin.get(f"{URL}use/").context["publishable"]


def test_scorecard_begins_from_scratch(admin: Client, acme: Workspace) -> None:
    admin.post("/w/acme/settings/new-scorecard/", {"name": "Mine", "key": "m", "starter": ""})
    assert scorecard(acme, "m").draft == {
        "key": "m",
        "name": "Mine",
        "scheme": "ryg",
        "rank": 2,
    }
    assert not admin.get(f"{URL}m/").context["publishable"]


def test_key_that_is_taken_is_told(admin: Client) -> None:
    given = {"name": "Typed", "key": "health", "starter": ""}
    response = admin.post("/w/acme/settings/new-scorecard/", given)
    assert response.status_code == 422
    assert response.context["form"].errors == {"key": ["Another scorecard has this key."]}
    assert response.context["form"]["name"].value() == "Typed"


def test_switched_off_scorecard_has_everybody_scored_again(admin: Client, acme: Workspace) -> None:
    admin.post(f"{CARD}switch/", {})
    assert not scorecard(acme).active
    admin.post(f"{CARD}switch/", {"active": "on"})
    assert scorecard(acme).active
    with scope(acme.pk):
        assert Run.objects.count() == 2


def test_editor_shows_shares_of_group_and_whole(admin: Client) -> None:
    rows = admin.get(CARD).context["rows"]
    assert [(row.field, row.share.of_group, row.share.of_whole) for row in rows] == [
        ("groups-usage", 6000, 6000),
        ("metrics-logins", 3750, 2250),
        ("metrics-days", 1250, 750),
        ("groups-deep", 5000, 3000),
        ("metrics-features", 10_000, 3000),
        ("groups-people", 4000, 4000),
        ("metrics-sponsor", 10_000, 4000),
    ]


def test_weights_are_kept_in_the_draft(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{CARD}weights/", {"groups-usage": "20", "metrics-days": "2.5"})
    assert response["Location"] == CARD
    found = draft(acme)["groups"][0]
    assert (found["weight"], found["metrics"][1]["weight"]) == (20, 2.5)
    assert versions(acme) == [(1, "first")]


def test_weights_changed_back_leave_no_draft(admin: Client, acme: Workspace) -> None:
    admin.post(f"{CARD}weights/", {"groups-usage": "20"})
    admin.post(f"{CARD}weights/", {"groups-usage": "60.0"})
    assert draft(acme) is None


def test_weights_answer_with_new_shares(admin: Client) -> None:
    response = admin.post(f"{CARD}weights/", {"groups-usage": "40"}, **HTMX)
    text = response.content.decode()
    assert response.status_code == 200
    assert text.count('hx-swap-oob="true"') == 2 * 7 + 1
    assert '<input type="number"' not in text
    assert "<html" not in text


@pytest.mark.parametrize(
    ("weight", "problem"),
    [
        ("", "Enter a number."),
        ("-1", "Must be 0 or between 0.000001 and 1000000."),
        ("many", "Enter a number."),
        ("1e30", "Enter a number."),
    ],
)
def test_wrong_weight_is_kept_and_told_in_its_row(
    admin: Client, acme: Workspace, weight: str, problem: str
) -> None:
    response = admin.post(f"{CARD}weights/", {"groups-people": weight, "groups-usage": "1"}, **HTMX)
    assert response.status_code == 200
    wrong = [row for row in admin.get(CARD).context["rows"] if row.problems]
    assert [(row.field, row.weight, row.problems) for row in wrong] == [
        ("groups-people", weight, [problem])
    ]
    assert not admin.get(CARD).context["publishable"]


def test_move_answers_with_the_tree(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{CARD}move/", {"down": "groups-usage"}, **HTMX)
    assert [group["key"] for group in draft(acme)["groups"]] == ["people", "usage"]
    assert response.content.decode().lstrip().startswith('<form class="card flush" id="tree"')
    plain = admin.post(f"{CARD}move/", {"up": "groups-usage"})
    assert (plain["Location"], draft(acme)) == (f"{CARD}groups/usage/", None)


def test_what_is_gone_is_not_found(admin: Client, acme: Workspace) -> None:
    codes = [
        admin.post(f"{CARD}move/", {"up": "groups-gone"}).status_code,
        admin.post(f"{CARD}move/", {"up": "nonsense"}).status_code,
        admin.get(f"{CARD}metrics/gone/").status_code,
        admin.post(f"{CARD}groups/gone/remove/").status_code,
        admin.post(f"{CARD}versions/9/restore/").status_code,
        admin.get(f"{URL}gone/").status_code,
    ]
    assert (codes, draft(acme)) == ([404] * 6, None)


def test_scorecard_itself_is_changed(admin: Client, acme: Workspace) -> None:
    given = {
        "name": "New name",
        "scheme": "letter",
        "rollup": "conditions",
        "average": "55",
        "rank": "3",
        "min_coverage": "40.5",
        "trend_days": "60",
        "confirm": "2",
        "stages": ["live"],
        "other_stages": "onboarding ,",
        "attribute-name": ["plan", "employees", ""],
        "attribute-values": ["pro, team", "5, true", ""],
    }
    assert admin.post(f"{CARD}save/", given)["Location"] == CARD
    found = {key: value for key, value in draft(acme).items() if key != "groups"}
    assert found == {
        "key": "health",
        "name": "New name",
        "scheme": "letter",
        "rank": 3,
        "rollup": "conditions",
        "points": {"average": 55},
        "min_coverage": 40.5,
        "trend_days": 60,
        "confirm": 2,
        "applies_to": {
            "stage": ["live", "onboarding"],
            "attributes": {"plan": ["pro", "team"], "employees": [5, True]},
        },
    }


def test_what_is_wrong_with_the_scorecard_is_kept_and_told(admin: Client, acme: Workspace) -> None:
    given = {"name": "", "scheme": "gone", "trend_days": "9999", "rank": "one"}
    admin.post(f"{CARD}save/", given)
    context = admin.get(CARD).context
    assert [(at, problems) for at, problems, _notes in context["editor"].found] == [
        ("e-rank", ["Enter a whole number."])
    ]
    assert context["sheet"].slots["rank"].value == "one"
    admin.post(f"{CARD}save/", {**given, "name": "A", "rank": "1"})
    found = admin.get(CARD).context["editor"].found
    assert [(at, problems) for at, problems, _notes in found] == [
        ("e-scheme", ["Is not a scheme; use one of: numeric, letter, ryg."]),
        ("e-trend_days", ["Must be between 1 and 400."]),
    ]


def test_what_a_list_can_not_show_is_kept_in_the_draft_alone(
    admin: Client, acme: Workspace
) -> None:
    admin.post("/w/acme/settings/new-scorecard/", {"starter": "", "name": "Fresh"})
    save = f"{URL}fresh/save/"
    place = scorecard(acme, "fresh").rank
    for typed in ({"name": "", "rank": "x"}, {"name": "F" * 300, "rank": "99999999999"}):
        assert admin.post(save, {"scheme": "ryg", **typed}).status_code == 302
        held = scorecard(acme, "fresh")
        assert (held.name, held.rank) == ("Fresh", place)
    assert admin.get(f"{URL}fresh/").context["sheet"].slots["rank"].value == "99999999999"
    admin.post(save, {"scheme": "ryg", "name": "Better", "rank": "7"})
    held = scorecard(acme, "fresh")
    assert (held.name, held.rank) == ("Better", 7)


def test_another_way_of_adding_up_brings_its_own_fields(admin: Client) -> None:
    given: dict[str, Any] = {"name": "Health", "scheme": "ryg", "rollup": "conditions"}
    changed = admin.post(f"{CARD}save/", given, **HTMX)
    assert changed["HX-Retarget"] == "#editor"
    assert 'name="poor"' in changed.text
    assert "HX-Retarget" not in admin.post(f"{CARD}save/", {**given, "poor": "5"}, **HTMX)


def test_group_is_added_changed_and_removed(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{CARD}new-group/", {"name": "Support", "parent": ""})
    address = f"{CARD}groups/support/"
    assert response["Location"] == address
    assert draft(acme)["groups"][2] == {"key": "support", "name": "Support", "weight": 1}
    given = {"name": "Support", "weight": "5", "rollup": "minimum", "help": "Tickets"}
    admin.post(address, {**given, "parent": ""})
    assert draft(acme)["groups"][2] == {"key": "support", **given, "weight": 5}
    admin.post(address, {**given, "parent": "people"})
    assert draft(acme)["groups"][1]["groups"][0]["key"] == "support"
    admin.post(f"{address}rename/", {"key": "sup"})
    admin.post(f"{CARD}groups/sup/remove/")
    assert draft(acme) is None


def test_group_is_not_put_into_itself(admin: Client, acme: Workspace) -> None:
    given = {"name": "Usage", "weight": "60", "parent": "deep"}
    assert admin.post(f"{CARD}groups/usage/", given).status_code == 404
    assert draft(acme) is None


def test_wrong_group_is_told(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{CARD}new-group/", {"name": " "})
    assert (response.status_code, draft(acme)) == (422, None)
    admin.post(f"{CARD}groups/people/", {"name": "People", "weight": "0.0000000001"})
    found = admin.get(f"{CARD}groups/people/").context["editor"].found
    assert [(at, problems) for at, problems, _notes in found] == [
        ("e-weight", ["Must be 0 or between 0.000001 and 1000000."])
    ]


def test_scorecard_that_was_never_published_is_deleted(admin: Client, acme: Workspace) -> None:
    admin.post("/w/acme/settings/new-scorecard/", {"name": "Mine", "key": "m", "starter": ""})
    assert admin.post(f"{URL}m/discard/")["Location"] == URL
    with scope(acme.pk):
        assert list(Scorecard.objects.values_list("key", flat=True)) == ["health"]


def test_document_comes_back_as_it_went(admin: Client, acme: Workspace) -> None:
    text = admin.get(f"{CARD}download/").content.decode()
    assert list(yaml.safe_load(text)) == ["key", "name", "groups"]
    response = admin.post(f"{CARD}document/", {"text": text})
    assert (response.status_code, draft(acme)) == (302, None)
    changed = text.replace("name: Health", "name: Better")
    upload = SimpleUploadedFile("health.yaml", changed.encode())
    admin.post(f"{CARD}document/", {"text": "ignored", "file": upload})
    assert draft(acme)["name"] == "Better"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: [1", [("", "Line 1, column 6: expected ',' or ']', but got '<stream end>'.")]),
        ("a: &x 1\nb: *x", [("", "Line 2, column 4: aliases are not supported.")]),
        ('a: "\\0"', [("", "It holds a NUL character.")]),
        ('a: "\\ud800"', [("", "It holds something that is no text, number or list.")]),
        ("- 1", [("", "This is no scorecard: a document of names and values is needed.")]),
        (
            "key: other\nname: A",
            [("key", "The key of this scorecard is “health” and cannot be changed.")],
        ),
        (
            "key: health\nname: ''\nweigth: 1",
            [("weigth", "is not a known field"), ("name", "must not be empty")],
        ),
    ],
)
def test_wrong_document_is_refused_and_stays(
    admin: Client, acme: Workspace, text: str, problems: list[tuple[str, str]]
) -> None:
    response = admin.post(f"{CARD}document/", {"text": text})
    assert response.status_code == 422
    found = response.context["problems"]
    assert [(problem.path, problem.message) for problem in found] == problems
    assert response.context["form"]["text"].value() == text
    assert draft(acme) is None


def test_problem_of_the_draft_is_shown_and_keeps_it_from_being_published(
    admin: Client, acme: Workspace
) -> None:
    exception = {"name": "Lost", "effect": "cap", "value": 50}
    when = [{"metric": "sponsor", "op": "lt", "value": 40}]
    given = {**document(), "exceptions": [{**exception, "when": when}]}
    admin.post(f"{CARD}document/", {"text": yaml.safe_dump(given)})
    admin.post(f"{CARD}metrics/sponsor/remove/")
    context = admin.get(f"{CARD}exceptions/").context
    assert (context["exception_problems"], context["publishable"]) == (1, False)
    assert [(at, problems) for at, problems, _notes in context["editor"].found] == [
        ("x0-when-1-subject", ["There is no sponsor in this scorecard."])
    ]
    admin.post(f"{CARD}publish/", seen(admin))
    assert versions(acme) == [(1, "first")]
