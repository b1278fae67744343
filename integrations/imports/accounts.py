from collections.abc import Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from accounts.inputs import AccountRow
from accounts.services.accounts import upsert_accounts
from integrations.imports.fields import Around, As, Field, Kind, Stored, Values
from integrations.imports.leaving_out import leaving_out


def build(values: Values) -> AccountRow:
    return msgspec.convert(values, AccountRow)


def store(rows: Sequence[AccountRow], around: Around) -> Stored:
    stored = Stored()

    def upsert(left: Sequence[Any]) -> None:
        done = upsert_accounts(
            rows=list(left),
            as_of=around.workspace.day_of(around.moment),
            by=around.by,
            moment=around.moment,
        )
        stored.created, stored.updated = done.created, done.updated
        stored.unchanged = done.unchanged

    flaws = leaving_out(rows, upsert)
    for index, found in flaws.items():
        waits = [flaw.field for flaw in found] == ["parent"]
        (stored.waiting if waits else stored.flaws)[index] = found
    return stored


KIND = Kind(
    name="accounts",
    fields=(
        Field(
            "key",
            _("Key"),
            required=True,
            also="account",
            others=(
                "account_key",
                "account_id",
                "customer_id",
                "company_id",
                "crm_id",
                "external_id",
                "id",
                "account_number",
                "customer_number",
            ),
            help=_("What your systems call the account; it never changes."),
        ),
        Field(
            "name",
            _("Name"),
            others=("account_name", "company", "company_name", "customer", "customer_name"),
            help=_("A new account needs one."),
        ),
        Field("stage", _("Stage"), others=("lifecycle", "lifecycle_stage", "phase")),
        Field("status", _("Status"), others=("account_status", "state")),
        Field(
            "owner",
            _("Owner"),
            As.EMAIL,
            others=(
                "csm",
                "owner_email",
                "csm_email",
                "csm_e_mail",
                "account_owner",
                "account_manager",
            ),
            help=_("The e-mail address of a member."),
        ),
        Field(
            "contract_value",
            _("Contract value"),
            As.AMOUNT,
            others=("arr", "acv", "mrr", "value", "revenue", "contract_amount", "annual_value"),
        ),
        Field("currency", _("Currency"), As.WORD, others=("currency_code",)),
        Field(
            "created_on",
            _("Customer since"),
            As.DAY,
            others=("created", "customer_since", "start_date", "created_at", "contract_start"),
        ),
        Field(
            "renewal_on",
            _("Renewal"),
            As.DAY,
            others=("renewal", "renewal_date", "renews_on", "contract_end", "end_date"),
        ),
        Field("seats", _("Seats"), As.WHOLE, others=("licenses", "licences", "license_count")),
        Field(
            "parent",
            _("Parent"),
            others=("parent_key", "parent_account", "parent_id"),
            help=_("The key of the account above."),
        ),
    ),
    batch=1000,
    build=build,
    store=store,
    spare=True,
    key=lambda row: row.key,
    parent=lambda row: row.parent if isinstance(row.parent, str) else "",
    parentless=lambda row: msgspec.structs.replace(row, parent=msgspec.UNSET),
)
