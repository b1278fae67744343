"""Orders of the list that no index holds: all accounts by an attribute, a metric's score, their tags …"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np

from accounts.tenancy import current_workspace_id, tenant_rows
from scoring.engine.fixed import NONE, Int64
from scoring.kept import kept
from scoring.models import Scorecard
from scoring.portfolio.wanted import ATTRIBUTE, METRIC, RANKED, Wanted
from scoring.recent import SCORES, SIZE
from scoring.standings.order import MetricOrder, primary_metric_order
from usage.packed import columns

KEPT_SECONDS = 60
"""So old an order may be in a large workspace; what stands in the rows is of this moment."""
ABOVE = 2**30
"""Added to numbers, so that none is what stands for none."""
NUMBERS = {
    "coverage": "SELECT account_id AS id, coverage AS value FROM scoring_health",
    "created": "SELECT id, created_on - DATE '0001-01-01' AS value FROM accounts_account",
    "reason": """SELECT account_id AS id, (reasons -> 0 ->> 'points')::numeric::bigint AS value
        FROM scoring_health""",
}
RECENT = f"""
SELECT string_agg(int8send(account_id), ''::bytea), string_agg(
    substring(recent FROM 1 FOR 4) || substring(recent FROM {SIZE - 3} FOR 4), ''::bytea)
FROM scoring_health WHERE workspace_id = %(workspace)s AND recent IS NOT NULL
"""
GROUPED = """
SELECT kind, value, string_agg(int8send(id), ''::bytea) FROM ({select}) AS found
WHERE value <> '' GROUP BY 1, 2
"""
TEXTS = {
    "status": """SELECT id, 'string' AS kind, status AS value FROM accounts_account
        WHERE workspace_id = %(workspace)s""",
    "tags": """SELECT t.account_id AS id, 'string' AS kind,
            string_agg(lower(of.name), ', ' ORDER BY lower(of.name)) AS value
        FROM accounts_accounttag t
        JOIN accounts_tag of ON of.workspace_id = t.workspace_id AND of.id = t.tag_id
        WHERE t.workspace_id = %(workspace)s GROUP BY 1""",
    ATTRIBUTE: """SELECT id, jsonb_typeof(attributes -> %(name)s::text) AS kind,
            attributes ->> %(name)s::text AS value
        FROM accounts_account WHERE workspace_id = %(workspace)s""",
}


def in_order(wanted: Wanted, *, today: date) -> Wanted:
    """With the order that its sort asks for, where it is one of these."""
    name = wanted.sort.removeprefix("-")
    make = _maker(name, today)
    return wanted if make is None else replace(wanted, order=make())


def _maker(name: str, today: date) -> Callable[[], MetricOrder] | None:
    make: Callable[[], MetricOrder]
    if name.startswith(METRIC):
        make = partial(_by_metric, name.removeprefix(METRIC), today)
    elif name.startswith(ATTRIBUTE):
        make = partial(_by_text, TEXTS[ATTRIBUTE], name=name.removeprefix(ATTRIBUTE))
    elif name in TEXTS:
        make = partial(_by_text, TEXTS[name])
    elif name in NUMBERS:
        make = partial(_by_number, NUMBERS[name])
    elif name in RANKED:
        make = _by_weeks
    else:
        return None
    return lambda: kept(f"order:{name}", make, seconds=KEPT_SECONDS)


def _by_metric(key: str, today: date) -> MetricOrder:
    return primary_metric_order(list(Scorecard.objects.active()), key, today=today)


def _by_number(select: str) -> MetricOrder:
    sql = f"SELECT id, value FROM ({select} WHERE workspace_id = %(workspace)s) AS found"
    given = {"workspace": current_workspace_id()}
    return _ordered(*columns(f"{sql} WHERE value IS NOT NULL", given, "id value"))


def _by_weeks() -> MetricOrder:
    """By the change over the weeks that are drawn."""
    ((ids, ends),) = tenant_rows(RECENT)
    scores = np.frombuffer(ends or b"", SCORES).reshape(-1, 2).astype(np.int64)
    known = (scores != NONE).all(axis=1)
    return _ordered(_ids(ids)[known], scores[known, 0] - scores[known, 1])


def _by_text(select: str, **given: Any) -> MetricOrder:
    """Numbers by their size, then texts without regard to case."""
    found = tenant_rows(GROUPED.format(select=select), **given)
    groups = sorted(found, key=_place)
    ids = [_ids(packed) for _kind, _value, packed in groups]
    sizes = [len(each) for each in ids]
    codes = np.repeat(np.arange(len(groups)), sizes)
    return _ordered(np.concatenate([np.zeros(0, np.int64), *ids]), codes)


def _place(row: tuple[str, str, bytes]) -> tuple[int, Decimal, str, str]:
    kind, value, _ids = row
    if kind == "number":
        return 0, Decimal(value), "", ""
    return 1, Decimal(0), value.lower(), value


def _ids(packed: bytes | memoryview | None) -> Int64:
    return np.frombuffer(packed or b"", ">i8").astype(np.int64)


def _ordered(ids: Int64, values: Int64) -> MetricOrder:
    order = np.lexsort((ids, values))
    return MetricOrder(ids[order], (values[order] + ABOVE).astype(np.int32))
