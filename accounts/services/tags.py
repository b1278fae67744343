"""The tags of a workspace, and those of single accounts as they are told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.tenancy import tenant_rows

LONGEST = 60
MOST = 50
"""Of one account, as far as it is told."""
SEPARATOR = ","

ENSURE = """
INSERT INTO accounts_tag (workspace_id, name)
SELECT %(workspace)s, name FROM unnest(%(names)s::text[]) AS told(name) ORDER BY lower(name)
ON CONFLICT (workspace_id, lower(name)) DO NOTHING
"""
FOUND = """
SELECT told.name, t.id FROM unnest(%(names)s::text[]) AS told(name)
JOIN accounts_tag t ON t.workspace_id = %(workspace)s AND lower(t.name) = lower(told.name)
"""
TAKE = """
DELETE FROM accounts_accounttag carried
WHERE carried.workspace_id = %(workspace)s AND carried.account_id = ANY(%(told)s::bigint[])
    AND NOT EXISTS (
        SELECT FROM unnest(%(accounts)s::bigint[], %(tags)s::bigint[]) AS wanted(account_id, tag_id)
        WHERE wanted.account_id = carried.account_id AND wanted.tag_id = carried.tag_id)
RETURNING account_id
"""
GIVE = """
INSERT INTO accounts_accounttag (workspace_id, account_id, tag_id, added_at)
SELECT %(workspace)s, account_id, tag_id, %(moment)s
FROM unnest(%(accounts)s::bigint[], %(tags)s::bigint[]) AS wanted(account_id, tag_id)
ORDER BY account_id, tag_id ON CONFLICT DO NOTHING RETURNING account_id
"""


def tidied(name: str) -> str:
    return " ".join(name.split())


def blemish(name: str) -> str:
    """What is wrong with a tag, if anything."""
    tidy = tidied(name)
    if not tidy:
        return _("A tag needs a name.")
    if len(tidy) > LONGEST:
        return _("At most %(n)d characters.") % {"n": LONGEST}
    if SEPARATOR in tidy or not tidy.isprintable():
        return _("A tag is written without commas and control characters.")
    return ""


def ensure_tags(names: Iterable[str]) -> dict[str, int]:
    """The ids of the tags by the names given; those that are new are made. Raises InvalidInput."""
    told = list(dict.fromkeys(names))
    for name in told:
        if wrong := blemish(name):
            raise InvalidInput.at("tag", wrong)
    tidy = {name: tidied(name) for name in told}
    tenant_rows(ENSURE, names=list(dict.fromkeys(tidy.values())))
    found = dict(tenant_rows(FOUND, names=list(set(tidy.values()))))
    return {name: found[tidy[name]] for name in told}


def set_tags(wanted: Mapping[int, Sequence[str]], *, moment: datetime) -> set[int]:
    """Exactly these for each of the accounts; the ids of those that changed."""
    if not wanted:
        return set()
    ids = ensure_tags(name for names in wanted.values() for name in names)
    pairs = [(account, ids[name]) for account, names in wanted.items() for name in names]
    given = {"accounts": [account for account, _tag in pairs], "tags": [tag for _a, tag in pairs]}
    taken = tenant_rows(TAKE, told=list(wanted), **given)
    return {account for (account,) in taken + tenant_rows(GIVE, moment=moment, **given)}
