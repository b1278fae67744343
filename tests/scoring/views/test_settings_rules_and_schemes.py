from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, Workspace
from accounts.tenancy import scope
from scoring.forms.scheme import even_bands
from scoring.models import Rule, Scheme, Scorecard
from scoring.services.configuration import publish_scorecard
from scoring.versions import published_document
from tests.factories import make_member, make_workspace
from tests.scoring.views.drafted import CARD

pytestmark = pytest.mark.django_db

SETTINGS = "/w/acme/settings/"
BANDS = {
    "name": "Two",
    "key": "",
    "band-min": ["50", "0", ""],
    "band-label": ["Fine", "Not fine", ""],
    "band-color": ["", "orange", ""],
    "band-shape": ["star", "", ""],
    "band-key": ["", "bad", ""],
}
RULE = {
    "name": "Big drop",
    "kind": "score_change",
    "direction": "drop",
    "points": "12.5",
    "days": "30",
    "scorecard": "health",
    "severity": "risk",
    "cooldown_days": "14",
}


def schemes(workspace: Workspace) -> dict[str, Any]:
    with scope(workspace.pk):
        return {scheme.key: (scheme.name, scheme.bands) for scheme in Scheme.objects.all()}


def rules(workspace: Workspace) -> list[Any]:
    with scope(workspace.pk):
        return [(rule.document, rule.active) for rule in Rule.objects.order_by("key")]


def test_shipped_schemes_are_shown_with_their_ranges(admin: Client) -> None:
    shipped = admin.get(f"{SETTINGS}schemes/").context["shipped"]
    found = {
        scheme.key: [(str(r.look.label), r.first, r.last) for r in scheme.ranges]
        for scheme in shipped
    }
    assert found["ryg"] == [("Good", 76, 100), ("At risk", 51, 75), ("Poor", 0, 50)]
    assert found["letter"][-1] == ("F", 0, 59)


def test_scheme_is_made_in_the_order_of_its_minima(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{SETTINGS}new-scheme/", BANDS)
    assert response["Location"] == f"{SETTINGS}schemes/"
    name, bands = schemes(acme)["two"]
    kept = [{k: v for k, v in band.items() if v is not None} for band in bands]
    assert (name, kept) == (
        "Two",
        [
            {"key": "bad", "label": "Not fine", "min": 0, "color": "orange"},
            {"key": "fine", "label": "Fine", "min": 50, "shape": "star"},
        ],
    )


@pytest.mark.parametrize(
    ("given", "cell", "message"),
    [
        ({"band-min": ["50", "10", ""]}, (0, "min"), "The first band must begin at 0."),
        ({"band-min": ["half", "0", ""]}, (0, "min"), "Enter a number."),
        ({"band-label": ["", "Not fine", ""]}, (1, "label"), "Fill this in."),
        ({"band-min": ["101", "0", ""]}, (1, "min"), "Must be between 0 and 100."),
    ],
)
def test_wrong_band_is_told_in_its_cell(
    admin: Client, acme: Workspace, given: dict[str, Any], cell: tuple[int, str], message: str
) -> None:
    response = admin.post(f"{SETTINGS}new-scheme/", {**BANDS, **given})
    assert response.status_code == 422
    at, column = cell
    assert response.context["rows"].rows[at][column].error == message
    assert schemes(acme) == {}


def test_one_band_is_no_scheme(admin: Client, acme: Workspace) -> None:
    one = {name: values[1:] for name, values in BANDS.items() if name.startswith("band")}
    response = admin.post(f"{SETTINGS}new-scheme/", {"name": "One", "key": "ryg", **one})
    assert response.context["form"].errors == {"key": ["Another scheme has this key."]}
    response = admin.post(f"{SETTINGS}new-scheme/", {"name": "One", "key": "one", **one})
    assert response.context["form"].bands.errors == ["Give 2 to 12 bands."]
    assert (response.status_code, schemes(acme)) == (422, {})


def test_looking_at_a_scheme_saves_nothing(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{SETTINGS}new-scheme/", {**BANDS, "name": "", "more": "look"})
    assert response.status_code == 200
    drawn = response.context["drawn"]
    assert [(str(r.look.label), r.look.shape, r.first, r.last) for r in drawn] == [
        ("Fine", "star", 50, 100),
        ("Not fine", "square", 0, 49),
    ]
    assert schemes(acme) == {}


def test_scheme_is_changed_and_removed_unless_it_is_used(admin: Client, acme: Workspace) -> None:
    admin.post(f"{SETTINGS}new-scheme/", BANDS)
    admin.post(f"{SETTINGS}schemes/two/", {**BANDS, "name": "Pair"})
    assert schemes(acme)["two"][0] == "Pair"
    given = {
        "name": "Health",
        "scheme": "two",
        "rank": "1",
        "min_coverage": "50",
        "trend_days": "30",
    }
    admin.post(f"{CARD}save/", given)
    response = admin.post(f"{SETTINGS}schemes/two/remove/", follow=True)
    assert [str(message) for message in response.context["messages"]][-1] == (
        "It is used by “Health”: choose another scheme there first."
    )
    admin.post(f"{CARD}discard/")
    admin.post(f"{SETTINGS}schemes/two/remove/")
    assert schemes(acme) == {}


def test_rule_is_made_and_read_back(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{SETTINGS}new-rule/", RULE)
    assert response["Location"] == f"{SETTINGS}rules/"
    assert rules(acme) == [
        (
            {
                "key": "big-drop",
                "name": "Big drop",
                "scorecard": "health",
                "when": {"type": "score_change", "points": 12.5, "days": 30},
                "cooldown_days": 14,
            },
            True,
        )
    ]
    (row,) = admin.get(f"{SETTINGS}rules/").context["rows"]
    assert row["text"] == (
        "When “Health” drops by 12.5 points or more within 30 days, raise a risk alert; "
        "then stay quiet for 14 days unless it recovered."
    )


def test_rule_of_bands_ignores_the_other_fields(admin: Client, acme: Workspace) -> None:
    given = {**RULE, "kind": "band_change", "way": "better", "points": "x", "scorecard": "-"}
    admin.post(f"{SETTINGS}new-rule/", {**given, "severity": "opportunity", "cooldown_days": "0"})
    ((document, _active),) = rules(acme)
    assert document["when"] == {"type": "band_change", "direction": "better"}
    assert "scorecard" not in document
    assert admin.get(f"{SETTINGS}rules/big-drop/").context["text"] == (
        "When the band of the primary score gets better, raise an opportunity alert."
    )


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"points": ""}, {"points": ["This field is required."]}),
        ({"points": "200"}, {"points": ["Must be more than 0 and at most 100."]}),
        ({"days": "500"}, {"days": ["Must be between 1 and 400."]}),
        (
            {"scorecard": "gone"},
            {"scorecard": ["Select a valid choice. gone is not one of the available choices."]},
        ),
        ({"name": " "}, {"name": ["This field is required."]}),
    ],
)
def test_wrong_rule_is_told_beside_its_fields(
    admin: Client, acme: Workspace, given: dict[str, str], errors: dict[str, list[str]]
) -> None:
    response = admin.post(f"{SETTINGS}new-rule/", {**RULE, **given})
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert rules(acme) == []


