from typing import Any

import pytest
import yaml
from django.test import Client

from accounts.models import Workspace
from scoring.starters import STARTERS, starter
from tests.factories import make_account
from tests.scoring.views.drafted import CARD, draft

pytestmark = pytest.mark.django_db

HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}
METRIC = {
    "name": "Champion",
    "key": "",
    "group": "people",
    "weight": "2",
    "missing": "exclude",
    "error": "exclude",
    "expired": "exclude",
}
USAGE = {"source": "usage", "measure": "logins", "window_days": "90"}
LINE = {"grade": "linear", "worst": "7", "best": "30.5"}
SAVED = f"{CARD}metrics/sponsor/"


def add(admin: Client, **given: Any) -> Any:
    return admin.post(f"{CARD}new-metric/", {**METRIC, **given})


def save(admin: Client, **given: Any) -> Any:
    """As the page does while somebody types into the metric “sponsor”."""
    return admin.post(SAVED, {**METRIC, "name": "Sponsor", **given}, **HTMX)


def added(workspace: Workspace) -> Any:
    return draft(workspace)["groups"][1]["metrics"][1]


def sponsor(workspace: Workspace) -> Any:
    return draft(workspace)["groups"][1]["metrics"][0]


def told(response: Any) -> dict[str, list[str]]:
    """Problems by the field beside which they stand."""
    return {at: problems for at, problems, _notes in response.context["editor"].found if problems}


def noted(response: Any) -> dict[str, list[str]]:
    return {at: notes for at, _problems, notes in response.context["editor"].found if notes}


LOGINS = {"type": "usage", "measure": "logins", "window_days": 90}


