"""The portfolio as a whole: by band, by group, by metric, and who moved between two days."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec
import numpy as np
from django.utils import timezone
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, query
from accounts.api.schema import documented
from accounts.api.views import ApiView
from scoring.analysis.accounts import Accounts, read_accounts
from scoring.analysis.averages import Average, read_averages
from scoring.analysis.choice import Whose, most_used
from scoring.analysis.groups import read_groups
from scoring.analysis.menus import counted
from scoring.analysis.moved_rows import MovedRow, moved_rows
from scoring.analysis.movers import KINDS, Movers, read_movers
from scoring.analysis.movers_page import order
from scoring.analysis.shares import Spread, looks_of, spread
from scoring.analysis.standings import Standings, read_standings
from scoring.api.days import check_days
from scoring.api.health import TAG, scorecard_of
from scoring.api.numbers import amount, decimal
from scoring.api.previews import CellRow, MoneyRow, cell_row, money_rows
from scoring.engine.fixed import HUNDRED, SCALE, divide_half_up
from scoring.models import Scorecard
from scoring.portfolio.summary import Cell, owners

MOVED = 25
USUAL = timedelta(days=7)
MOST_GROUPS = 1_000


class PortfolioQuery(Body, frozen=True, kw_only=True):
    scorecard: str | None = None
    as_of: date | None = None
    from_: date | None = msgspec.field(name="from", default=None)
    group_by: Literal["segment", "owner", "stage"] | None = None


class BandRow(msgspec.Struct):
    """`unknown` are those without a score."""

    band: str
    accounts: int
    contract_values: list[MoneyRow]


class GroupRow(msgspec.Struct):
    """`key` is a segment's key, an owner's id ("none": nobody) or a stage, which may be empty."""

    key: str
    name: str
    accounts: int
    mean: str | None
    distribution: list[BandRow]


class MetricMeanRow(msgspec.Struct):
    """`mean` over the `accounts` in whose score the metric counts, `lowest_band` the part of those
    that are in the lowest band."""

    key: str
    name: str
    accounts: int
    mean: str | None
    lowest_band: str | None


class MoverRow(msgspec.Struct):
    account: str
    name: str
    before: str
    after: str
    score_before: str | None
    score_after: str | None
    change: str | None
    sentence: str
    contract_value: str | None
    currency: str


class MoversRow(msgspec.Struct):
    """`flows` from band to band; of each other list the greatest moves."""

    from_: date = msgspec.field(name="from")
    to: date
    flows: list[CellRow]
    declined: list[MoverRow]
    improved: list[MoverRow]
    new: list[MoverRow]
    gone: list[MoverRow]


class PortfolioRow(msgspec.Struct):
    """`metrics_of` are the accounts that the metrics are told from: of a past day of over 5,000 as
    many, evenly chosen; their means are of all where a run has summarized the day."""

    scorecard: str
    as_of: date
    accounts: int
    mean: str | None
    distribution: list[BandRow]
    groups: list[GroupRow]
    metrics_of: int
    metrics: list[MetricMeanRow]
    movers: MoversRow


class PortfolioView(ApiView):
    scopes = {"GET": "read"}

    @documented(
        "The portfolio on a day",
        description="Of one scorecard, without a name the one that is primary for most accounts: how "
        "many accounts and how much contract value are in each band, the means of the score and of "
        "every metric, the one that fails most first, and who moved since `from` (a week before). With "
        "`group_by` each segment, owner or stage, too. Contract values, owners, stages and segments "
        "are those of today. Today counts what was said of yesterday until today is evaluated.",
        query=PortfolioQuery,
        answer=PortfolioRow,
        tag=TAG,
    )
    def get(self, request: Request) -> Response:
        wanted = query(request, PortfolioQuery)
        today = self.workspace().day_of(timezone.now())
        last = wanted.as_of or today
        first, last = check_days(wanted.from_ or last - USUAL, last, today, to="as_of")
        cells = counted(self.workspace(), today)
        card = scorecard_of(wanted.scorecard) or most_used(list(Scorecard.objects.active()), cells)
        if card is None:
            raise NotFound
        return Response(portfolio_row(wanted, card, cells, (first, last), today))


def portfolio_row(
    wanted: PortfolioQuery,
    card: Scorecard,
    cells: Sequence[Cell],
    days: tuple[date, date],
    today: date,
) -> PortfolioRow:
    accounts = read_accounts(Whose())
    ends = read_standings(card, accounts, days, today=today)
    whole = spread(ends, accounts, 1)
    averages = read_averages(card, accounts, days[1], today=today, everybody=True)
    return PortfolioRow(
        scorecard=card.key,
        as_of=days[1],
        accounts=whole.total,
        mean=decimal(whole.mean),
        distribution=_bands(ends, whole),
        groups=_groups(wanted, ends, accounts, cells),
        metrics_of=len(averages.accounts),
        metrics=[_metric(average) for average in averages.rows],
        movers=_movers(read_movers(card, accounts, *days, today=today)),
    )


def _bands(ends: Standings, told: Spread) -> list[BandRow]:
    """The lowest first."""
    looks = looks_of(ends)
    return [
        BandRow(look.key, count, money_rows(sums))
        for look, count, sums in zip(looks, told.accounts, told.money, strict=True)
    ]


def _groups(
    wanted: PortfolioQuery, ends: Standings, accounts: Accounts, cells: Sequence[Cell]
) -> list[GroupRow]:
    if wanted.group_by is None:
        return []
    groups = read_groups(wanted.group_by, accounts, owners(cells), most=MOST_GROUPS)
    found = []
    for group in groups.listed:
        told = spread(ends, accounts, 1, among=group.members)
        bands = _bands(ends, told)
        found.append(GroupRow(group.key, group.name, told.total, decimal(told.mean), bands))
    return found


def _metric(average: Average) -> MetricMeanRow:
    lowest = average.lowest
    return MetricMeanRow(
        key=average.metric.key,
        name=average.metric.metric.name,
        accounts=average.count,
        mean=decimal(average.mean),
        lowest_band=None if lowest is None else decimal(divide_half_up(lowest, HUNDRED // SCALE)),
    )


def _movers(found: Movers) -> MoversRow:
    places = {kind: order(found, kind, found.of_kind(kind))[:MOVED] for kind in KINDS}
    rows = moved_rows(found, np.concatenate(list(places.values())))
    by_id = {row.account.pk: _mover(row) for row in rows}
    first, last = found.standings.days
    flows = (cell for row in found.matrix.rows for cell in row.cells if cell.accounts)
    return MoversRow(
        from_=first,
        to=last,
        flows=[cell_row(cell) for cell in flows],
        **{
            kind: [by_id[pk] for pk in found.accounts.ids[few].tolist() if pk in by_id]
            for kind, few in places.items()
        },
    )


def _mover(row: MovedRow) -> MoverRow:
    account = row.account
    value = account.contract_value_cents
    return MoverRow(
        account=account.key,
        name=account.name,
        before=row.before.key,
        after=row.after.key,
        score_before=decimal(row.score_before),
        score_after=decimal(row.score_after),
        change=decimal(row.change),
        sentence=row.why,
        contract_value=None if value is None else amount(value, account.currency),
        currency=account.currency,
    )