def test_preview_reads_the_rule_back_and_saves_nothing(admin: Client, acme: Workspace) -> None:
    given = {**RULE, "name": "", "points": "1", "preview": "1"}
    response = admin.post(f"{SETTINGS}new-rule/", given)
    assert (response.status_code, rules(acme)) == (200, [])
    assert response.context["text"][:41] == "When “Health” drops by 1 point or more wi"


def test_rule_is_switched_changed_and_removed(admin: Client, acme: Workspace) -> None:
    admin.post(f"{SETTINGS}new-rule/", RULE)
    admin.post(f"{SETTINGS}rules/big-drop/switch/")
    assert [active for _document, active in rules(acme)] == [False]
    admin.post(f"{SETTINGS}rules/big-drop/", {**RULE, "points": "3"})
    assert [document["when"]["points"] for document, _active in rules(acme)] == [3]
    admin.post(f"{SETTINGS}rules/big-drop/remove/")
    assert rules(acme) == []


@pytest.mark.parametrize("page", ["rules/big-drop/", "rules/big-drop/remove/", "schemes/two/"])
def test_rules_and_schemes_are_for_admins_of_the_workspace(
    page: str, admin: Client, acme: Workspace
) -> None:
    admin.post(f"{SETTINGS}new-rule/", RULE)
    admin.post(f"{SETTINGS}new-scheme/", BANDS)
    codes = []
    for person in (make_member(acme, Role.CSM), make_member(make_workspace("other"), Role.ADMIN)):
        client = Client()
        client.force_login(person)
        codes.append(client.post(SETTINGS + page).status_code)
    assert (codes, len(rules(acme)), len(schemes(acme))) == ([403, 404], 1, 1)


def test_scheme_is_made_out_of_letters(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{SETTINGS}new-scheme/", {"labels": "A+ A B, C F", "more": "quick"})
    found = [
        (row["key"].value, row["label"].value, row["min"].value)
        for row in response.context["rows"].filled
    ]
    assert found == [
        ("f", "F", "0"),
        ("c", "C", "20"),
        ("b", "B", "40"),
        ("a", "A", "60"),
        ("a-plus", "A+", "80"),
    ]
    assert [r.first for r in response.context["drawn"]] == [80, 60, 40, 20, 0]
    assert schemes(acme) == {}


@pytest.mark.parametrize("labels", ["A", "", "A a", " ".join("ABCDEFGHIJKLM")])
def test_letters_that_make_no_scheme_are_told(admin: Client, labels: str) -> None:
    response = admin.post(f"{SETTINGS}new-scheme/", {"labels": labels, "more": "quick"})
    assert response.status_code == 422
    assert response.context["quick_error"]


def test_twelve_bands_are_spread_evenly() -> None:
    minima = [band["min"] for band in even_bands("A B C D E F G H I J K L")]
    assert minima == [0, 8, 17, 25, 33, 42, 50, 58, 67, 75, 83, 92]


def test_new_bands_reach_a_scorecard_when_it_is_published_again(
    admin: Client, acme: Workspace
) -> None:
    admin.post(f"{SETTINGS}new-scheme/", BANDS)
    with scope(acme.pk):
        document = {**published_document(Scorecard.objects.get()), "scheme": "two"}
        publish_scorecard(document=document, by=None, moment=datetime(2026, 1, 2, tzinfo=UTC))

    def minima() -> list[int]:
        with scope(acme.pk):
            version = Scorecard.objects.select_related("current_version").get().current_version
            return [band["min"] for band in version.bands]

    wider = {**BANDS, "band-min": ["40", "0", ""]}
    response = admin.post(f"{SETTINGS}schemes/two/", wider)
    assert response["Location"] == f"{SETTINGS}schemes/two/"
    page = admin.get(f"{SETTINGS}schemes/two/")
    assert [card.key for card in page.context["behind"]] == ["health"]
    assert minima() == [0, 50]
    admin.post(f"{SETTINGS}schemes/two/publish/")
    assert minima() == [0, 40]
    assert admin.get(f"{SETTINGS}schemes/two/").context["behind"] == []
    (own,) = admin.get(f"{SETTINGS}schemes/").context["own"]
    assert [card.key for card in own.users] == ["health"]
