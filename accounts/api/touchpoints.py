"""Touchpoints: listed and written down."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, decode, query
from accounts.api.pagination import ListQuery, paginate
from accounts.api.schema import documented, page_of
from accounts.api.tasks import TAG, Email, account_named
from accounts.api.views import ListView
from accounts.errors import InvalidInput, Problem
from accounts.models import Account, ApiKey, Contact, Touchpoint, TouchpointContact
from accounts.services.touchpoints import (
    LONGEST_BODY,
    LONGEST_TITLE,
    MOST_CONTACTS,
    TouchpointRow,
    create_touchpoint,
)

Kind = Literal["call", "meeting", "email", "note"]


class TouchpointQuery(ListQuery, frozen=True, kw_only=True):
    """`from` and `to` are days, both included."""

    account: str | None = None
    kind: Kind | None = None
    from_: date | None = msgspec.field(default=None, name="from")
    to: date | None = None


class TouchpointAnswer(msgspec.Struct):
    """`body` is Markdown; `contacts` are e-mail addresses."""

    id: int
    account: str
    kind: str
    happened_on: date
    title: str
    body: str
    contacts: list[str]
    by: str | None
    source: str
    created_at: datetime
    edited_at: datetime | None


class TouchpointBody(Body, frozen=True, kw_only=True):
    """`happened_on` is today where it is left out; `contacts` are known contacts of the account."""

    account: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: Kind
    title: Annotated[str, Meta(min_length=1, max_length=LONGEST_TITLE)]
    body: Annotated[str, Meta(max_length=LONGEST_BODY)] = ""
    happened_on: date | None = None
    contacts: Annotated[list[Email], Meta(max_length=MOST_CONTACTS)] = []


class TouchpointsView(ListView):
    scopes = {"GET": "read", "POST": "write"}

    @documented(
        "Touchpoints", query=TouchpointQuery, answer=page_of(TouchpointAnswer), csv=True, tag=TAG
    )
    def get(self, request: Request) -> Response:
        wanted = query(request, TouchpointQuery)
        filters = {
            "account__key": wanted.account,
            "kind": wanted.kind,
            "happened_on__gte": wanted.from_,
            "happened_on__lte": wanted.to,
        }
        given = {name: value for name, value in filters.items() if value is not None}
        response = paginate(
            request,
            Touchpoint.objects.kept().filter(**given).told(),
            query=wanted,
            row=lambda touchpoint: touchpoint,
            columns={"happened_on": "happened_on", "created_at": "created_at"},
            default="-happened_on",
        )
        response.data["results"] = _answers(response.data["results"])
        return response

    @documented(
        "Log a touchpoint", body=TouchpointBody, answer=TouchpointAnswer, status=201, tag=TAG
    )
    def post(self, request: Request) -> Response:
        wanted, moment = decode(request, TouchpointBody), timezone.now()
        account, workspace = account_named(wanted.account), self.workspace()
        key: ApiKey = request.auth  # type: ignore[assignment]
        touchpoint = create_touchpoint(
            workspace=workspace,
            account=account,
            row=TouchpointRow(
                kind=wanted.kind,
                happened_on=wanted.happened_on or workspace.day_of(moment),
                title=wanted.title,
                body=wanted.body,
                contact_ids=_contacts(account, wanted.contacts),
            ),
            by=None,
            moment=moment,
            source=key.name,
        )
        return Response(_answers([touchpoint])[0], status=201)


def _contacts(account: Account, emails: Collection[str]) -> list[int]:
    wanted = [email.strip().lower() for email in emails]
    rows = Contact.objects.filter(account=account, email__in=wanted).values_list("email", "id")
    known: dict[str, int] = dict(rows)
    problems = [
        Problem(f"contacts[{n}]", _("The account has no contact with this e-mail address."))
        for n, email in enumerate(wanted)
        if email not in known
    ]
    if problems:
        raise InvalidInput(problems)
    return list(known.values())


def _answers(touchpoints: list[Touchpoint]) -> list[TouchpointAnswer]:
    """With their contacts, in two queries."""
    ids = [touchpoint.pk for touchpoint in touchpoints]
    links = TouchpointContact.objects.filter(touchpoint_id__in=ids)
    pairs = list(links.values_list("touchpoint_id", "contact_id"))
    people = Contact.objects.filter(pk__in={contact_id for _id, contact_id in pairs})
    emails = dict(people.values_list("id", "email"))
    told: dict[int, list[str]] = defaultdict(list)
    for touchpoint_id, contact_id in pairs:
        told[touchpoint_id].append(emails[contact_id])
    return [_answer(touchpoint, sorted(told[touchpoint.pk])) for touchpoint in touchpoints]


def _answer(touchpoint: Touchpoint, contacts: list[str]) -> TouchpointAnswer:
    return TouchpointAnswer(
        id=touchpoint.pk,
        account=touchpoint.account.key,
        kind=touchpoint.kind,
        happened_on=touchpoint.happened_on,
        title=touchpoint.title,
        body=touchpoint.body,
        contacts=contacts,
        by=touchpoint.by.email if touchpoint.by else None,
        source=touchpoint.source,
        created_at=touchpoint.created_at,
        edited_at=touchpoint.edited_at,
    )
