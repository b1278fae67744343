from typing import Any

import pytest
from django.test import Client

from accounts.models import Workspace
from tests.scoring.views.drafted import CARD, draft

pytestmark = pytest.mark.django_db

SAVE = f"{CARD}exceptions/save/"
LOST: dict[str, Any] = {
    "x0-name": "Sponsor lost",
    "x0-effect": "cap",
    "x0-amount": "50",
    "x0-when-subject": ["metric:sponsor", "attribute:plan", ""],
    "x0-when-op": ["lt", "in", "lt"],
    "x0-when-against": ["value", "value", "value"],
    "x0-when-object": ["40", "pro, team", ""],
}
LOW: dict[str, Any] = {
    "x1-name": "Usage is low",
    "x1-effect": "shift",
    "x1-amount": "-1",
    "x1-when-subject": ["group:usage", "metric:logins"],
    "x1-when-op": ["eq", "ne"],
    "x1-when-against": ["band", "status"],
    "x1-when-object": ["red", "ok"],
}
RULES = [
    {
        "name": "Sponsor lost",
        "when": [
            {"metric": "sponsor", "op": "lt", "value": 40},
            {"attribute": "plan", "op": "in", "value": ["pro", "team"]},
        ],
        "effect": "cap",
        "value": 50,
    },
    {
        "name": "Usage is low",
        "when": [
            {"group": "usage", "op": "eq", "band": "red"},
            {"metric": "logins", "op": "ne", "status": "ok"},
        ],
        "effect": "shift",
        "bands": -1,
    },
]


def test_fields_follow_what_the_exception_does(admin: Client) -> None:
    htmx: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}
    assert admin.post(SAVE, LOST, **htmx)["HX-Retarget"] == "#editor"
    assert "HX-Retarget" not in admin.post(SAVE, LOST | {"x0-amount": "60"}, **htmx)
    shifted = admin.post(SAVE, LOST | {"x0-effect": "shift", "x0-amount": "-1"}, **htmx)
    assert shifted["HX-Retarget"] == "#editor"
    assert "1 is one band up" in shifted.text
    banded = LOST | {"x0-effect": "shift", "x0-when-against": ["band", "value", "value"]}
    assert admin.post(SAVE, banded, **htmx)["HX-Retarget"] == "#editor"


def test_exceptions_are_kept_in_their_order(admin: Client, acme: Workspace) -> None:
    assert admin.post(SAVE, LOST | LOW)["Location"] == f"{CARD}exceptions/"
    assert draft(acme)["exceptions"] == RULES
    admin.post(SAVE, LOST | LOW | {"do": "down:0"})
    assert draft(acme)["exceptions"] == RULES[::-1]
    admin.post(SAVE, LOST | {"do": "drop:0"})
    assert draft(acme) is None


def test_exceptions_open_as_they_were_saved(admin: Client, acme: Workspace) -> None:
    admin.post(SAVE, LOST | LOW)
    sheets = admin.get(f"{CARD}exceptions/").context["sheets"]
    data: dict[str, Any] = {}
    for sheet in sheets:
        data |= {slot.name: slot.value for slot in sheet.slots.values()}
        for column in ("subject", "op", "against", "object"):
            cells = [row[column].value for row in sheet.shown_conditions]
            data[f"x{sheet.at}-when-{column}"] = cells
    admin.post(SAVE, data)
    assert draft(acme)["exceptions"] == RULES


def test_new_exception_says_what_it_needs(admin: Client, acme: Workspace) -> None:
    admin.post(SAVE, {"do": "add"})
    found = admin.get(f"{CARD}exceptions/").context["editor"].found
    assert [(at, problems) for at, problems, _notes in found] == [
        ("e-x0-name", ["Fill this in."]),
        ("x0-when-rows", ["Fill this in."]),
    ]


def test_wrong_condition_is_kept_and_told_in_its_cell(admin: Client, acme: Workspace) -> None:
    wrong = {"x0-when-object": ["many", "pro", ""], "x0-amount": "500"}
    admin.post(SAVE, LOST | wrong)
    context = admin.get(f"{CARD}exceptions/").context
    assert [(at, problems) for at, problems, _notes in context["editor"].found] == [
        ("e-x0-amount", ["Must be between 0 and 100."]),
        ("x0-when-1-object", ["Enter a number."]),
    ]
    assert context["sheets"][0].conditions.rows[0]["object"].value == "many"
