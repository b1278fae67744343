from typing import Any

import pytest
import yaml
from django.test import Client

from accounts.models import Workspace
from tests.scoring.test_drafts import document
from tests.scoring.views.drafted import CARD, draft

pytestmark = pytest.mark.django_db

METRIC = {
    "name": "Champion",
    "key": "",
    "group": "people",
    "weight": "2",
    "missing": "exclude",
    "expired": "exclude",
}
USAGE = {"source": "usage", "measure": "logins", "window_days": "90"}
LINE = {"grade": "linear", "worst": "7", "best": "30.5"}


def add(admin: Client, **given: Any) -> Any:
    return admin.post(f"{CARD}new-metric/", {**METRIC, **given})


def added(workspace: Workspace) -> Any:
    return draft(workspace)["groups"][1]["metrics"][1]


@pytest.mark.parametrize(
    ("given", "node"),
    [
        (
            {**USAGE, **LINE, "validity_days": "90", "what": " Log-ins ", "why": ""},
            {
                "source": {"type": "usage", "measure": "logins", "window_days": 90},
                "grade": {"type": "linear", "worst": 7, "best": 30.5},
                "help": {"what": "Log-ins"},
            },
        ),
        (
            {**USAGE, "measure": "feature_uses", "features": "a, b,", "grade": "ratio"},
            {
                "source": {
                    "type": "usage",
                    "measure": "feature_uses",
                    "window_days": 90,
                    "features": ["a", "b"],
                },
                "grade": {"type": "ratio"},
            },
        ),
        (
            {
                "source": "attribute",
                "attribute": "renewal_on",
                "distance": "days_until",
                "grade": "steps",
                "step-min": ["0", "", "90"],
                "step-score": ["40", "", "100"],
                "worst": "not shown, so ignored",
            },
            {
                "source": {"type": "attribute", "attribute": "renewal_on", "measure": "days_until"},
                "grade": {
                    "type": "steps",
                    "steps": [{"min": 0, "score": 40}, {"min": 90, "score": 100}],
                },
            },
        ),
        (
            {
                "source": "manual",
                "grade": "level",
                "level-label": ["None", "Some", ""],
                "level-score": ["0", "100", ""],
                "level-help": ["", "They know us.", ""],
                "level-key": ["", "", ""],
                "validity_days": "60",
                "expired": "fade",
                "missing": "neutral",
            },
            {
                "validity_days": 60,
                "missing": "neutral",
                "expired": "fade",
                "source": {"type": "manual"},
                "grade": {
                    "type": "level",
                    "levels": [
                        {"key": "none", "label": "None", "score": 0},
                        {"key": "some", "label": "Some", "score": 100, "help": "They know us."},
                    ],
                },
            },
        ),
        (
            {"source": "milestone", "grade": "linear", "when_true": "100", "when_false": "10"},
            {"source": {"type": "milestone"}, "grade": {"type": "boolean", "when_false": 10}},
        ),
    ],
)
def test_metric_is_added_as_the_document_says_it(
    admin: Client, acme: Workspace, given: dict[str, Any], node: dict[str, Any]
) -> None:
    response = add(admin, **given)
    assert response.status_code == 302
    assert added(acme) == {"key": "champion", "name": "Champion", "weight": 2, **node}


def test_saved_metric_opens_as_it_was_saved(admin: Client, acme: Workspace) -> None:
    add(admin, **USAGE, **LINE, what="Log-ins")
    form = admin.get(f"{CARD}metrics/champion/").context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    before = draft(acme)
    assert admin.post(f"{CARD}metrics/champion/", data).status_code == 302
    assert draft(acme) == before


def test_metric_is_moved_to_another_group(admin: Client, acme: Workspace) -> None:
    given = {**METRIC, "key": "sponsor", "group": "deep", "source": "manual", "grade": "number"}
    admin.post(f"{CARD}metrics/sponsor/", given)
    groups = draft(acme)["groups"]
    assert "metrics" not in groups[1]
    assert [m["key"] for m in groups[0]["groups"][0]["metrics"]] == ["features", "sponsor"]


