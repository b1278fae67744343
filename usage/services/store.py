"""How events reach PostgreSQL: lists of names and tables of numbers, in one call of a function.

COPY into a protected table is refused; an array literal is a quarter of what ARRAY[…] costs.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, pairwise
from typing import Any

import msgspec
from django.db import connection, transaction

from accounts.models import Workspace
from accounts.models.workspace import UnknownAccounts
from accounts.tenancy import tenant_rows
from usage.days import DAY, month_of
from usage.events import Event, Source
from usage.packed import literal
from usage.services.batch import FIRST_DAY, Batch, Summed

CONTROL = re.compile(r"[\x00-\x1f]")
BRACES = bytes.maketrans(b"[]", b"{}")

_partitions: set[date] = set()
"""The months that are known to have a partition."""

STORE = """
SELECT unknown, fresh, touched FROM usage_store_events(
    %(workspace)s, %(moment)s, %(key)s, %(name)s, %(duplicates)s, %(rejected)s, %(currency)s,
    %(create)s, %(mark)s, %(taken)s,
    %(ids)s, %(ats)s, %(rows)s, %(notes)s, %(types)s, %(features)s, %(accounts)s, %(began)s,
    %(users)s, %(seen)s, %(days)s, %(day_sums)s, %(day_features)s, %(day_uses)s,
    %(months)s, %(month_sums)s, %(month_features)s)
"""

COUNT = """
SELECT usage_count_intake(%(workspace)s, %(key)s, %(name)s, %(moment)s, %(accepted)s, %(duplicates)s,
    %(rejected)s)
"""


@dataclass(frozen=True)
class Stored:
    """`unknown` are the accounts that the workspace wants rejected, `touched` days by account."""

    accepted: int
    unknown: frozenset[str]
    touched: dict[int, date]


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


def numbers(rows: Iterable[object]) -> str:
    """Numbers, or equally long rows of them, as an array's text."""
    return msgspec.json.encode(list(rows)).translate(BRACES).decode()


@dataclass(frozen=True)
class Intake:
    """What is the same for every part of what one request sent."""

    workspace: Workspace
    source: Source
    moment: datetime
    mark: bool

    def store(self, batch: Batch, notes: list[str | None], **counts: Any) -> list[Any]:
        (answer,) = tenant_rows(
            STORE,
            **counts,
            moment=self.moment,
            key=self.source.api_key_id,
            name=self.source.name,
            currency=self.workspace.currency,
            create=self.workspace.unknown_accounts == UnknownAccounts.CREATE,
            mark=self.mark,
            ids=texts(batch.ids),
            ats=numbers(batch.ats),
            rows=numbers(batch.rows),
            notes=texts(notes) if any(notes) else "{}",
            types=texts(batch.types),
            features=texts(batch.features),
            accounts=texts(batch.accounts),
            began=numbers(batch.began[place] for place in batch.accounts.values()),
            users=texts(key for _account, key in batch.users),
            seen=numbers(
                (account, seen.first, seen.last, seen.login)
                for (account, _key), seen in zip(batch.users, batch.seen.values(), strict=True)
            ),
            **account_days(batch.account_days),
            **user_months(batch.user_months),
        )
        return list(answer)

    def count(self, **counts: int) -> None:
        tenant_rows(
            COUNT,
            **counts,
            moment=self.moment,
            key=self.source.api_key_id,
            name=self.source.name,
        )


def account_days(summed: Summed) -> dict[str, str]:
    features = used(summed)
    return {
        "days": numbers((*key, *span) for key, span in zip(summed, spans(summed), strict=True)),
        "day_sums": numbers(
            (sums.events, sums.logins, sums.sessions, sums.seconds, sums.uses)
            for sums in summed.values()
        ),
        "day_features": numbers((row, feature) for row, feature, _uses in features),
        "day_uses": numbers(uses for _row, _feature, uses in features),
    }


def user_months(summed: Summed) -> dict[str, str]:
    return {
        "months": numbers(
            (*key, *span, sums.active_days, sums.login_days)
            for (key, sums), span in zip(summed.items(), spans(summed), strict=True)
        ),
        "month_sums": numbers((sums.logins, sums.uses, sums.seconds) for sums in summed.values()),
        "month_features": numbers(used(summed)),
    }


def used(summed: Summed) -> list[tuple[int, int, int]]:
    """(row, feature, number) of every row, one row after the other."""
    return [
        (row, *used)
        for row, sums in enumerate(summed.values(), start=1)
        for used in sums.features.items()
    ]


def spans(summed: Summed) -> Iterator[tuple[int, int]]:
    """The first and the last place of each row in `used`."""
    ends = accumulate((len(sums.features) for sums in summed.values()), initial=0)
    return ((before + 1, end) for before, end in pairwise(ends))


def store_events(
    *,
    workspace: Workspace,
    events: Sequence[Event],
    rejected: int,
    source: Source,
    moment: datetime,
    mark: bool,
) -> Stored:
    """Each event that was never seen before is stored and counted, in the open scope; `rejected`
    are counted beside them."""
    intake = Intake(workspace, source, moment, mark)
    left, unknown, duplicates, taken = events, frozenset[str](), 0, False
    while left:
        batch = Batch(left, workspace.zone)
        ensure_partitions(batch.days.months, moment=moment)
        strangers, fresh, touched = intake.store(
            batch, [*map(properties, left)], duplicates=duplicates, rejected=rejected, taken=taken
        )
        if strangers:
            unknown = frozenset(strangers)
            known = [event for event in left if event.account not in unknown]
            rejected += len(left) - len(known)
            left = known
        elif fresh is not None:
            new = first_of_each(left, set(fresh))
            duplicates, taken, left = len(left) - len(new), True, new
        else:
            began = map(day_of, map(batch.began.__getitem__, batch.accounts.values()))
            return Stored(len(left), unknown, dict(zip(touched, began, strict=True)))
    intake.count(accepted=0, duplicates=duplicates, rejected=rejected)
    return Stored(0, unknown, {})


def first_of_each(events: Sequence[Event], wanted: set[str]) -> list[Event]:
    """The first event of each wanted id."""
    found = {event.event_id: event for event in reversed(events) if event.event_id in wanted}
    return [event for event in events if found.get(event.event_id) is event]


def day_of(number: int) -> date:
    return date.fromordinal(number + FIRST_DAY)


def properties(event: Event) -> str | None:
    return msgspec.json.encode(event.properties).decode() if event.properties else None


def has_partition(month: date, moment: datetime) -> bool:
    """A month before the last one may have been dropped since it was known."""
    return month in _partitions and month >= month_of(month_of(moment.date()) - DAY)


def ensure_partitions(months: set[date], *, moment: datetime) -> None:
    """Before any other lock is taken: whoever creates a month makes others wait for it."""
    missing = sorted(month for month in months if not has_partition(month, moment))
    if not missing:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT usage_ensure_partition(month::timestamp AT TIME ZONE 'UTC')"
            " FROM unnest(%s::date[]) AS month",
            [literal(missing)],
        )
    transaction.on_commit(lambda: _partitions.update(missing))
