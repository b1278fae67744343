"""The SQL of a portfolio's page: whatever is asked for, about as many rows are read as are shown."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from accounts.models import Account, AccountTag, Tag, TeamMember
from accounts.tenancy import current_workspace_id
from scoring.models import Evaluation, Health, SegmentMember
from scoring.portfolio.wanted import FALL, UNKNOWN, Cursor, Holding, Wanted

ACCOUNTS, HEALTH = Account._meta.db_table, Health._meta.db_table
MEMBERS = SegmentMember._meta.db_table
PEOPLE = """(SELECT id, coalesce(nullif(name, ''), email) AS name,
    lower(coalesce(nullif(name, ''), email)) || ' ' || id AS label FROM accounts_user)"""
WITH_HEALTH = f"""{ACCOUNTS} a
    LEFT JOIN {HEALTH} h ON h.workspace_id = a.workspace_id AND h.account_id = a.id"""
COLUMNS = """a.id, a.key, a.name, a.stage, a.status, a.owner_id, u.name AS owner,
    a.contract_value_cents, a.currency, a.renewal_on, a.created_on, h.day, h.version_id, h.score, h.band,
    h.coverage, h.flags, h.change, h.reasons, h.recent"""
OF_SEGMENT = "m.workspace_id = %(workspace)s AND m.segment_id = %(segment)s"
DETAIL = f"""(SELECT e.detail FROM (
    SELECT every.version_id, every.detail FROM {Evaluation._meta.db_table} every
    WHERE every.workspace_id = h.workspace_id AND every.account_id = h.account_id
        AND every.scorecard_id = h.scorecard_id AND every.day <= h.day
    ORDER BY every.day DESC LIMIT 1) e WHERE e.version_id = h.version_id)"""
OF_TEAM = f"""a.id IN (
    SELECT id FROM {ACCOUNTS} WHERE workspace_id = %(workspace)s AND owner_id = %(owner)s
    UNION SELECT account_id FROM {TeamMember._meta.db_table}
    WHERE workspace_id = %(workspace)s AND user_id = %(owner)s)"""
TAGGED = f"""a.id IN (
    SELECT t.account_id FROM {AccountTag._meta.db_table} t
    JOIN {Tag._meta.db_table} of ON of.workspace_id = t.workspace_id AND of.id = t.tag_id
    WHERE t.workspace_id = %(workspace)s AND lower(of.name) = ANY(%(tags)s))"""
TAGS = f"""ARRAY(SELECT of.name FROM {AccountTag._meta.db_table} t
    JOIN {Tag._meta.db_table} of ON of.workspace_id = t.workspace_id AND of.id = t.tag_id
    WHERE t.workspace_id = %(workspace)s AND t.account_id = a.id ORDER BY lower(of.name))"""
FEW = 2000
FEW_NAMED = 5000
MANY_NAMED = "(SELECT ids IS NULL FROM named)"

Statement = tuple[str, dict[str, Any]]


def statement(wanted: Wanted, cursor: Cursor | None, limit: int, *, backward: bool) -> Statement:
    """First the rows with a value, then, only as far as needed, those without.

    An append of limited selects is read in order and stops at its limit, so that no part is sorted
    or counted beyond the page.
    """
    phases = [True, False] if wanted.column.absent else [True]
    if backward:
        phases.reverse()
    if cursor is not None:
        phases = phases[phases.index(cursor.value is not None) :]
    selects = [
        _select(wanted, cursor if place == 0 else None, wanted.descending != backward, has, search)
        for search in _searches(wanted)
        for place, has in enumerate(phases)
    ]
    sql = "\nUNION ALL\n".join(selects)
    if len(selects) > 1:
        sql += "\nLIMIT %(limit)s"
    return _found(wanted) + sql, _parameters(wanted, cursor, limit)


def among(wanted: Wanted, account_ids: list[int]) -> Statement:
    """Those of the accounts that are wanted, in no order."""
    sql = f"""SELECT {COLUMNS}, NULL AS value{_besides(wanted)} FROM {WITH_HEALTH}
    LEFT JOIN {PEOPLE} u ON u.id = a.owner_id
