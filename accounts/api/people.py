"""Who counts at an account, and who of us works for it."""

import msgspec
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import documented
from accounts.api.views import ApiView
from accounts.models import Account, Contact, TeamMember


class ContactAnswer(msgspec.Struct):
    """`influence` is decision_maker, champion, influencer, user or empty; `status` active or
    departed."""

    email: str
    name: str
    title: str
    phone: str
    role: str
    influence: str
    status: str
    is_key: bool


class TeamAnswer(msgspec.Struct):
    """`user` is an e-mail address."""

    user: str
    name: str
    role: str


class PeopleAnswer(msgspec.Struct):
    account: str
    owner: str | None
    team: list[TeamAnswer]
    contacts: list[ContactAnswer]


class PeopleView(ApiView):
    @documented("The contacts and the team of an account", answer=PeopleAnswer, tag="Work")
    def get(self, request: Request, key: str) -> Response:
        account = get_object_or_404(Account.objects.select_related("owner"), key=key)
        answer = PeopleAnswer(
            account=account.key,
            owner=account.owner.email if account.owner else None,
            team=[_member(member) for member in TeamMember.objects.for_account(account)],
            contacts=[_contact(contact) for contact in Contact.objects.for_account(account)],
        )
        return Response(answer)


def _member(member: TeamMember) -> TeamAnswer:
    return TeamAnswer(user=member.user.email, name=member.user.name, role=member.role)


def _contact(contact: Contact) -> ContactAnswer:
    names = ContactAnswer.__struct_fields__
    return ContactAnswer(**{name: getattr(contact, name) for name in names})