@pytest.mark.parametrize(
    ("given", "node"),
    [
        (
            {**USAGE, **LINE, "validity_days": "90", "what": " Log-ins ", "why": ""},
            {
                "source": LOGINS,
                "grade": {"type": "linear", "worst": 7, "best": 30.5},
                "help": {"what": "Log-ins"},
            },
        ),
        (
            {**USAGE, "measure": "feature_uses", "features": "a, b,", "grade": "ratio"},
            {
                "source": {**LOGINS, "measure": "feature_uses", "features": ["a", "b"]},
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
        (
            {**USAGE, "source": "milestone", "of": "usage", "op": "gte", "value": "5"},
            {
                "source": {
                    "type": "milestone",
                    "when": {"source": LOGINS, "op": "gte", "value": 5},
                },
                "grade": {"type": "boolean"},
            },
        ),
        (
            {**USAGE, "source": "growth", "of": "usage", "window": "28"},
            {
                "source": {"type": "growth", "source": LOGINS, "window": 28},
                "grade": {"type": "growth"},
            },
        ),
        (
            {**USAGE, "grade": "percentile", "lower": "on"},
            {"source": LOGINS, "grade": {"type": "percentile", "lower_is_better": True}},
        ),
        (
            {
                **USAGE,
                **LINE,
                "by": "stage",
                "case-stage": ["onboarding, trial", ""],
                "case-min": ["", ""],
                "case-worst": ["1", ""],
                "case-best": ["9", ""],
                "case-steps": ["", ""],
            },
            {
                "source": LOGINS,
                "grade": {
                    "type": "linear",
                    "worst": 7,
                    "best": 30.5,
                    "by": "stage",
                    "cases": [{"stage": ["onboarding", "trial"], "worst": 1, "best": 9}],
                },
            },
        ),
        (
            {
                **USAGE,
                "grade": "steps",
                "step-min": ["0"],
                "step-score": ["50"],
                "by": "age_months",
                "case-min": ["6"],
                "case-steps": ["0 = 0, 20 = 100"],
            },
            {
                "source": LOGINS,
                "grade": {
                    "type": "steps",
                    "steps": [{"min": 0, "score": 50}],
                    "by": "age_months",
                    "cases": [
                        {"min": 6, "steps": [{"min": 0, "score": 0}, {"min": 20, "score": 100}]}
                    ],
                },
            },
        ),
        (
            {
                **USAGE,
                **LINE,
                "unless-attribute": ["plan", ""],
                "unless-op": ["in", "eq"],
                "unless-value": ["free, trial", ""],
                "reason": "No log-ins there.",
            },
            {
                "source": LOGINS,
                "grade": {"type": "linear", "worst": 7, "best": 30.5},
                "not_applicable": {
                    "when": [{"attribute": "plan", "op": "in", "value": ["free", "trial"]}],
                    "reason": "No log-ins there.",
                },
            },
        ),
    ],
)
def test_metric_is_added_as_the_document_says_it(
    admin: Client, acme: Workspace, given: dict[str, Any], node: dict[str, Any]
) -> None:
    response = add(admin, **given)
    assert response["Location"] == f"{CARD}metrics/champion/"
    assert added(acme) == {"key": "champion", "name": "Champion", "weight": 2, **node}
    assert admin.get(response["Location"]).context["editor"].sound


@pytest.mark.parametrize("template", [each.key for each in STARTERS if each.key])
def test_saved_metric_opens_as_it_was_saved(admin: Client, acme: Workspace, template: str) -> None:
    """Whatever a template has, its form gives back."""
    given = {**starter(template).document(["a", "b"]), "key": "health", "name": "Health"}
    admin.post(f"{CARD}document/", {"text": yaml.safe_dump(given)})
    before = draft(acme)
    rows = [row for row in admin.get(CARD).context["rows"] if not row.is_group]
    for row in rows:
        address = f"{CARD}metrics/{row.node['key']}/"
        sheet = admin.get(address).context["sheet"]
        data: dict[str, Any] = {
            name: sheet.slots[name].value for name in sheet.given & set(sheet.slots)
        }
        for prefix, lines in sheet.rows.items():
            for column in lines.columns:
                data[f"{prefix}-{column}"] = [line[column].value for line in lines.rows]
        admin.post(address, data, **HTMX)
    assert (len(rows) > 2, draft(acme)) == (True, before)


def test_metric_is_moved_to_another_group(admin: Client, acme: Workspace) -> None:
    given = {**METRIC, "group": "deep", "source": "manual", "grade": "number"}
    admin.post(SAVED, given)
    groups = draft(acme)["groups"]
    assert "metrics" not in groups[1]
    assert [m["key"] for m in groups[0]["groups"][0]["metrics"]] == ["features", "sponsor"]


def test_metric_is_removed(admin: Client, acme: Workspace) -> None:
    admin.post(f"{CARD}metrics/days/remove/")
    assert [metric["key"] for metric in draft(acme)["groups"][0]["metrics"]] == ["logins"]


def test_metric_without_a_name_is_not_added(admin: Client, acme: Workspace) -> None:
    response = add(admin, name=" ", source="manual")
    assert (response.status_code, told(response)) == (422, {"e-name": ["Give it a name."]})
    assert draft(acme) is None


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({**USAGE, **LINE, "name": ""}, {"e-name": ["Fill this in."]}),
        ({**USAGE, **LINE, "weight": "two"}, {"e-weight": ["Enter a number."]}),
        ({**USAGE, **LINE, "best": ""}, {"e-best": ["Fill this in."]}),
        ({**USAGE, **LINE, "worst": "few"}, {"e-worst": ["Enter a number."]}),
        (
            {**USAGE, **LINE, "best": "7"},
            {"e-best": ["The values for 0 and for 100 must differ."]},
        ),
        (
            {**USAGE, **LINE, "window_days": "1000"},
            {"e-window_days": ["Must be between 1 and 400."]},
        ),
        (
            {"source": "attribute", "attribute": " ", "distance": "value", "grade": "ratio"},
            {"e-attribute": ["Fill this in."]},
        ),
    ],
)
def test_what_is_wrong_is_kept_and_told_beside_its_field(
    admin: Client, acme: Workspace, given: dict[str, Any], problems: dict[str, list[str]]
) -> None:
    response = save(admin, **given)
    assert (response.status_code, told(response)) == (200, problems)
    name = next(iter(problems)).removeprefix("e-")
    page = admin.get(SAVED).context
    assert page["sheet"].slots[name].value == given[name].strip()
    assert (told(admin.get(SAVED)), page["publishable"]) == (problems, False)


def test_overlap_and_gap_are_told_in_their_cells(admin: Client) -> None:
    save(admin, **USAGE, grade="steps", **{"step-min": ["0"], "step-score": ["0"]})
    rows = {"step-min": ["0", "", "0", "9"], "step-score": ["0", "", "200", "100"]}
    response = save(admin, **USAGE, grade="steps", **rows)
    assert told(response) == {
        "step-3-min": ["Overlaps: two steps begin at 0."],
        "step-3-score": ["Must be between 0 and 100."],
    }
    rows = {"step-min": ["5", "3"], "step-score": ["0", "x"]}
    assert told(save(admin, **USAGE, grade="steps", **rows)) == {
        "step-2-score": ["Enter a number."],
    }
    rows = {"step-min": ["5", "3"], "step-score": ["0", "100"]}
    assert told(save(admin, **USAGE, grade="steps", **rows)) == {
        "step-rows": ["Has a gap: values from 0 to 5 have no score."],
        "step-2-min": ["Must be more than the minimum of the step before, 5."],
    }
    empty: dict[str, Any] = {"step-min": [""], "step-score": [""]}
    assert told(save(admin, **USAGE, grade="steps", **empty)) == {
        "step-rows": ["Add at least one step."]
    }


def test_overlap_of_stages_is_told_in_its_row(admin: Client) -> None:
    cases = {
        "case-stage": ["live", "live"],
        "case-min": ["", ""],
        "case-worst": ["1", "2"],
        "case-best": ["5", "6"],
        "case-steps": ["", ""],
    }
    response = save(admin, **USAGE, **LINE, by="stage", **cases)
    assert list(told(response)) == ["case-2-stage"]