def test_metric_is_removed(admin: Client, acme: Workspace) -> None:
    admin.post(f"{CARD}metrics/days/remove/")
    assert [metric["key"] for metric in draft(acme)["groups"][0]["metrics"]] == ["logins"]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        (
            {**USAGE, **LINE, "name": "", "key": "days"},
            {"name": ["This field is required."], "key": ["Another metric has this key."]},
        ),
        ({**USAGE, **LINE, "best": ""}, {"best": ["This field is required."]}),
        ({**USAGE, **LINE, "best": "7"}, {"best": ["Must differ from worst."]}),
        (
            {**USAGE, **LINE, "window_days": "1000"},
            {"window_days": ["Must be between 1 and 400."]},
        ),
        (
            {"source": "attribute", "attribute": " ", "distance": "value", "grade": "ratio"},
            {"attribute": ["This field is required."]},
        ),
        (
            {"source": "manual", **LINE},
            {"grade": ["Does not fit a source of type manual; use one of: level, number."]},
        ),
    ],
)
def test_wrong_metric_is_told_beside_its_fields(
    admin: Client, acme: Workspace, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    response = add(admin, **given)
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert response.context["form"]["weight"].value() == "2"
    assert draft(acme) is None


def test_wrong_step_is_told_in_its_cell(admin: Client, acme: Workspace) -> None:
    rows = {"step-min": ["0", "", "0", "9"], "step-score": ["0", "", "200", "100"]}
    response = add(admin, **USAGE, grade="steps", **rows)
    assert response.status_code == 422
    steps = response.context["steps"].rows
    assert [(row["min"].value, row["min"].error, row["score"].error) for row in steps[:3]] == [
        ("0", "", ""),
        ("0", "Overlaps: two steps begin at 0.", "Must be between 0 and 100."),
        ("9", "", ""),
    ]
    response = add(admin, **USAGE, grade="steps", **{"step-min": ["x"], "step-score": ["0"]})
    assert response.context["steps"].rows[0]["min"].error == "Enter a number."
    response = add(admin, **USAGE, grade="steps")
    assert response.context["steps"].errors == ["Must have at least one step."]
    assert draft(acme) is None


def test_more_rows_keep_what_was_typed_and_save_nothing(admin: Client, acme: Workspace) -> None:
    given = {"level-label": ["None", "A", "B"], "level-score": ["x", "1", "2"], "more": "level"}
    response = add(admin, source="manual", grade="level", name="", **given)
    assert response.status_code == 200
    assert [row["label"].value for row in response.context["levels"].rows] == [
        "None",
        "A",
        "B",
        "",
        "",
    ]
    assert (response.context["form"].errors, draft(acme)) == ({}, None)


def test_what_the_form_can_not_show_is_kept(admin: Client, acme: Workspace) -> None:
    growth = {
        "type": "growth",
        "source": {"type": "usage", "measure": "logins", "window_days": 30},
        "window": 90,
    }
    given = document()
    given["groups"][1]["metrics"][0] = {
        "key": "sponsor",
        "name": "Growth",
        "weight": 1,
        "source": growth,
    }
    admin.post(f"{CARD}document/", {"text": yaml.safe_dump(given)})
    assert admin.get(f"{CARD}metrics/sponsor/").context["form"].kept
    assert admin.post(f"{CARD}metrics/sponsor/", {**METRIC, "key": "sponsor"}).status_code == 302
    found = draft(acme)["groups"][1]["metrics"][0]
    assert (found["name"], found["source"]["type"], found["source"]["window"]) == (
        "Champion",
        "growth",
        90,
    )


def test_metric_needs_a_group(admin: Client) -> None:
    admin.post("/w/acme/settings/new-scorecard/", {"name": "Mine", "key": "m", "starter": ""})
    response = admin.get("/w/acme/settings/scorecards/m/new-metric/")
    assert response["Location"] == "/w/acme/settings/scorecards/m/new-group/"
