from collections.abc import Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from accounts.inputs import ContactRow, Key
from accounts.services.contacts import upsert_contacts
from integrations.imports.fields import Around, As, Field, Kind, Stored, Values
from integrations.imports.leaving_out import leaving_out


class AccountContact(ContactRow, forbid_unknown_fields=True, kw_only=True, frozen=True):
    account: Key


def build(values: Values) -> AccountContact:
    return msgspec.convert(values, AccountContact)


def store(rows: Sequence[AccountContact], around: Around) -> Stored:
    stored = Stored()

    def upsert(left: Sequence[Any]) -> None:
        done = upsert_contacts(contacts=[(row.account, row) for row in left])
        stored.created, stored.updated = done.created, done.updated
        stored.unchanged = done.unchanged

    stored.flaws = leaving_out(rows, upsert)
    return stored


KIND = Kind(
    name="contacts",
    fields=(
        Field(
            "account",
            _("Account"),
            required=True,
            others=(
                "account_key",
                "account_id",
                "key",
                "customer_id",
                "company_id",
                "company",
                "customer",
            ),
            help=_("The key of the account."),
        ),
        Field(
            "email",
            _("E-mail"),
            As.EMAIL,
            required=True,
            others=("e_mail", "mail", "email_address", "e_mail_address", "contact_email"),
        ),
        Field(
            "name",
            _("Name"),
            required=True,
            others=("full_name", "contact", "contact_name", "person"),
        ),
        Field("title", _("Title"), others=("job_title", "position", "job")),
        Field("phone", _("Phone"), others=("telephone", "phone_number", "mobile", "tel")),
        Field("role", _("Role"), others=("contact_role", "function")),
        Field(
            "influence",
            _("Influence"),
            As.CHOICE,
            others=("contact_influence", "buying_role"),
            help=_("Decision maker, champion, influencer or user."),
        ),
        Field(
            "status",
            _("Status"),
            As.CHOICE,
            others=("contact_status",),
            help=_("Active or departed."),
        ),
        Field(
            "is_key",
            _("Key contact"),
            As.YES_NO,
            others=("key_person", "primary", "primary_contact", "main_contact"),
            help=_("Yes or no."),
        ),
    ),
    batch=1000,
    build=build,
    store=store,
    key=lambda row: f"{row.email.strip().lower()} {row.account}",
)
