"""The leaderboards of an account's users: what their page's address asks for, and its rows."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, get_args

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import Account
from accounts.spreadsheets import csv_text
from accounts.tenancy import scope
from scoring.addresses import cleaned
from scoring.explorer.period import Dated, read_days
from usage.api.leaderboards import cursor_of, place_of
from usage.leaderboards import BEGINNING, Kind, Order, Place, UserUse, column_of, user_leaderboard

PERIODS = (7, 30, 90)
USUAL = 30
PAGE = 50
BATCH = 1000
COLUMNS = (
    "user",
    "name",
    "active_days",
    "active_days_before",
    "logins",
    "minutes",
    "features",
    "first_seen_on",
    "last_seen_on",
)


@dataclass(frozen=True)
class Board(Dated):
    """The days before are as many as those that are shown, just before them."""

    kind: Kind
    order: Order

    @property
    def column(self) -> str:
        return column_of(self.kind, self.order)

    @property
    def kinds(self) -> list[dict[str, Any]]:
        names = {"top": _("Most active"), "new": _("New"), "lost": _("Lost")}
        return [
            {
                "label": name,
                "url": self.url(kind=[] if kind == "top" else kind, sort=[]),
                "current": kind == self.kind,
                "count": "",
            }
            for kind, name in names.items()
        ]

    @property
    def orders(self) -> dict[str, dict[str, Any]]:
        """Each the address that sorts by it, and whether that is the order."""
        return {
            order: {
                "url": self.url(sort=[] if order == "active_days" else order),
                "current": self.column == order,
            }
            for order in get_args(Order)
        }


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[UserUse]
    first_url: str
    next_url: str
    most: int
    """Active days of the most active of the page: the length of a whole bar."""


def read_board(query: QueryDict, *, today: date) -> Board:
    given = cleaned(query)
    first, last = read_days(given, today=today, usual=USUAL)
    kind, order = given.get("kind", ""), given.get("sort", "")
    return Board(
        query=given,
        today=today,
        first=first,
        last=last,
        lengths=PERIODS,
        kind=next((k for k in get_args(Kind) if k == kind), "top"),
        order=next((o for o in get_args(Order) if o == order), "active_days"),
    )


def read_users(board: Board, account: Account) -> Page:
    after = place_after(board.query.get("after", ""), board.column)
    found = _users(board, account.pk, PAGE + 1, after)
    rows = found[:PAGE]
    return Page(
        rows=rows,
        first_url=board.url() if after != BEGINNING else "",
        next_url=board.url(after=_cursor(rows[-1], board)) if len(found) > PAGE else "",
        most=max((getattr(row, _bar(board)) for row in rows), default=0),
    )


def _bar(board: Board) -> str:
    return "active_days_before" if board.kind == "lost" else "active_days"


def place_after(cursor: str, column: str) -> Place:
    """What is no place in this order counts as not asked."""
    try:
        return place_of(cursor, column)
    except InvalidInput:
        return BEGINNING


def users_lines(board: Board, account_id: int, workspace_id: int) -> Iterator[str]:
    """The answer is sent after the request's scope has closed, so each batch opens its own."""
    head = csv_text([], COLUMNS)
    yield head
    after: Place = BEGINNING
    while True:
        with scope(workspace_id):
            rows = _users(board, account_id, BATCH, after)
        cells = ({**asdict(row), "user": row.key} for row in rows)
        yield csv_text(cells, COLUMNS).removeprefix(head)
        if len(rows) < BATCH:
            return
        after = getattr(rows[-1], board.column), rows[-1].key


def _users(board: Board, account_id: int, limit: int, after: Place) -> list[UserUse]:
    return user_leaderboard(
        account_id=account_id,
        days=board.days,
        as_of=board.last,
        limit=limit,
        kind=board.kind,
        order=board.order,
        after=after,
    )


def _cursor(row: UserUse, board: Board) -> str:
    return cursor_of((getattr(row, board.column), row.key), board.column)
