"""Touchpoints: what we had to do with an account's people, written down and corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.models import (
    Account,
    Contact,
    Touchpoint,
    TouchpointContact,
    TouchpointKind,
    User,
    Workspace,
)

KEPT = timedelta(days=7)
"""How long a removed touchpoint can be brought back."""
PRUNED = 100
LONGEST_TITLE, LONGEST_BODY = 200, 50_000
MOST_CONTACTS = 50


@dataclass(frozen=True, kw_only=True)
class TouchpointRow:
    kind: str
    happened_on: date
    title: str
    body: str = ""
    contact_ids: Sequence[int] = ()


@transaction.atomic
def create_touchpoint(
    *,
    workspace: Workspace,
    account: Account,
    row: TouchpointRow,
    by: User | None,
    moment: datetime,
    source: str = "",
) -> Touchpoint:
    """Raises InvalidInput."""
    touchpoint = Touchpoint(account=account, by=by, source=source, created_at=moment)
    return _written(touchpoint, row, workspace.day_of(moment))


@transaction.atomic
def edit_touchpoint(
    *,
    workspace: Workspace,
    touchpoint: Touchpoint,
    row: TouchpointRow,
    by: User | None,
    moment: datetime,
) -> Touchpoint:
    """Raises InvalidInput."""
    touchpoint.edited_at = moment
    return _written(touchpoint, row, workspace.day_of(moment))


def remove_touchpoint(*, touchpoint: Touchpoint, by: User | None, moment: datetime) -> Touchpoint:
    """It can be brought back for some days; those of before are forgotten."""
    old = Touchpoint.objects.filter(removed_at__lt=moment - KEPT).order_by("removed_at")
    Touchpoint.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:PRUNED])).delete()
    return _stamped(touchpoint, moment)


def bring_back_touchpoint(*, touchpoint: Touchpoint, by: User | None) -> Touchpoint:
    return _stamped(touchpoint, None)


def _stamped(touchpoint: Touchpoint, removed_at: datetime | None) -> Touchpoint:
    touchpoint.removed_at = removed_at
    touchpoint.save(update_fields=["removed_at"])
    return touchpoint


def _written(touchpoint: Touchpoint, row: TouchpointRow, today: date) -> Touchpoint:
    title, body = " ".join(row.title.split()), row.body.strip()
    contacts = set(row.contact_ids)
    problems = [
        *_text_problems(title, body),
        *_day_problems(row, today),
        *_contact_problems(contacts, touchpoint.account_id),
    ]
    if problems:
        raise InvalidInput(problems)
    touchpoint.kind, touchpoint.happened_on = row.kind, row.happened_on
    touchpoint.title, touchpoint.body = title, body
    touchpoint.save()
    _set_contacts(touchpoint, contacts)
    return touchpoint


def _text_problems(title: str, body: str) -> list[Problem]:
    problems = []
    if not title:
        problems.append(Problem("title", _("Say in a few words what it was.")))
    elif len(title) > LONGEST_TITLE:
        problems.append(Problem("title", _("At most %(n)d characters.") % {"n": LONGEST_TITLE}))
    if len(body) > LONGEST_BODY:
        problems.append(Problem("body", _("This is too long.")))
    return problems


def _day_problems(row: TouchpointRow, today: date) -> list[Problem]:
    problems = []
    if row.kind not in TouchpointKind.values:
        kinds = ", ".join(TouchpointKind.values)
        problems.append(Problem("kind", _("Choose from: %(kinds)s.") % {"kinds": kinds}))
    if row.happened_on > today:
        problems.append(Problem("happened_on", _("This day is still to come: make it a task.")))
    return problems


def _contact_problems(contact_ids: set[int], account_id: int) -> list[Problem]:
    if len(contact_ids) > MOST_CONTACTS:
        return [Problem("contacts", _("At most %(n)d contacts.") % {"n": MOST_CONTACTS})]
    known = Contact.objects.filter(account_id=account_id, pk__in=contact_ids).count()
    if contact_ids and known != len(contact_ids):
        return [Problem("contacts", _("Choose from the account's contacts."))]
    return []


def _set_contacts(touchpoint: Touchpoint, contact_ids: set[int]) -> None:
    links = TouchpointContact.objects.filter(touchpoint_id=touchpoint.pk)
    links.exclude(contact_id__in=contact_ids).delete()
    TouchpointContact.objects.bulk_create(
        [
            TouchpointContact(touchpoint_id=touchpoint.pk, contact_id=contact_id)
            for contact_id in sorted(contact_ids)
        ],
        ignore_conflicts=True,
    )
