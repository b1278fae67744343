"""What is done to many accounts at once: one statement, which also remembers what was before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import BulkChange, BulkKind, Membership, Tag, User
from accounts.services.accounts import lock_accounts
from accounts.services.tags import ensure_tags
from accounts.tenancy import set_local, tenant_rows

FEW = 2000
REMEMBER = """
INSERT INTO accounts_bulkchange (
    workspace_id, kind, owner_id, tag_id, by_id, made_at, account_ids, before
)
SELECT %(workspace)s, %(made_kind)s, %(made_owner)s, %(made_tag)s, %(made_by)s, %(made_at)s,
    coalesce(array_agg(id ORDER BY id), '{}'), coalesce(array_agg(before ORDER BY id), '{}')
FROM changed RETURNING id
"""
# Arrays of ids are looked up in an index one by one, whatever the planner believes of their number.
ASSIGN = """
WITH changed AS MATERIALIZED (
    SELECT a.id, a.owner_id AS before FROM accounts_account a
    WHERE a.workspace_id = %(workspace)s AND a.id = ANY(ARRAY({chosen}))
        AND a.owner_id IS DISTINCT FROM %(made_owner)s
),
written AS (
    UPDATE accounts_account SET owner_id = %(made_owner)s
    WHERE workspace_id = %(workspace)s AND id = ANY(ARRAY(SELECT id FROM changed))
)
"""
TAG = """
WITH changed AS (
    INSERT INTO accounts_accounttag (workspace_id, account_id, tag_id, added_at)
    SELECT a.workspace_id, a.id, %(made_tag)s, %(made_at)s FROM accounts_account a
    WHERE a.workspace_id = %(workspace)s AND a.id = ANY(ARRAY({chosen})) ORDER BY a.id
    ON CONFLICT DO NOTHING RETURNING account_id AS id, NULL::bigint AS before
)
"""
UNTAG = """
WITH changed AS (
    DELETE FROM accounts_accounttag carried
    WHERE carried.workspace_id = %(workspace)s AND carried.tag_id = %(made_tag)s
        AND carried.account_id = ANY(ARRAY({chosen}))
    RETURNING carried.account_id AS id, NULL::bigint AS before
)
"""
# Only the first of two who undo at once finds it; what somebody changed since is left as it is.
CLAIM = """
UPDATE accounts_bulkchange SET undone_at = %(moment)s
WHERE workspace_id = %(workspace)s AND id = %(id)s AND undone_at IS NULL AND made_at > %(since)s
RETURNING cardinality(account_ids)
"""
IDS = """(SELECT made.account_ids FROM accounts_bulkchange made
    WHERE made.workspace_id = %(workspace)s AND made.id = %(id)s)::bigint[]"""
UNDO = {
    BulkKind.ASSIGN: """
WITH undone AS (
    UPDATE accounts_account a SET owner_id = m.user_id
    FROM accounts_bulkchange made
    CROSS JOIN LATERAL unnest(made.account_ids, made.before) AS was(id, owner_id)
    LEFT JOIN accounts_membership m
        ON m.workspace_id = %(workspace)s AND m.user_id = was.owner_id
    WHERE made.workspace_id = %(workspace)s AND made.id = %(id)s
        AND a.workspace_id = %(workspace)s AND a.id = was.id
        AND a.owner_id IS NOT DISTINCT FROM made.owner_id
    RETURNING a.id
) SELECT count(*) FROM undone
""",
    BulkKind.TAG: f"""
WITH undone AS (
    DELETE FROM accounts_accounttag carried USING accounts_bulkchange made
    WHERE made.workspace_id = %(workspace)s AND made.id = %(id)s
        AND carried.workspace_id = %(workspace)s AND carried.tag_id = made.tag_id
        AND carried.account_id = ANY({IDS}) AND carried.added_at = made.made_at
    RETURNING carried.account_id
) SELECT count(*) FROM undone
""",
    BulkKind.UNTAG: f"""
WITH undone AS (
    INSERT INTO accounts_accounttag (workspace_id, account_id, tag_id, added_at)
    SELECT a.workspace_id, a.id, made.tag_id, %(moment)s
    FROM accounts_bulkchange made
    JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = ANY({IDS})
    WHERE made.workspace_id = %(workspace)s AND made.id = %(id)s
    ORDER BY a.id ON CONFLICT DO NOTHING RETURNING account_id
) SELECT count(*) FROM undone
""",
}
FORGET = (
    "DELETE FROM accounts_bulkchange WHERE workspace_id = %(workspace)s AND made_at < %(since)s"
)
COUNT = "SELECT count(*) FROM ({chosen}) chosen"


@dataclass(frozen=True)
class Chosen:
    """Accounts: a SELECT of their ids that may name `%(workspace)s`, but no `%(made_…)s`."""

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def these(cls, account_ids: Iterable[int]) -> Self:
        sql = "SELECT DISTINCT told.id FROM unnest(%(these)s::bigint[]) AS told(id)"
        return cls(sql, {"these": list(account_ids)})

    def count(self) -> int:
        return int(tenant_rows(COUNT.format(chosen=self.sql), **self.parameters)[0][0])


@transaction.atomic
def assign_accounts(
    *, chosen: Chosen, owner_id: int | None, by: User | None, moment: datetime
) -> BulkChange:
    """Those that have another owner, or one at all where it is None. Raises InvalidInput."""
    if owner_id is not None and not Membership.objects.filter(user_id=owner_id).exists():
        raise InvalidInput.at("owner", _("Nobody of this workspace is called that."))
    lock_accounts()
    return _change(ASSIGN, chosen, kind=BulkKind.ASSIGN, owner=owner_id, by=by, moment=moment)


@transaction.atomic
def tag_accounts(*, chosen: Chosen, name: str, by: User | None, moment: datetime) -> BulkChange:
    """Those that do not carry it yet. Raises InvalidInput."""
    (tag_id,) = ensure_tags([name]).values()
    return _change(TAG, chosen, kind=BulkKind.TAG, tag=tag_id, by=by, moment=moment)


@transaction.atomic
def untag_accounts(*, chosen: Chosen, tag: Tag, by: User | None, moment: datetime) -> BulkChange:
    """Those that carry it."""
    return _change(UNTAG, chosen, kind=BulkKind.UNTAG, tag=tag.pk, by=by, moment=moment)


def _change(
    sql: str,
    chosen: Chosen,
    *,
    kind: BulkKind,
    by: User | None,
    moment: datetime,
    owner: int | None = None,
    tag: int | None = None,
) -> BulkChange:
    tenant_rows(FORGET, since=moment - BulkChange.KEPT)
    given = {
        "made_kind": kind.value,
        "made_owner": owner,
        "made_tag": tag,
        "made_by": by and by.pk,
        "made_at": moment,
    }
    statement = sql.format(chosen=chosen.sql) + REMEMBER
    ((pk,),) = tenant_rows(statement, **{**chosen.parameters, **given})
    made: BulkChange = BulkChange.objects.told().get(pk=pk)
    return made


@transaction.atomic
def undo_bulk_change(*, change: BulkChange, by: User | None, moment: datetime) -> int | None:
    """The number of accounts that are as they were; None where it was undone or is too long ago."""
    lock_accounts()
    claimed = tenant_rows(CLAIM, id=change.pk, moment=moment, since=moment - BulkChange.KEPT)
    if not claimed:
        return None
    if claimed[0][0] > FEW:
        # The planner takes an array for a handful, and would look through all of it for each row.
        set_local("enable_nestloop", "off")
    ((n,),) = tenant_rows(UNDO[BulkKind(change.kind)], id=change.pk, moment=moment)
    return int(n)
