"""The answer of a dry run: who would change band today, and with how much contract value."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from accounts.api.bodies import Body
from accounts.models import Workspace
from scoring import moves
from scoring.api.numbers import amount, decimal
from scoring.services.trial import Move, Trial, trial

SECONDS = 15
"""Of work in one request; a large portfolio takes several."""


class PublishQuery(Body, frozen=True, kw_only=True):
    """`dry_run` publishes nothing; `limit` and `offset` choose among its moves."""

    dry_run: bool = False
    limit: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 1000
    offset: Annotated[int, msgspec.Meta(ge=0)] = 0


class MoneyRow(msgspec.Struct):
    currency: str
    contract_value: str


class CellRow(msgspec.Struct):
    """The accounts that go from one band to another; `same` where it is the one they have."""

    before: str
    after: str
    direction: Literal["same", "better", "worse", "in", "out", "other"]
    accounts: int
    contract_values: list[MoneyRow]


class MoveRow(msgspec.Struct):
    account: str
    name: str
    before: str
    after: str
    score_before: str | None
    score_after: str | None
    contract_value: str | None
    currency: str


class Preview(msgspec.Struct):
    """What publishing would do today.

    Bands are keys, `unknown` without a score, `not_applicable` where the scorecard does not apply.
    `in` and `out`: an account gets a band or loses it. Contract values of different currencies are
    never added. Where `complete` is false, the portfolio is large: the same request again goes on,
    and what is told is of the first `done` accounts out of `total`. `next` is the `offset` of the
    moves that did not fit.
    """

    valid: bool
    complete: bool
    done: int
    total: int
    moved: int
    better: int
    worse: int
    at_stake: list[MoneyRow]
    matrix: list[CellRow]
    moves: list[MoveRow]
    next: int | None


def preview(
    *, workspace: Workspace, document: object, moment: datetime, wanted: PublishQuery
) -> Preview:
    """Raises InvalidInput for a bad document."""
    found = trial(workspace=workspace, document=document, moment=moment, seconds=SECONDS)
    matrix, end = found.matrix(), wanted.offset + wanted.limit
    return Preview(
        valid=True,
        complete=found.complete,
        done=found.done,
        total=found.total,
        moved=matrix.moved,
        better=matrix.totals.get("better", 0),
        worse=matrix.totals.get("worse", 0),
        at_stake=money_rows(matrix.at_stake),
        matrix=[cell_row(cell) for row in matrix.rows for cell in row.cells if cell.accounts],
        moves=_move_rows(found, wanted),
        next=end if end < matrix.moved else None,
    )


def cell_row(cell: moves.Cell) -> CellRow:
    return CellRow(
        before=cell.before.key,
        after=cell.after.key,
        direction=cell.kind,
        accounts=cell.accounts,
        contract_values=money_rows(cell.money),
    )


def money_rows(money: Sequence[moves.Money]) -> list[MoneyRow]:
    return [MoneyRow(each.currency, amount(each.minor, each.currency)) for each in money]


def _move_rows(found: Trial, wanted: PublishQuery) -> list[MoveRow]:
    return [_move_row(move) for move in found.moves(found.moving(), wanted.offset, wanted.limit)]


def _move_row(move: Move) -> MoveRow:
    account = move.account
    value = account.contract_value_cents
    return MoveRow(
        account=account.key,
        name=account.name,
        before=move.before.key,
        after=move.after.key,
        score_before=decimal(move.score_before),
        score_after=decimal(move.score_after),
        contract_value=None if value is None else amount(value, account.currency),
        currency=account.currency,
    )
