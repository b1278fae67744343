"""The portfolio by band over weeks, by group on a day, and what its metrics say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.money import minor_digits
from scoring.analysis.accounts import KEPT_SECONDS, read_accounts
from scoring.analysis.averages import Average, read_averages
from scoring.analysis.choice import SHARED, Choice
from scoring.analysis.files import Table, number
from scoring.analysis.groups import BYS, By, read_groups
from scoring.analysis.heat import BY_METRIC
from scoring.analysis.shares import Spread, currencies_of, looks_of, spread, spreads
from scoring.analysis.standings import read_course, read_standings
from scoring.bands import BandLook
from scoring.engine.fixed import shown
from scoring.explorer.frequencies import weeks
from scoring.kept import kept
from scoring.models import Scorecard
from scoring.moves import Money
from scoring.stacked_chart import StackedChart, stacked_chart


@dataclass(frozen=True)
class OfBand:
    """`change` of the share since the first day, in percent, ten-thousandths."""

    band: BandLook
    accounts: int
    money: tuple[Money, ...]
    share: int
    change: int | None


@dataclass(frozen=True)
class OfGroup:
    name: str
    url: str
    spread: Spread
    bar: list[dict[str, Any]]
    mean: tuple[BandLook, int] | None


@dataclass(frozen=True)
class OfMetric:
    """`url` leads to the accounts where it fails most, `matrix_url` to the lowest of all."""

    average: Average
    mean: tuple[BandLook, int] | None
    url: str
    matrix_url: str


@dataclass(frozen=True)
class Counted:
    """What is counted over all accounts, apart from how it is shown. `sampled` are the accounts of
    which the weeks are, `measured` those of which the metrics are, of `accounts` in all."""

    looks: list[BandLook]
    weeks: list[Spread]
    first: Spread
    last: Spread
    groups: list[tuple[str, str, Spread]]
    groups_in_all: int
    averages: list[Average]
    currencies: list[str]
    accounts: int
    sampled: int
    measured: int


@dataclass(frozen=True)
class Distribution:
    """`currency` is that of the money which the shares are of, empty where they are of accounts."""

    counted: Counted
    chart: StackedChart
    labels: dict[str, str]
    bands: list[OfBand]
    mean: tuple[BandLook, int] | None
    mean_change: int | None
    by: By
    groups: list[OfGroup]
    metrics: list[OfMetric]
    currency: str

    @property
    def weeks(self) -> list[Spread]:
        return self.counted.weeks

    @property
    def last(self) -> Spread:
        return self.counted.last

    @property
    def currencies(self) -> list[str]:
        return self.counted.currencies

    @property
    def lowest(self) -> str:
        """The label of the lowest band."""
        return next(iter(self.labels.values()))


def read_distribution(
    choice: Choice,
    scorecard: Scorecard,
    *,
    people: Sequence[tuple[int, str]],
    workspace: Workspace,
) -> Distribution:
    by = _by(choice)
    name = (
        f"analysis:distribution:{scorecard.pk}:{scorecard.current_version.pk}:{choice.whose.token}"
    )
    found = kept(
        f"{name}:{choice.first}:{choice.last}:{by}:{get_language()}",
        lambda: _count(choice, scorecard, by, people, workspace.currency),
        seconds=KEPT_SECONDS,
        of_scores=True,
    )
    money = _currency(choice, found.currencies)
    matrix = reverse("matrix", args=[workspace.slug])
    return Distribution(
        counted=found,
        chart=_chart(choice, found.weeks, found.looks, money),
        labels={look.key: str(look.label) for look in found.looks},
        bands=_bands(found.looks, found.first, found.last, money),
        mean=scored(found.looks, found.last.mean),
        mean_change=_difference(found.first.mean, found.last.mean),
        by=by,
        groups=[_of_group(choice, by, found.looks, *group) for group in found.groups],
        metrics=[
            _of_metric(choice, scorecard, by, found.looks, each, matrix) for each in found.averages
        ],
        currency=money,
    )


def _count(
    choice: Choice,
    scorecard: Scorecard,
    by: By,
    people: Sequence[tuple[int, str]],
    currency: str,
) -> Counted:
    accounts, days = read_accounts(choice.whose), weeks(choice.first, choice.last)
    of, course = read_course(scorecard, accounts, days, today=choice.today)
    ends = course
    if len(of) < len(accounts):
        ends = read_standings(scorecard, accounts, [days[0], days[-1]], today=choice.today)
    groups = read_groups(by, accounts, people)
    averages = read_averages(
        scorecard,
        accounts,
        choice.last,
        today=choice.today,
        everybody=not choice.filtered,
        by=by,
        people=people,
    )
    last = len(ends.days) - 1
    return Counted(
        looks=looks_of(ends),
        weeks=spreads(course, of),
        first=spread(ends, accounts, 0),
        last=spread(ends, accounts, last),
        groups=[
            (group.key, group.name, spread(ends, accounts, last, among=group.members))
            for group in groups.listed
        ],
        groups_in_all=groups.total,
        averages=averages.rows,
        currencies=currencies_of(accounts, currency),
        accounts=len(accounts),
        sampled=len(of),
        measured=len(averages.accounts),
    )


def _by(choice: Choice) -> By:
    asked = choice.query.get("group", "")
    return next((by for by in BYS if by == asked), "stage")


def _currency(choice: Choice, currencies: Sequence[str]) -> str:
    asked = choice.query.get("money", "")
    return asked if asked in currencies else ""


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


def _chart(
    choice: Choice, told: Sequence[Spread], looks: Sequence[BandLook], money: str
) -> StackedChart:
    days = [each.day for each in told]
    urls = [choice.url(**{"from": [], "days": choice.days, "to": day}) for day in days]
    names = [f"tone-{look.tone}" for look in looks]
    return stacked_chart(days, [each.shares(money) for each in told], names, goal=None, urls=urls)


def _bands(looks: Sequence[BandLook], first: Spread, last: Spread, money: str) -> list[OfBand]:
    """The best first, those without a score last."""
    before, now = first.shares(money), last.shares(money)
    known = sum(before) > 0
    rows = [
        OfBand(look, n, sums, share, share - was if known else None)
        for look, n, sums, share, was in zip(
            looks, last.accounts, last.money, now, before, strict=True
        )
    ]
    return [*rows[-2::-1], rows[-1]]


def scored(looks: Sequence[BandLook], score: int | None) -> tuple[BandLook, int] | None:
    """A mean with the band that it lies in; `looks` end with the one of no score."""
    if score is None:
        return None
    rank = sum(shown(score) >= each.minimum for each in looks[1:-1])
    return looks[rank], score


def _of_group(
    choice: Choice, by: By, looks: Sequence[BandLook], key: str, name: str, last: Spread
) -> OfGroup:
    bar = [
        {"band": look, "count": count}
        for look, count in zip(looks[::-1], last.accounts[::-1], strict=True)
    ]
    url = choice.url(**{by: key}) if key else ""
    return OfGroup(name, url, last, [*bar[1:], bar[0]], scored(looks, last.mean))


def _of_metric(
    choice: Choice,
    scorecard: Scorecard,
    by: By,
    looks: Sequence[BandLook],
    average: Average,
    matrix: str,
) -> OfMetric:
    """The lowest first; the matrix is that of today."""
    names = {name: choice.query.getlist(name) for name in SHARED if choice.query.get(name)}
    names |= {"scorecard": [scorecard.key], "sort": [f"{BY_METRIC}{average.metric.key}"]}
    matrix_url = f"{matrix}?{urlencode(names, doseq=True)}"
    where = average.where
    url = ""
    if where is not None and where.key:
        url = f"{matrix}?{urlencode({**names, by: [where.key]}, doseq=True)}"
    return OfMetric(average, scored(looks, average.mean), url, matrix_url)


def switches(choice: Choice, found: Distribution) -> dict[str, list[dict[str, Any]]]:
    """What the shares are of, and by what the accounts are grouped."""
    shown_by = {"": _("Accounts")} | {
        each: _("Money in %(currency)s") % {"currency": each} for each in found.currencies
    }
    by = {"segment": _("Segment"), "owner": _("Owner"), "stage": _("Stage")}
    return {
        "shares": [
            {"label": label, "url": choice.url(money=key or []), "current": key == found.currency}
            for key, label in shown_by.items()
        ],
        "groups": [
            {"label": label, "url": choice.url(group=key) + "#groups", "current": key == found.by}
            for key, label in by.items()
        ],
    }


def tables(found: Distribution) -> list[Table]:
    """What the page shows, a table for each of its parts."""
    return [
        Table.of("weeks", _week_rows(found)),
        Table.of("metrics", _metric_rows(found)),
        Table.of("groups", _group_rows(found)),
    ]


def _week_rows(found: Distribution) -> Iterator[dict[str, Any]]:
    """A row for each week and band."""
    for week in found.weeks:
        shares = {currency: week.shares(currency) for currency in found.currencies}
        sums = {currency: week.amounts(currency) for currency in found.currencies}
        for place, label in enumerate(found.labels.values()):
            yield {
                "week_to": week.day,
                "band": label,
                "accounts": week.accounts[place],
                "accounts_percent": number(week.shares()[place]),
                **{f"money_{each}": _amount(sums[each][place], each) for each in sums},
                **{f"money_percent_{each}": number(of[place]) for each, of in shares.items()},
            }


def _metric_rows(found: Distribution) -> Iterator[dict[str, Any]]:
    for row in found.metrics:
        where = row.average.where
        yield {
            "metric": row.average.metric.metric.name,
            "accounts": row.average.count,
            "mean": number(row.average.mean),
            "lowest_band_percent": number(row.average.lowest),
            f"most_in_{found.by}": where.name if where else None,
            "lowest_band_percent_there": number(where.lowest) if where else None,
        }


def _group_rows(found: Distribution) -> Iterator[dict[str, Any]]:
    for group in found.groups:
        yield {
            found.by: group.name,
            "accounts": group.spread.total,
            "mean": number(group.spread.mean),
            **{str(part["band"].label): part["count"] for part in group.bar},
        }


def _amount(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-minor_digits(currency))
