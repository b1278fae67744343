"""Accounts as arrays: who belongs to whom, and what their contracts are worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from accounts.tenancy import current_workspace_id, tenant_rows
from scoring.analysis.choice import Whose
from scoring.engine.fixed import Bools, Int64
from scoring.kept import kept
from scoring.moves import NO_VALUE, total
from usage.packed import columns, literal

KEPT_SECONDS = 60
SAMPLE = 5_000
"""Of more accounts, what is read of many days or of each metric is read of as many, evenly chosen."""

KINDS = """
SELECT stage, currency FROM accounts_account WHERE workspace_id = %(workspace)s GROUP BY 1, 2
"""
OF_TEAM = """id IN (SELECT id FROM accounts_account
    WHERE workspace_id = %(workspace)s AND owner_id = %(owner)s
    UNION SELECT account_id FROM accounts_teammember
    WHERE workspace_id = %(workspace)s AND user_id = %(owner)s)"""
CHOSEN = f"""
SELECT id, coalesce(owner_id, 0) AS owner, coalesce(contract_value_cents, {NO_VALUE}) AS value,
    coalesce(array_position(%(stages)s::text[], stage::text), 0) - 1 AS stage,
    coalesce(array_position(%(currencies)s::text[], currency::text), 0) - 1 AS currency
FROM accounts_account WHERE workspace_id = %(workspace)s {{conditions}} ORDER BY id
"""


@dataclass(frozen=True)
class Accounts:
    """An item for each account, by ascending id; stages and currencies are places in their lists,
    an owner of 0 is nobody, a value of NO_VALUE is not known."""

    token: str
    ids: Int64
    owner: Int64
    value: Int64
    stage: Int64
    currency: Int64
    stages: list[str]
    currencies: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def sampled(self) -> bool:
        return len(self) > SAMPLE

    @property
    def sample(self) -> "Accounts":
        """Itself where it is small; else evenly chosen by when the accounts were added."""
        if not self.sampled:
            return self
        places = np.linspace(0, len(self) - 1, SAMPLE).round().astype(np.int64)
        return self.chosen(places, "sample")

    def chosen(self, rows: Bools | Int64, name: str) -> "Accounts":
        return Accounts(
            f"{self.token}:{name}",
            self.ids[rows],
            self.owner[rows],
            self.value[rows],
            self.stage[rows],
            self.currency[rows],
            self.stages,
            self.currencies,
        )

    def money(self, which: Bools) -> Iterator[tuple[str, int]]:
        """Sums by currency."""
        known = which & (self.value != NO_VALUE)
        for place, currency in enumerate(self.currencies):
            mine = known & (self.currency == place)
            if mine.any():
                yield currency, total(self.value[mine])


def read_accounts(whose: Whose) -> Accounts:
    return kept(f"analysis:accounts:{whose.token}", lambda: _accounts(whose), seconds=KEPT_SECONDS)


def _accounts(whose: Whose) -> Accounts:
    kinds = tenant_rows(KINDS)
    stages = sorted({stage for stage, _currency in kinds})
    currencies = sorted({currency for _stage, currency in kinds})
    conditions, given = _conditions(whose)
    ids, owner, value, stage, currency = columns(
        CHOSEN.format(conditions="".join(f" AND {each}" for each in conditions)),
        {
            "workspace": current_workspace_id(),
            "stages": stages,
            "currencies": currencies,
            **given,
        },
        "id owner value stage currency",
    )
    return Accounts(whose.token, ids, owner, value, stage, currency, stages, currencies)


def _conditions(whose: Whose) -> tuple[list[str], dict[str, Any]]:
    conditions, given = [], dict[str, Any]()
    if whose.team:
        conditions.append(OF_TEAM)
        given["owner"] = whose.owner
    elif whose.owner is not None:
        conditions.append("owner_id = %(owner)s" if whose.owner else "owner_id IS NULL")
        given["owner"] = whose.owner
    if whose.stages:
        conditions.append("stage = ANY(%(wanted)s)")
        given["wanted"] = list(whose.stages)
    among = whose.among()
    if among is not None:
        conditions.append("id = ANY(%(among)s::bigint[])")
        given["among"] = literal(among)
    return conditions, given
