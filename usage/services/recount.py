"""Days counted anew from the raw events, as the batches that brought these counted them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from accounts.models import Workspace
from accounts.services.stale import mark_stale_from
from accounts.tenancy import current_workspace_id, tenant_rows
from usage.days import DAY, first_whole_month, months_between, next_month, start_of
from usage.packed import literal

# Batches of events take it shared: none is between its raw events and what it derives from them.
LOCK = "SELECT pg_advisory_xact_lock(720453, hashint8(%(workspace)s))"

DAYS = """events, logins, sessions, session_seconds, feature_uses, feature_ids, feature_counts"""
MONTHS = """active_days, login_days, logins, feature_uses, session_seconds, feature_ids,
    feature_days"""


def _excluded(columns: str) -> str:
    return ", ".join(f"excluded.{name.strip()}" for name in columns.split(","))


def _stored(columns: str) -> str:
    return ", ".join(f"stored.{name.strip()}" for name in columns.split(","))


def _changes(columns: str) -> str:
    return f"""DO UPDATE SET ({columns}) = ROW({_excluded(columns)})
        WHERE ({_stored(columns)}) IS DISTINCT FROM ({_excluded(columns)})"""


# One month. What is as it was is not written; what has no event any more goes.
RECOUNT = f"""
WITH happened AS MATERIALIZED (
    SELECT account_id, end_user_id, type, feature_id, count AS uses, duration_seconds AS seconds,
        width_bucket(occurred_at, %(starts)s::timestamptz[]) AS number
    FROM usage_usageevent
    WHERE workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s::bigint[])
        AND occurred_at >= %(since)s AND occurred_at < %(until)s
), used AS (
    SELECT account_id, number, array_agg(feature_id ORDER BY feature_id) AS ids,
        array_agg(uses ORDER BY feature_id) AS counts
    FROM (
        SELECT account_id, number, feature_id, sum(uses) AS uses FROM happened
        WHERE type = 'feature' GROUP BY account_id, number, feature_id
    ) AS each GROUP BY account_id, number
), days AS (
    SELECT account_id, number, count(*) AS events,
        coalesce(sum(uses) FILTER (WHERE type = 'login'), 0) AS logins,
        coalesce(sum(uses) FILTER (WHERE type = 'login' AND seconds IS NOT NULL), 0) AS sessions,
        coalesce(sum(seconds) FILTER (WHERE type = 'login'), 0) AS session_seconds,
        coalesce(sum(uses) FILTER (WHERE type = 'feature'), 0) AS feature_uses
    FROM happened GROUP BY account_id, number
), days_gone AS (
    DELETE FROM usage_accountday AS stored
    WHERE workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s::bigint[])
        AND day >= %(month)s AND day < %(next)s AND NOT EXISTS (
            SELECT FROM days WHERE days.account_id = stored.account_id
            AND stored.day = %(month)s + days.number - 1
        )
    RETURNING account_id, day
), days_written AS (
    INSERT INTO usage_accountday AS stored (workspace_id, account_id, day, {DAYS})
    SELECT %(workspace)s, account_id, %(month)s + number - 1, events, logins, sessions,
        session_seconds, feature_uses, coalesce(ids, '{{}}'), coalesce(counts, '{{}}')
    FROM days LEFT JOIN used USING (account_id, number)
    ON CONFLICT (workspace_id, account_id, day) {_changes(DAYS)}
    RETURNING account_id, day
), users_used AS (
    SELECT account_id, end_user_id, array_agg(feature_id ORDER BY feature_id) AS ids,
        array_agg(mask ORDER BY feature_id) AS masks
    FROM (
        SELECT account_id, end_user_id, feature_id, bit_or(1 << (number - 1)) AS mask FROM happened
        WHERE type = 'feature' GROUP BY account_id, end_user_id, feature_id
    ) AS each GROUP BY account_id, end_user_id
), users AS (
    SELECT account_id, end_user_id, bit_or(1 << (number - 1)) AS active_days,
        coalesce(bit_or(1 << (number - 1)) FILTER (WHERE type = 'login'), 0) AS login_days,
        coalesce(sum(uses) FILTER (WHERE type = 'login'), 0) AS logins,
        coalesce(sum(uses) FILTER (WHERE type = 'feature'), 0) AS feature_uses,
        coalesce(sum(seconds) FILTER (WHERE type = 'login'), 0) AS session_seconds
    FROM happened GROUP BY account_id, end_user_id
), users_gone AS (
    DELETE FROM usage_usermonth AS stored
    WHERE workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s::bigint[])
        AND month = %(month)s AND NOT EXISTS (
            SELECT FROM users WHERE users.account_id = stored.account_id
            AND users.end_user_id = stored.end_user_id
        )
    RETURNING account_id, end_user_id
), users_written AS (
    INSERT INTO usage_usermonth AS stored (workspace_id, account_id, end_user_id, month, {MONTHS})
    SELECT %(workspace)s, account_id, end_user_id, %(month)s, active_days, login_days, logins,
        feature_uses, session_seconds, coalesce(ids, '{{}}'), coalesce(masks, '{{}}')
    FROM users LEFT JOIN users_used USING (account_id, end_user_id)
    ON CONFLICT (workspace_id, account_id, end_user_id, month) {_changes(MONTHS)}
    RETURNING account_id, end_user_id
), changed AS (
    SELECT * FROM days_gone UNION ALL SELECT * FROM days_written
), changed_users AS (
    SELECT * FROM users_gone UNION ALL SELECT * FROM users_written
)
SELECT
    (SELECT json_object_agg(account_id, day) FROM (
        SELECT account_id, min(day) AS day FROM changed GROUP BY account_id
    ) AS earliest),
    (SELECT array_agg(DISTINCT account_id) FROM changed_users),
    (SELECT array_agg(end_user_id) FROM changed_users)