WHERE {_all_conditions(wanted)} AND a.id = ANY(%(ids)s)"""
    return sql, _parameters(wanted, None, 0) | {"ids": account_ids}


def matching(wanted: Wanted) -> Statement:
    """The ids of all accounts that are wanted, and their scores; −1 for none."""
    sql = f"SELECT a.id, coalesce(h.score, -1) AS score FROM {WITH_HEALTH} WHERE {_all_conditions(wanted)}"
    return sql, _parameters(wanted, None, 0)


def _all_conditions(wanted: Wanted) -> str:
    where = [*_conditions(wanted, has_value=False), *_words(wanted)]
    if wanted.segment is not None:
        where.append(f"EXISTS (SELECT FROM {MEMBERS} m WHERE {OF_SEGMENT} AND m.account_id = a.id)")
    return " AND ".join(where)


def _found(wanted: Wanted) -> str:
    """Few accounts are looked up first; where many match, the sorted list soon meets them."""
    if not _looked_up(wanted):
        return ""
    if not wanted.words:
        return f"WITH found AS MATERIALIZED ({_matching(wanted)} LIMIT {FEW + 1})\n"
    words = ", ".join(f"lower(%(word{n})s)" for n in range(len(wanted.words)))
    named = (
        f"WITH named AS MATERIALIZED (SELECT accounts_named(ARRAY[{words}], {FEW_NAMED}) AS ids)"
    )
    if _by_words_alone(wanted):
        return f"{named}, found AS MATERIALIZED (SELECT unnest(ids) AS id FROM named)\n"
    few = _matching(wanted, "a.id = ANY((SELECT ids FROM named)::bigint[])")
    many = _matching(wanted, MANY_NAMED, *_words(wanted))
    return f"{named}, found AS MATERIALIZED ({few} UNION ALL ({many} LIMIT {FEW + 1}))\n"


def _matching(wanted: Wanted, *also: str) -> str:
    conditions = ["a.workspace_id = %(workspace)s", *_of_account(wanted), *also]
    found = f"SELECT a.id FROM {ACCOUNTS} a WHERE {' AND '.join(conditions)}"
    if wanted.segment is not None and len(conditions) == 1:
        found = f"SELECT m.account_id AS id FROM {MEMBERS} m WHERE {OF_SEGMENT}"
    elif wanted.segment is not None:
        found += f" AND EXISTS (SELECT FROM {MEMBERS} m WHERE {OF_SEGMENT} AND m.account_id = a.id)"
    return found


def _by_words_alone(wanted: Wanted) -> bool:
    return wanted.segment is None and not [*_of_account(wanted)]


def _looked_up(wanted: Wanted) -> bool:
    """What no index of a sorted list knows, or what only together leaves few."""
    judged = wanted.words or wanted.team or wanted.tags or wanted.holding
    return bool(judged or wanted.segment is not None or len([*_of_account(wanted)]) > 1)


class Search(NamedTuple):
    condition: str = ""
    few: bool = False


def _searches(wanted: Wanted) -> list[Search]:
    """Only one of the two finds anything."""
    if not _looked_up(wanted):
        return [Search()]
    too_many = f"(SELECT count(*) FROM found) > {FEW}"
    if wanted.words and _by_words_alone(wanted):
        too_many = MANY_NAMED
    many = [too_many, *_words(wanted)]
    if wanted.segment is not None:
        # Judged account by account: the offset keeps the members from being joined and sorted.
        member = f"SELECT FROM {MEMBERS} m WHERE {OF_SEGMENT} AND m.account_id = a.id OFFSET 0"
        many.append(f"EXISTS ({member})")
    return [
        Search(f"NOT ({too_many}) AND a.id IN (SELECT id FROM found)", few=True),
        Search(" AND ".join(many)),
    ]


def _words(wanted: Wanted) -> Iterator[str]:
    """Of LIKE the planner believes that it finds next to nothing, and sorts all that it finds."""
    for n in range(len(wanted.words)):
        yield f"position(lower(%(word{n})s) IN a.search) > 0"


def _select(
    wanted: Wanted, cursor: Cursor | None, descends: bool, has_value: bool, search: Search
) -> str:
    column, direction = wanted.column, "DESC" if descends else "ASC"
    keys = [column.value, column.key] if has_value else ["a.id"]
    where = [*_conditions(wanted, has_value), search.condition]
    if has_value:
        where.append(column.present)
    elif not (column.value.startswith("h.") and wanted.bands == (UNKNOWN,)):
        # Unknown health has neither score nor change; said twice, the planner would expect no row.
        where.append(column.absent)
    if cursor is not None:
        where.append(_beyond(cursor, keys, descends))
    condition = " AND ".join(filter(None, where))
    if wanted.sort.removeprefix("-") == "owner" and has_value and not search.few:
        return _by_owner(wanted, condition, direction, cursor)
    order = ", ".join(f"{key} {direction}" for key in keys)
    if wanted.sort.removeprefix("-") == "name" and wanted.words and not search.few:
        beyond = [_beyond(cursor, keys, descends)] if cursor else []
        return _by_name(wanted, condition, order, beyond)
    value = column.value if has_value else f"NULLIF({column.value}, {column.value})"
    return (
        f"(SELECT {COLUMNS}, {value} AS value{_besides(wanted)} FROM {WITH_HEALTH}\n"
        f"    LEFT JOIN {PEOPLE} u ON u.id = a.owner_id\n"
        f"WHERE {condition}\nORDER BY {order} LIMIT %(limit)s)"
    )


def _by_owner(wanted: Wanted, condition: str, direction: str, cursor: Cursor | None) -> str:
    """The accounts of one person after the other, as many people as fill the page."""
    beyond = f"WHERE u.label {'<=' if direction == 'DESC' else '>='} %(value)s" if cursor else ""
    return (
        f"(SELECT of_person.* FROM {PEOPLE} u CROSS JOIN LATERAL (\n"
        f"    SELECT {COLUMNS}, u.label AS value{_besides(wanted)} FROM {WITH_HEALTH}\n"
        f"    WHERE a.owner_id = u.id AND {condition} ORDER BY a.id {direction} LIMIT %(limit)s\n"
        f") of_person {beyond}\n"
        f"ORDER BY of_person.value {direction}, of_person.id {direction} LIMIT %(limit)s)"
    )


def _beyond(cursor: Cursor, keys: list[str], descends: bool) -> str:
    places = "(%(value)s, %(last)s)" if cursor.value is not None else "(%(last)s)"
    return f"({', '.join(keys)}) {'<' if descends else '>'} {places}"


def _by_name(wanted: Wanted, condition: str, order: str, beyond: list[str]) -> str:
    """Names are read in the index alone until there are enough: who searches for one and sorts by
    it meets all its accounts at one end."""
    words = " AND ".join(["a.workspace_id = %(workspace)s", *_words(wanted), *beyond])
    names = f"SELECT a.id, a.search FROM {ACCOUNTS} a WHERE {words} ORDER BY {order} OFFSET 0"
    return (
        f"(SELECT {COLUMNS}, a.search AS value{_besides(wanted)}\n"
        f"FROM ({names}) name JOIN ({WITH_HEALTH}) ON a.id = name.id\n"
        f"    LEFT JOIN {PEOPLE} u ON u.id = a.owner_id\n"
        f"WHERE {condition}\nORDER BY {order.replace('a.', 'name.')} LIMIT %(limit)s)"
    )


def _besides(wanted: Wanted) -> str:
    """Attributes, explanations and tags are sent only where a column shows them."""
    if not (wanted.attributes or wanted.details or wanted.with_tags):
        return ""
    attributes = ", ".join(
        f"%(named{n})s::text, a.attributes -> %(named{n})s::text"
        for n in range(len(wanted.attributes))
    )
    detail = DETAIL if wanted.details else "NULL::bytea"
    tags = TAGS if wanted.with_tags else "NULL::text[]"
    return f", jsonb_build_object({attributes}) AS attributes, {detail} AS detail, {tags} AS tags"


def _conditions(wanted: Wanted, has_value: bool) -> Iterator[str]:
    """Every comparison names its workspace, so that the indexes that begin with it are used."""
    yield "a.workspace_id = %(workspace)s"
    if wanted.bands:
        same = "= %(band)s" if len(wanted.bands) == 1 else "= ANY(%(bands)s)"
        # Never evaluated is unknown, too.
        never = UNKNOWN in wanted.bands and not (has_value and wanted.column.value[0] == "h")
        yield f"(h.band_key {same}){' IS NOT FALSE' if never else ''}"
    yield from _of_account(wanted)
    if wanted.moved:
        yield f"h.change {'<= -' if wanted.moved == 'down' else '>= '}{FALL}"
    if wanted.low_coverage:
        yield f"h.flags & {Evaluation.PROVISIONAL} <> 0"
    if wanted.stale:
        yield f"h.flags & {Health.STALE} <> 0"


def _of_account(wanted: Wanted) -> Iterator[str]:
    if wanted.stages:
        yield "a.stage = ANY(%(stages)s)"
    if wanted.team:
        yield OF_TEAM
    elif wanted.owner is not None:
        yield "a.owner_id = %(owner)s" if wanted.owner else "a.owner_id IS NULL"
    if wanted.renewal_to is not None:
        since = "a.renewal_on >= %(from)s AND " if wanted.renewal_from else ""
        yield f"{since}a.renewal_on <= %(to)s"
    if wanted.tags:
        yield TAGGED
    for n, holding in enumerate(wanted.holding):
        yield from _of_attribute(holding, f"held{n}")


def _of_attribute(holding: Holding, name: str) -> Iterator[str]:
    value = f"a.attributes ->> %({name})s::text"
    if holding.values:
        yield f"({value} = ANY(%({name}_is)s) OR a.attributes -> %({name})s::text ?| %({name}_is)s)"
    if holding.unset:
        yield f"{value} IS NULL"
    for bound, operator, end in ((holding.least, ">=", "from"), (holding.most, "<=", "to")):
        if bound is not None:
            yield (
                f"CASE jsonb_typeof(a.attributes -> %({name})s::text) WHEN 'number' THEN "
                f"({value})::numeric {operator} %({name}_{end})s END"
            )


def _held(wanted: Wanted) -> Iterator[tuple[str, Any]]:
    for n, holding in enumerate(wanted.holding):
        yield f"held{n}", holding.name
        yield f"held{n}_is", list(holding.values)
        yield f"held{n}_from", holding.least
        yield f"held{n}_to", holding.most


def _parameters(wanted: Wanted, cursor: Cursor | None, limit: int) -> dict[str, Any]:
    return {
        "workspace": current_workspace_id(),
        "band": wanted.bands[0] if wanted.bands else None,
        "bands": list(wanted.bands),
        "stages": list(wanted.stages),
        "owner": wanted.owner,
        "tags": [tag.lower() for tag in wanted.tags],
        **dict(_held(wanted)),
        "segment": wanted.segment,
        "from": wanted.renewal_from,
        "to": wanted.renewal_to,
        "value": cursor.value if cursor else None,
        "last": cursor.last if cursor else None,
        "limit": limit,
        **{f"word{n}": word for n, word in enumerate(wanted.words)},
        **{f"named{n}": name for n, name in enumerate(wanted.attributes)},
    }
