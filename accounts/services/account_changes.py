"""What a told row makes of an account: pure, so that unchanged, changed and wrong are exact."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.errors import Problem
from accounts.inputs import AccountRow, Given, given
from accounts.money import minor_digits, rescaled, to_minor
from accounts.services.tags import blemish

Columns = dict[str, Any]

SCORED = ("stage", "status", "contract_value_cents", "created_on", "renewal_on", "attributes")
COLUMNS = ("name", "owner_id", "currency", "company", *SCORED)
MERGED = ("attributes", "company")
MOST_ATTRIBUTES = 200


@dataclass(frozen=True)
class Surroundings:
    """What the rows may refer to."""

    currency: str
    members: Mapping[str, int]
    """User ids of the workspace's members by e-mail."""


@dataclass
class Outcome:
    columns: Columns = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def outcome(row: AccountRow, before: Columns | None, around: Surroundings) -> Outcome:
    """The account's columns after the row; problems carry the field's name as path."""
    told = given(row)
    after = Outcome(dict(before) if before is not None else _fresh(around))
    if before is None and "name" not in told:
        after.problems.append(Problem("name", _("A new account needs a name.")))
    for name in ("name", "status", "currency", "created_on", "renewal_on"):
        if name in told:
            after.columns[name] = told[name]
    if "stage" in told:
        after.columns["stage"] = told["stage"] or ""
    for name in MERGED:
        if name in told:
            after.columns[name] = merged(after.columns[name], told[name])
    _set_owner(told, after, around)
    _set_contract_value(told, before, after)
    after.problems.extend(_blemishes(told, after.columns))
    after.problems.extend(_team_problems(told, around))
    return after


def _fresh(around: Surroundings) -> Columns:
    empty: Columns = dict.fromkeys(COLUMNS)
    texts = {"stage": "", "status": "active", "currency": around.currency}
    return {**empty, **texts, "attributes": {}, "company": {}}


def merged(before: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    both = {**before, **told}
    return {name: value for name, value in both.items() if value is not None}


def _set_owner(told: Given, after: Outcome, around: Surroundings) -> None:
    if "owner" not in told:
        return
    email = (told["owner"] or "").strip().lower()
    after.columns["owner_id"] = around.members.get(email)
    if email and email not in around.members:
        after.problems.append(_stranger("owner", email))


def _stranger(path: str, email: str) -> Problem:
    message = _("No member of this workspace has the e-mail address “%(email)s”.")
    return Problem(path, message % {"email": email})


def _team_problems(told: Given, around: Surroundings) -> Iterable[Problem]:
    seen: set[str] = set()
    for index, member in enumerate(told.get("team", ())):
        path, email = f"team[{index}].user", member.user.strip().lower()
        if email not in around.members:
            yield _stranger(path, email)
        if email in seen:
            yield Problem(path, _("This e-mail address stands in the list twice."))
        seen.add(email)


def _set_contract_value(told: Given, before: Columns | None, after: Outcome) -> None:
    currency = after.columns["currency"]
    if told.get("contract_value") is not None:
        try:
            after.columns["contract_value_cents"] = to_minor(told["contract_value"], currency)
        except ValueError:
            message = _("Use an amount from 0 on with at most %(digits)s decimal places.")
            problem = Problem("contract_value", message % {"digits": minor_digits(currency)})
            after.problems.append(problem)
    elif "contract_value" in told:
        after.columns["contract_value_cents"] = None
    elif before is not None and before["contract_value_cents"] is not None:
        after.columns["contract_value_cents"] = rescaled(
            before["contract_value_cents"], before["currency"], currency
        )


def _blemishes(told: Given, columns: Columns) -> Iterable[Problem]:
    """What lengths and types let through."""
    for name in ("key", "name", "status", "parent"):
        text = told.get(name)
        if isinstance(text, str) and (text != text.strip() or not text.isprintable()):
            message = _("Without spaces at the ends and without control characters, please.")
            yield Problem(name, message)
    if len(columns["attributes"]) > MOST_ATTRIBUTES:
        message = _("An account has at most %(most)s attributes.")
        yield Problem("attributes", message % {"most": MOST_ATTRIBUTES})
    for index, name in enumerate(told.get("tags", ())):
        if wrong := blemish(name):
            yield Problem(f"tags[{index}]", wrong)
    seen: set[str] = set()
    for index, contact in enumerate(told.get("contacts", ())):
        path, email = f"contacts[{index}].email", contact.email.strip().lower()
        if email in seen:
            yield Problem(path, _("This e-mail address stands in the list twice."))
        seen.add(email)
        try:
            validate_email(email)
        except ValidationError:
            yield Problem(path, _("This is no e-mail address."))


def alike(one: Any, other: Any) -> bool:
    """Equal in JSON, where true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def differ(before: Columns | None, after: Columns, names: Iterable[str]) -> bool:
    return before is None or not all(alike(before[name], after[name]) for name in names)