"""

HIGHEST = "month + 32 - position(B'1' IN ({})::bit(32))"

# Months outlive raw events, so a person's first and last days come from them.
PEOPLE = f"""
WITH seen AS (
    SELECT end_user_id, min({HIGHEST.format("active_days & -active_days")}) AS first,
        max({HIGHEST.format("active_days")}) AS last,
        max({HIGHEST.format("login_days")}) FILTER (WHERE login_days <> 0) AS login
    FROM usage_usermonth
    WHERE workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s::bigint[])
        AND end_user_id = ANY(%(users)s::bigint[]) AND active_days <> 0
    GROUP BY end_user_id
), gone AS (
    DELETE FROM usage_enduser WHERE workspace_id = %(workspace)s AND id = ANY(%(users)s::bigint[])
        AND NOT EXISTS (SELECT FROM seen WHERE end_user_id = id)
)
UPDATE usage_enduser SET first_seen_on = first, last_seen_on = last, last_login_on = login
FROM seen WHERE workspace_id = %(workspace)s AND id = end_user_id
    AND (first_seen_on, last_seen_on, last_login_on) IS DISTINCT FROM (first, last, login)
"""


def recount(
    *, account_ids: Iterable[int], first: date, last: date, moment: datetime
) -> dict[int, date]:
    """The months that the days touch, counted anew; the accounts that changed are marked stale."""
    accounts = list(account_ids)
    changed = recount_months(dict.fromkeys(months_between(first, last), accounts))
    mark_stale_from(from_days=changed, moment=moment)
    return changed


def recount_months(accounts_by_month: Mapping[date, Iterable[int]]) -> dict[int, date]:
    """The accounts that changed, each with the earliest day that did.

    Months of which raw events were dropped stay as they are: they cannot be counted any more.
    """
    workspace = stopped_workspace()
    earliest = counted_from(workspace)
    changed: dict[int, date] = {}
    for month in sorted(accounts_by_month):
        if month >= earliest:
            for account_id, day in _recount_month(workspace, month, accounts_by_month[month]):
                changed.setdefault(account_id, day)
    return changed


def stopped_workspace() -> Workspace:
    """As it is now: until the transaction ends no batch is stored, and neither its time zone nor
    what is kept of its events changes."""
    tenant_rows(LOCK)
    return Workspace.objects.select_for_update(no_key=True).get(pk=current_workspace_id())


def counted_from(workspace: Workspace) -> date:
    """The first month whose raw events are all there."""
    if workspace.events_from is None:
        return date.min
    return first_whole_month(workspace.events_from, workspace.zone)


def _recount_month(
    workspace: Workspace, month: date, account_ids: Iterable[int]
) -> list[tuple[int, date]]:
    following = next_month(month)
    days = [month + number * DAY for number in range((following - month).days + 1)]
    starts = [start_of(day, workspace.zone) for day in days]
    ((days_changed, accounts, users),) = tenant_rows(
        RECOUNT,
        accounts=literal(account_ids),
        month=month,
        next=following,
        starts=literal(starts),
        since=starts[0],
        until=starts[-1],
    )
    if users:
        tenant_rows(PEOPLE, accounts=accounts, users=users)
    changed = days_changed or {}
    return [(int(account_id), date.fromisoformat(day)) for account_id, day in changed.items()]
