"""The timeline of an account, a keyset page at a time, in one query each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from accounts.models import Account, Touchpoint, Workspace
from accounts.tenancy import tenant_rows
from scoring.timeline.entries import Entry, entry
from scoring.timeline.statement import statement
from scoring.timeline.wanted import Place, Wanted

PAGE = 30
FEW = 10


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    previous: Place | None
    following: Place | None


def page(
    workspace: Workspace,
    account: Account,
    wanted: Wanted,
    *,
    after: Place | None = None,
    before: Place | None = None,
    size: int = PAGE,
) -> Page:
    """The page that follows or precedes a place; the first where too few precede it."""
    if before is not None:
        found = _fetch(workspace, account, wanted, size + 1, before, backward=True)
        if len(found) >= size:
            entries = found[:size][::-1]
            previous = entries[0].place if len(found) > size else None
            return Page(entries, previous, entries[-1].place)
        after = None
    found = _fetch(workspace, account, wanted, size + 1, after)
    entries = found[:size]
    return Page(
        entries,
        entries[0].place if after and entries else None,
        entries[-1].place if len(found) > size else None,
    )


def newest(
    workspace: Workspace, account: Account, *, last: date, scorecard_id: int | None
) -> list[Entry]:
    """Of the scorecards only the one that is shown is told of, where there is one."""
    wanted = Wanted(account_id=account.pk, last=last, scorecard_id=scorecard_id)
    return page(workspace, account, wanted, size=FEW).entries


def entry_of(workspace: Workspace, touchpoint: Touchpoint) -> Entry:
    wanted = Wanted(
        account_id=touchpoint.account_id,
        last=touchpoint.happened_on,
        touchpoint_id=touchpoint.pk,
    )
    (found,) = _fetch(workspace, touchpoint.account, wanted, 1)
    return found


def _fetch(
    workspace: Workspace,
    account: Account,
    wanted: Wanted,
    limit: int,
    place: Place | None = None,
    *,
    backward: bool = False,
) -> list[Entry]:
    sql, parameters = statement(wanted, workspace.time_zone, limit, place, backward=backward)
    return [_entry(account, row) for row in tenant_rows(sql, **parameters)]


def _entry(account: Account, row: tuple[Any, ...]) -> Entry:
    day, rank, pk, kind, told = row
    return entry(account, Place(day, rank, pk), kind, msgspec.json.decode(told))