def test_limit_that_is_never_reached_is_noted(admin: Client, acme: Workspace) -> None:
    given = {**USAGE, "measure": "license_utilization", "grade": "steps"}
    response = save(admin, **given, **{"step-min": ["0", "120"], "step-score": ["50", "50"]})
    assert noted(response) == {
        "step-2-min": ["Never reached: at most 100."],
        "step-2-score": ["The same as the step before."],
    }
    assert sponsor(acme)["grade"]["steps"][1] == {"min": 120, "score": 50}


def test_answer_while_typing_brings_messages_tree_and_chart_but_no_fields(admin: Client) -> None:
    """Of the editor: who types keeps the focus."""
    save(admin, **USAGE, **LINE)
    text = save(admin, **USAGE, **LINE | {"best": "7"}).content.decode()
    assert [part in text for part in ('id="told"', 'id="tree"', 'id="histogram"')] == [True] * 3
    assert 'id="e-best"' not in text


def test_another_source_gets_a_grade_that_fits_and_keeps_what_was_typed(
    admin: Client, acme: Workspace
) -> None:
    response = save(admin, **{**USAGE, "source": "manual"}, **LINE)
    assert sponsor(acme)["grade"] == {"type": "number"} or sponsor(acme)["grade"]["type"] == "level"
    assert (response["HX-Retarget"], ("best", "30.5") in response.context["hidden"]) == (
        "#editor",
        True,
    )


def test_new_metric_begins_with_limits_from_the_accounts(admin: Client, acme: Workspace) -> None:
    for tickets in range(21):
        make_account(acme, attributes={"tickets": tickets})
    add(admin, source="attribute", attribute="tickets", distance="value", grade="linear")
    assert added(acme)["grade"] == {"type": "linear", "worst": 0, "best": 15}


def test_histogram_counts_every_account_once(admin: Client, acme: Workspace) -> None:
    for tickets in (0, 1, 1, 5, None):
        make_account(acme, attributes={} if tickets is None else {"tickets": tickets})
    given = {"source": "attribute", "attribute": "tickets", "distance": "value"}
    response = save(admin, **given, grade="linear", worst="5", best="0")
    seen = response.context["seen"]
    assert (seen.known, seen.found.missing, seen.found.total) == (4, 1, 5)
    assert [(bar.text, bar.count, bar.score) for bar in seen.chart.bars] == [
        ("0", 1, 100),
        ("1", 2, 80),
        ("5", 1, 0),
    ]
    assert [(mark.text, mark.score) for mark in seen.chart.marks] == [("0", "100"), ("5", "0")]
    assert [(row["band"].key, row["count"]) for row in seen.spread] == [
        ("green", 3),
        ("yellow", 0),
        ("red", 1),
    ]


def test_values_show_while_the_grade_is_not_sound(admin: Client, acme: Workspace) -> None:
    make_account(acme, attributes={"tickets": 3})
    given = {"source": "attribute", "attribute": "tickets", "distance": "value"}
    seen = save(admin, **given, grade="linear", worst="5", best="").context["seen"]
    assert (seen.known, seen.chart.zones, [m.text for m in seen.chart.marks]) == (1, (), ["5"])


def test_more_rows_keep_what_was_typed(admin: Client, acme: Workspace) -> None:
    given = {"level-label": ["None", "A", "B"], "level-score": ["x", "1", "2"], "do": "level"}
    response = save(admin, source="manual", grade="level", **given)
    rows = [(row["label"].value, row["score"].value) for row in response.context["levels"].rows]
    assert rows == [("None", "x"), ("A", "1"), ("B", "2"), ("", ""), ("", "")]


def test_key_is_changed_on_its_own(admin: Client, acme: Workspace) -> None:
    response = admin.post(f"{SAVED}rename/", {"key": "champion"})
    assert response["Location"] == f"{CARD}metrics/champion/"
    assert sponsor(acme)["key"] == "champion"
    for wrong in ("", "a b", "days"):
        answer = admin.post(f"{CARD}metrics/champion/rename/", {"key": wrong})
        assert answer["Location"] == f"{CARD}metrics/champion/"
    assert sponsor(acme)["key"] == "champion"


def test_metric_that_is_gone_is_not_found(admin: Client) -> None:
    assert admin.get(f"{CARD}metrics/gone/").status_code == 404
    assert admin.post(f"{CARD}metrics/gone/", METRIC).status_code == 404


def test_metric_needs_a_group(admin: Client) -> None:
    admin.post("/w/acme/settings/new-scorecard/", {"name": "Mine", "key": "m", "starter": ""})
    response = admin.get("/w/acme/settings/scorecards/m/new-metric/")
    assert response["Location"] == "/w/acme/settings/scorecards/m/new-group/"
