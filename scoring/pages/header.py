"""The facts of an account as of a day: contract, renewal, owner, seats, attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, AccountState, Workspace
from accounts.templatetags.ui import day as day_text
from accounts.templatetags.ui import relative_day
from scoring.layouts import ATTRIBUTE, FACTS, LayoutDocument, facts
from usage.seats import Seats, seats_of


@dataclass(frozen=True, slots=True)
class Renewal:
    """`tone` stands out where it is near or past."""

    day: date
    text: str
    tone: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """`value` is empty for what the template words by itself."""

    key: str
    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """`facts` in their order; `seats` is None where they are not among them."""

    state: AccountState
    renewal: Renewal | None
    seats: Seats | None
    facts: list[Fact]


def read_header(
    workspace: Workspace,
    account: Account,
    states: Sequence[AccountState],
    as_of: date,
    layout: LayoutDocument,
) -> Header:
    """`states` oldest first; the first also holds before its day."""
    held = [state for state in states if state.from_day <= as_of] or list(states[:1])
    state = held[-1] if held else _current(account, as_of)
    keys = facts(
        layout, [name for name, value in state.attributes.items() if value not in (None, "")]
    )
    return Header(
        state=state,
        renewal=_renewal(state.renewal_on, as_of, workspace.renewal_notice_days),
        seats=seats_of(account_id=account.pk, as_of=as_of) if "seats" in keys else None,
        facts=[_fact(key, state) for key in keys],
    )


def _fact(key: str, state: AccountState) -> Fact:
    if key.startswith(ATTRIBUTE):
        name = key.removeprefix(ATTRIBUTE)
        value = state.attributes.get(name)
        return Fact(key, label(name), "–" if value in (None, "") else text(value))
    title = str(FACTS.get(key, key))
    if key == "stage":
        return Fact(key, title, state.stage or "–")
    if key == "status":
        return Fact(key, title, state.status or "–")
    if key == "created_on":
        return Fact(key, title, str(day_text(state.created_on)) if state.created_on else "–")
    return Fact(key, title)


def _current(account: Account, as_of: date) -> AccountState:
    return AccountState(
        account_id=account.pk,
        from_day=as_of,
        stage=account.stage,
        status=account.status,
        contract_value_cents=account.contract_value_cents,
        created_on=account.created_on,
        renewal_on=account.renewal_on,
        attributes=account.attributes,
    )


def _renewal(day: date | None, as_of: date, notice: int) -> Renewal | None:
    if day is None:
        return None
    left = (day - as_of).days
    if left < 0:
        late = ngettext("overdue by %(n)s day", "overdue by %(n)s days", -left)
        return Renewal(day, late % {"n": number_format(-left)}, "bad", overdue=True)
    tone = "warn" if left <= notice else ""
    return Renewal(day, str(relative_day(day, as_of)), tone, overdue=False)


def label(key: str) -> str:
    """ "support_tier" → "Support tier"."""
    words = key.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def text(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int | float):
        return number_format(value)
    try:
        return str(day_text(date.fromisoformat(str(value))))
    except ValueError:
        return str(value)
