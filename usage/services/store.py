"""The statements that store events and their names. Every one takes its locks in the same order.

COPY into a protected table is refused, so rows come as one array literal for each column: a third
less work for PostgreSQL than json_to_recordset, a quarter of what ARRAY[…] costs.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from accounts.tenancy import current_workspace_id

Parameters = Mapping[str, Any]

_partitions: set[date] = set()
"""The months that are known to have a partition."""


def array(values: Iterable[object]) -> str:
    """An array of any values as the text that PostgreSQL casts."""
    return "{" + ",".join(map(element, values)) + "}"


def element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if text.isalnum() and text.isascii() and text.upper() != "NULL":
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def run(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"workspace": current_workspace_id(), **parameters})
        return cursor.fetchall() if cursor.description else []


def ensure_partitions(months: set[date]) -> None:
    """Before any other lock is taken: whoever creates a month makes others wait for it."""
    missing = sorted(months - _partitions)
    if not missing:
        return
    run(
        "SELECT usage_ensure_partition(month::timestamp AT TIME ZONE 'UTC')"
        " FROM unnest(%(months)s::date[]) AS month",
        months=array(missing),
    )
    transaction.on_commit(lambda: _partitions.update(missing))


TAKE_KEYS = """
INSERT INTO usage_eventkey (workspace_id, event_id, occurred_on)
SELECT %(workspace)s, event_id, occurred_on
FROM unnest(%(ids)s::text[], %(days)s::date[]) AS sent(event_id, occurred_on)
ORDER BY event_id COLLATE "C"
ON CONFLICT DO NOTHING
RETURNING event_id
"""


def take_keys(days: Mapping[str, date]) -> set[str]:
    """Which of the event ids were never seen before; from now on they are taken."""
    rows = run(TAKE_KEYS, ids=array(days), days=array(days.values()))
    return {row[0] for row in rows}


FIND_FEATURES = """
SELECT key, id FROM usage_feature
WHERE workspace_id = %(workspace)s AND key = ANY(%(keys)s::text[])
"""

CREATE_FEATURES = """
INSERT INTO usage_feature (workspace_id, key, name)
SELECT %(workspace)s, key, key FROM unnest(%(keys)s::text[]) AS named(key)
ORDER BY key COLLATE "C"
ON CONFLICT (workspace_id, key) DO NOTHING
"""


def ensure_features(keys: set[str]) -> dict[str, int]:
    if not keys:
        return {}
    found = dict(run(FIND_FEATURES, keys=array(keys)))
    if missing := keys - found.keys():
        run(CREATE_FEATURES, keys=array(missing))
        found |= dict(run(FIND_FEATURES, keys=array(missing)))
    return found


FIND_USERS = """
SELECT account_id, key, id, first_seen_on, last_seen_on, last_login_on
FROM usage_enduser JOIN unnest(%(accounts)s::bigint[], %(keys)s::text[])
AS named(account_id, key) USING (account_id, key)
WHERE workspace_id = %(workspace)s
"""

WIDEN_USERS = """
INSERT INTO usage_enduser (
    workspace_id, account_id, key, first_seen_on, last_seen_on, last_login_on
)
SELECT %(workspace)s, account_id, key, first_seen_on, last_seen_on, last_login_on
FROM unnest(
    %(accounts)s::bigint[], %(keys)s::text[], %(first)s::date[], %(last)s::date[], %(login)s::date[]
) AS seen(account_id, key, first_seen_on, last_seen_on, last_login_on)
ORDER BY account_id, key COLLATE "C"
ON CONFLICT (workspace_id, account_id, key) DO UPDATE SET
    first_seen_on = least(usage_enduser.first_seen_on, excluded.first_seen_on),
    last_seen_on = greatest(usage_enduser.last_seen_on, excluded.last_seen_on),
    last_login_on = greatest(usage_enduser.last_login_on, excluded.last_login_on)
RETURNING account_id, key, id
"""

User = tuple[int, str]
Seen = tuple[date, date, date | None]


def within(seen: Seen, stored: Seen) -> bool:
    """Whether the days of a user add nothing to those that are stored."""
    logged_in = seen[2] is None or (stored[2] is not None and seen[2] <= stored[2])
    return stored[0] <= seen[0] and seen[1] <= stored[1] and logged_in


def ensure_users(seen: Mapping[User, Seen]) -> dict[User, int]:
    """The ids of the users, whose first and last days are widened where these lie outside."""
    rows = run(
        FIND_USERS, accounts=array(user[0] for user in seen), keys=array(user[1] for user in seen)
    )
    stored: dict[User, Seen] = {(row[0], row[1]): row[3:] for row in rows}
    found: dict[User, int] = {(row[0], row[1]): row[2] for row in rows}
    changed = [u for u in seen if u not in stored or not within(seen[u], stored[u])]
    if changed:
        first, last, login = zip(*(seen[user] for user in changed), strict=True)
        widened = run(
            WIDEN_USERS,
            accounts=array(user[0] for user in changed),
            keys=array(user[1] for user in changed),
            first=array(first),
            last=array(last),
            login=array(login),
        )
        found |= {(row[0], row[1]): row[2] for row in widened}
    return found


STORE_EVENTS = """
INSERT INTO usage_usageevent (
    workspace_id, occurred_at, event_id, account_id, end_user_id, type, feature_id,
    duration_seconds, count, properties, received_at
)
SELECT %(workspace)s, happened.*, %(received_at)s
FROM unnest(
    %(occurred_at)s::timestamptz[], %(event_id)s::text[], %(account_id)s::bigint[],
    %(end_user_id)s::bigint[], %(type)s::text[], %(feature_id)s::bigint[],
    %(duration_seconds)s::int[], %(count)s::int[], %(properties)s::jsonb[]
) AS happened
"""

EVENT_COLUMNS = [
    "occurred_at",
    "event_id",
    "account_id",
    "end_user_id",
    "type",
    "feature_id",
    "duration_seconds",
    "count",
    "properties",
]


def store_events(rows: Sequence[tuple[object, ...]], *, received_at: datetime) -> None:
    """Rows in the order of EVENT_COLUMNS."""
    values = zip(*rows, strict=True)
    columns = {name: array(column) for name, column in zip(EVENT_COLUMNS, values, strict=True)}
    run(STORE_EVENTS, received_at=received_at, **columns)


def adding(table: str, keys: str, sums: str, masks: str = "") -> str:
    """An upsert that adds to sums and sets the bits of masks; the keys take their locks in order."""
    every = [*keys.split(), *masks.split(), *sums.split()]
    kinds = {"day": "date", "month": "date"} | dict.fromkeys(masks.split(), "int")
    given = ", ".join(f"%({name})s::{kinds.get(name, 'bigint')}[]" for name in every)
    changes = [f"{name} = {table}.{name} + excluded.{name}" for name in sums.split()]
    changes += [f"{name} = {table}.{name} | excluded.{name}" for name in masks.split()]
    return f"""
    INSERT INTO {table} (workspace_id, {", ".join(every)})
    SELECT %(workspace)s, {", ".join(every)} FROM unnest({given}) AS added({", ".join(every)})
    ORDER BY {", ".join(keys.split())}
    ON CONFLICT (workspace_id, {", ".join(keys.split())}) DO UPDATE SET {", ".join(changes)}
    """
