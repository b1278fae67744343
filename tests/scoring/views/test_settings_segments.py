from typing import Any

import pytest
from django.test import Client

from accounts.models import Segment, Workspace
from accounts.tenancy import scope
from scoring.services.configuration import publish_scorecard
from tests.factories import make_account
from tests.scoring.scored import document, metric
from tests.scoring.services.test_others import NOW

pytestmark = pytest.mark.django_db

SEGMENTS = "/w/acme/settings/segments/"
NEW = "/w/acme/settings/new-segment/"
GIVEN = {
    "name": "Large customers",
    "key": "",
    "when-attribute": ["contract_value", "plan", ""],
    "when-op": ["gte", "in", "lt"],
    "when-value": ["50000", "pro, 2", ""],
}
CONDITIONS = [
    {"attribute": "contract_value", "op": "gte", "value": 50_000},
    {"attribute": "plan", "op": "in", "value": ["pro", 2]},
]


def kept(workspace: Workspace) -> list[tuple[str, str, Any]]:
    with scope(workspace.pk):
        return list(Segment.objects.values_list("key", "name", "conditions"))


def test_segment_is_made_and_changed(admin: Client, acme: Workspace) -> None:
    assert admin.post(NEW, GIVEN)["Location"] == SEGMENTS
    assert kept(acme) == [("large-customers", "Large customers", CONDITIONS)]
    address = f"{SEGMENTS}large-customers/"
    form = admin.get(address).context["form"]
    typed = {
        name: [row[name.removeprefix("when-")].value for row in form.conditions.rows]
        for name in GIVEN
        if name.startswith("when-")
    }
    assert typed == {name: GIVEN[name][:2] for name in typed}
    assert admin.post(address, {**GIVEN, **typed, "name": "Large"})["Location"] == SEGMENTS
    assert kept(acme) == [("large-customers", "Large", CONDITIONS)]


def test_list_tells_how_many_accounts_belong_and_what_is_limited(
    admin: Client, acme: Workspace
) -> None:
    for plan, value in (("Pro", 6_000_000), ("Free", 6_000_000), ("pro", 4_000_000)):
        make_account(acme, contract_value_cents=value, attributes={"plan": plan})
    admin.post(NEW, GIVEN)
    limited = {**document(metric("nps", 1)), "applies_to": {"segment": ["large-customers"]}}
    with scope(acme.pk):
        publish_scorecard(document={**limited, "name": "Key"}, by=None, moment=NOW)
    (row,) = admin.get(SEGMENTS).context["rows"]
    assert (row["count"], row["users"]) == (1, ["Key"])
    assert row["text"] == "contract_value is at least 50,000 and plan is one of pro or 2"


def test_matches_are_counted_as_they_are_typed(admin: Client, acme: Workspace) -> None:
    make_account(acme, contract_value_cents=6_000_000, attributes={"plan": "pro"})
    make_account(acme)
    response = admin.post(NEW, {**GIVEN, "name": "", "look": "1"})
    assert response.status_code == 200
    assert (response.context["matching"], response.context["total"]) == (1, 2)
    assert kept(acme) == []
    nothing = admin.post(NEW, {"name": "", "look": "1"})
    assert "matching" not in nothing.context


@pytest.mark.parametrize(
    ("changes", "column", "message"),
    [
        ({"when-value": ["", "pro"]}, "value", "Fill this in."),
        ({"when-attribute": ["", "plan"]}, "attribute", "Fill this in."),
        ({"when-op": ["is", "in"]}, "op", "Must be one of: lt, lte, eq, ne, gte, gt, in."),
    ],
)
def test_problem_stands_beside_its_field(
    admin: Client, acme: Workspace, changes: Any, column: str, message: str
) -> None:
    response = admin.post(NEW, {**GIVEN, **changes})
    assert response.status_code == 422
    assert response.context["form"].conditions.rows[0][column].error == message
    assert kept(acme) == []


def test_segment_without_conditions_or_with_a_known_key_is_refused(
    admin: Client, acme: Workspace
) -> None:
    response = admin.post(NEW, {"name": "All", "key": "all"})
    assert (response.status_code, response.context["form"].conditions.errors) == (
        422,
        ["Fill this in."],
    )
    admin.post(NEW, GIVEN)
    again = admin.post(NEW, {**GIVEN, "key": "large-customers"})
    assert again.context["form"].errors == {"key": ["Another segment has this key."]}


def test_segment_in_use_is_not_removed(admin: Client, acme: Workspace) -> None:
    admin.post(NEW, GIVEN)
    limited = {**document(metric("nps", 1)), "applies_to": {"segment": ["large-customers"]}}
    with scope(acme.pk):
        publish_scorecard(document=limited, by=None, moment=NOW)
    remove = f"{SEGMENTS}large-customers/remove/"
    assert admin.post(remove)["Location"] == f"{SEGMENTS}large-customers/"
    assert len(kept(acme)) == 1
    with scope(acme.pk):
        publish_scorecard(document=document(metric("nps", 1)), by=None, moment=NOW)
    assert admin.post(remove)["Location"] == SEGMENTS
    assert kept(acme) == []
