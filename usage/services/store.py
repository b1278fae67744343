"""The statements that store events and their names. Every one takes its locks in the same order.

COPY into a protected table is refused, so rows come as one array literal for each column: a third
less work for PostgreSQL than json_to_recordset, a quarter of what ARRAY[…] costs.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from accounts.tenancy import current_workspace_id

Parameters = Mapping[str, Any]

CONTROL = re.compile(r"[\x00-\x1f]")

_partitions: set[date] = set()
"""The months that are known to have a partition."""


def plain(values: Iterable[object]) -> str:
    """Numbers, days or times as an array's text."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


def texts(values: Iterable[str | None]) -> str:
    """Texts as an array's text: inside quotes its escapes are those of JSON, but for controls."""
    listed = list(values)
    if CONTROL.search("".join(filter(None, listed))):
        return "{" + ",".join(map(quoted, listed)) + "}"
    return "{" + msgspec.json.encode(listed).decode()[1:-1] + "}"


def quoted(text: str | None) -> str:
    if text is None:
        return "NULL"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def run(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"workspace": current_workspace_id(), **parameters})
        return cursor.fetchall() if cursor.description else []


def run_all(statements: Sequence[tuple[str, Parameters]]) -> None:
    """Several statements, one after the other, on one way to the server."""
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"workspace": current_workspace_id()}
        cursor.execute(
            b";".join(
                cursor.mogrify(statement, {**given, **parameters})
                for statement, parameters in statements
            ).decode()
        )


def ensure_partitions(months: set[date]) -> None:
    """Before any other lock is taken: whoever creates a month makes others wait for it."""
    missing = sorted(months - _partitions)
    if not missing:
        return
    run(
        "SELECT usage_ensure_partition(month::timestamp AT TIME ZONE 'UTC')"
        " FROM unnest(%(months)s::date[]) AS month",
        months=plain(missing),
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
    rows = run(TAKE_KEYS, ids=texts(days), days=plain(days.values()))
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
    found = dict(run(FIND_FEATURES, keys=texts(keys)))
    if missing := keys - found.keys():
        run(CREATE_FEATURES, keys=texts(missing))
        found |= dict(run(FIND_FEATURES, keys=texts(missing)))
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
        FIND_USERS, accounts=plain(user[0] for user in seen), keys=texts(user[1] for user in seen)
    )
    stored: dict[User, Seen] = {(row[0], row[1]): row[3:] for row in rows}
    found: dict[User, int] = {(row[0], row[1]): row[2] for row in rows}
    changed = [u for u in seen if u not in stored or not within(seen[u], stored[u])]
    if changed:
        first, last, login = zip(*(seen[user] for user in changed), strict=True)
        widened = run(
            WIDEN_USERS,
            accounts=plain(user[0] for user in changed),
            keys=texts(user[1] for user in changed),
            first=plain(first),
            last=plain(last),
            login=plain(login),
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
TEXTS = {"event_id", "type", "properties"}


def storing(rows: Sequence[tuple[Any, ...]], received_at: datetime) -> tuple[str, Parameters]:
    """The statement that stores rows in the order of EVENT_COLUMNS."""
    columns = zip(*rows, strict=True)
    arrays = {
        name: (texts if name in TEXTS else plain)(column)
        for name, column in zip(EVENT_COLUMNS, columns, strict=True)
    }
    return STORE_EVENTS, arrays | {"received_at": received_at}


def adding(table: str, columns: str, *, keys: int, masks: Collection[str] = ()) -> str:
    """An upsert that adds numbers and sets the bits of masks; the first columns are the key, in
    whose order the locks are taken."""
    names = columns.split()
    kinds = {"day": "date", "month": "date"} | dict.fromkeys(masks, "int")
    given = ", ".join(f"%({name})s::{kinds.get(name, 'bigint')}[]" for name in names)
    changes = ", ".join(
        f"{name} = {table}.{name} {'|' if name in masks else '+'} excluded.{name}"
        for name in names[keys:]
    )
    every, key = ", ".join(names), ", ".join(names[:keys])
    return f"""
    INSERT INTO {table} (workspace_id, {every})
    SELECT %(workspace)s, {every} FROM unnest({given}) AS added({every})
    ORDER BY {key}
    ON CONFLICT (workspace_id, {key}) DO UPDATE SET {changes}
    """
