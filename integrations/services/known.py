"""People as clients told of them, between one batch and the next."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from accounts.tenancy import tenant_rows
from integrations.clients.people import MOST_LINKS, People, Person

# One order for every batch: by key, before anything else of the batch is written.
ENSURE = """
INSERT INTO integrations_knownuser (workspace_id, key, same_as, traits, told)
SELECT %(workspace)s, key, '', '{}', '{}' FROM unnest(%(keys)s::text[]) AS named(key)
ORDER BY key COLLATE "C"
ON CONFLICT DO NOTHING
"""
HOLD = """
SELECT key FROM integrations_knownuser
WHERE workspace_id = %(workspace)s AND key = ANY(%(keys)s::text[])
ORDER BY key FOR UPDATE
"""
READ = """
SELECT u.key, u.same_as, u.grouped_at, a.key, u.traits, u.told
FROM integrations_knownuser u
LEFT JOIN accounts_account a ON a.workspace_id = u.workspace_id AND a.id = u.account_id
WHERE u.workspace_id = %(workspace)s AND u.key = ANY(%(keys)s::text[])
"""
WRITE = """
UPDATE integrations_knownuser u SET
    same_as = told.same_as, traits = told.traits, told = told.moments,
    grouped_at = CASE WHEN a.id IS NULL THEN u.grouped_at ELSE told.grouped_at END,
    account_id = coalesce(a.id, u.account_id)
FROM json_to_recordset(%(rows)s) AS told(
    key text, same_as text, account text, grouped_at timestamptz, traits jsonb, moments jsonb)
LEFT JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.key = told.account
WHERE u.workspace_id = %(workspace)s AND u.key = told.key
"""


def read_people(*, told: Iterable[str], asked: Iterable[str]) -> People:
    """The people behind these ids. Those that the batch tells something of are held until it ends,
    so that of two batches at once the newer word holds; so are those whose account is asked and
    not known, because another batch may be about to tell it."""
    held, wanted = set(told), set(asked)
    people = _linked(held | wanted)
    held |= {key for key in wanted if not people.of(key).account}
    held |= {people.of(key).key for key in held}
    if not held:
        return people
    tenant_rows(ENSURE, keys=sorted(held))
    tenant_rows(HOLD, keys=sorted(held))
    return _linked(held | wanted)


def _linked(asked: set[str]) -> People:
    people: dict[str, Person] = {}
    for _link in range(MOST_LINKS):
        if not asked:
            break
        people.update({person.key: person for person in _read(sorted(asked))})
        asked = {person.same_as for person in people.values() if person.same_as} - set(people)
    return People(people.values())


def _read(keys: Sequence[str]) -> list[Person]:
    return [
        Person(key, same_as, [(at, account)] if account and at else [], loads(traits), loads(told))
        for key, same_as, at, account, traits, told in tenant_rows(READ, keys=list(keys))
    ]


def loads(text: str) -> dict[str, Any]:
    """Django leaves a jsonb of a plain cursor a text."""
    return msgspec.json.decode(text, type=dict[str, Any])


def write_people(people: People) -> None:
    """What the batch told of them; an account that there is not is not remembered."""
    rows = [_row(person) for _key, person in sorted(people.by_key.items()) if person.changed]
    if not rows:
        return
    keys = [row["key"] for row in rows]
    tenant_rows(ENSURE, keys=keys)
    tenant_rows(WRITE, rows=msgspec.json.encode(rows).decode())


def _row(person: Person) -> dict[str, Any]:
    at: datetime | None = person.groups[-1][0] if person.groups else None
    return {
        "key": person.key,
        "same_as": person.same_as,
        "account": person.account,
        "grouped_at": at,
        "traits": person.traits,
        "moments": person.told,
    }
