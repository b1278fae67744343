"""People and company of an account: read on its page, edited in place, taken back with one click."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, scorers_only
from accounts.errors import InvalidInput
from accounts.models import Account, Contact, ContactStatus, Influence, Membership, TeamMember
from accounts.services.account_people import (
    add_contact,
    change_contact,
    remove_contact,
    set_company,
    set_team_role,
)
from scoring.forms.people import (
    ContactRow,
    Fields,
    PeopleSheet,
    company_changes,
    company_facts,
    posted,
    sheet_of,
    undoing,
)
from scoring.pages.people import read_contacts, sorted_contacts
from scoring.views.account_answers import account_of

PEOPLE, COMPANY = "people", "company"


@require_safe
@scorers_only
def edit_people(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = account_of(key)
    return _sheet(request, account, _read(account))


@require_safe
@scorers_only
def edit_company(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = account_of(key)
    return _part(request, account, "company_edit", _company(account))


@require_POST
@scorers_only
def save_people(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = account_of(key)
    before = _read(account)
    sheet = posted(_read(account), request.POST)
    known = {row.id for row in before.contacts}
    if not _stored(request, account, sheet):
        return _sheet(request, account, sheet, status=422)
    added = [c for c in Contact.objects.for_account(account) if str(c.pk) not in known]
    undo = undoing(before, sheet, added)
    return _done(request, account, PEOPLE, undo, _("The people are changed."))


@require_POST
@scorers_only
def save_company(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = account_of(key)
    before = [(f"company-{fact.key}", fact.value) for fact in company_facts(account, empty=True)]
    try:
        facts = company_changes(account, request.POST)
        set_company(account=account, facts=facts, by=request.user)
    except InvalidInput as error:
        context = _company(account) | {"error": error.problems[0].message}
        return _part(request, account, "company_edit", context, status=422)
    return _done(request, account, COMPANY, before, _("The company is changed."))


def _read(account: Account) -> PeopleSheet:
    contacts = sorted_contacts(Contact.objects.for_account(account))
    return sheet_of(contacts, TeamMember.objects.for_account(account))


def _company(account: Account) -> dict[str, Any]:
    return {"facts": company_facts(account, empty=True)}


def _stored(request: WorkspaceRequest, account: Account, sheet: PeopleSheet) -> bool:
    """All of it or nothing; False with the errors beside what they are of."""
    with transaction.atomic():
        fine = [_store_contact(request, account, row) for row in sheet.contacts]
        fine.append(_store_team(request, account, sheet))
        if not all(fine):
            transaction.set_rollback(True)
    return all(fine)


def _store_contact(request: WorkspaceRequest, account: Account, row: ContactRow) -> bool:
    try:
        if not row.new:
            contact = Contact.objects.get(pk=row.id)
            if row.dropped:
                remove_contact(contact=contact, by=request.user)
                return True
            change_contact(contact=contact, by=request.user, **row.fields)
        elif not row.empty:
            add_contact(account=account, by=request.user, **row.fields)
    except InvalidInput as error:
        row.error = " ".join(problem.message for problem in error.problems)
        return False
    return True


def _store_team(request: WorkspaceRequest, account: Account, sheet: PeopleSheet) -> bool:
    wanted = [(row.user_id, row.role) for row in sheet.team]
    if sheet.new_user and sheet.new_role.strip():
        wanted.append((sheet.new_user, sheet.new_role))
    try:
        for user_id, role in wanted:
            number = int(user_id) if user_id.isascii() and user_id.isdigit() else 0
            set_team_role(account=account, user_id=number, role=role, by=request.user)
    except InvalidInput as error:
        sheet.error = error.problems[0].message
        return False
    return True


def _sheet(
    request: WorkspaceRequest, account: Account, sheet: PeopleSheet, status: int = 200
) -> HttpResponse:
    context = {
        "sheet": sheet,
        "influences": Influence.choices,
        "statuses": ContactStatus.choices,
        "members": [(m.user_id, str(m.user)) for m in Membership.objects.by_name()],
    }
    return _part(request, account, "people_edit", context, status)


def _part(
    request: WorkspaceRequest,
    account: Account,
    name: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """One form; a plain browser gets it as a page of its own."""
    context |= {"nav": "accounts", "account": account, "form_template": _template(name)}
    whole = "scoring/account_people.html"
    return render(request, _template(name) if request.htmx else whole, context, status=status)


def _template(name: str) -> str:
    return f"scoring/account/{name}.html"


def _done(
    request: WorkspaceRequest, account: Account, part: str, undo: Fields, done: str
) -> HttpResponse:
    if not request.htmx:
        messages.success(request, done)
        page = reverse("account_scorecard", args=[request.workspace.slug, account.key])
        return redirect(f"{page}#{part}")
    context = {
        "account": account,
        "people": read_contacts(account),
        "as_of": request.workspace.day_of(timezone.now()),
        "team": list(TeamMember.objects.for_account(account)),
        "facts": company_facts(account),
        "undo": undo,
        "done": done,
        "able": True,
    }
    return render(request, _template(part), context)
