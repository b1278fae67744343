"""The portfolio by band over weeks, by group on a day, and what its metrics say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.spreadsheets import csv_text
from scoring.analysis.accounts import Accounts
from scoring.analysis.averages import Average, read_averages
from scoring.analysis.choice import Choice
from scoring.analysis.groups import BYS, By, Groups, read_groups
from scoring.analysis.shares import Spread, currencies_of, looks_of, spread, spreads
from scoring.analysis.standings import Standings, read_standings
from scoring.bands import BandLook
from scoring.engine.fixed import shown, to_decimal_string
from scoring.explorer.frequencies import weeks
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
    average: Average
    mean: tuple[BandLook, int] | None


@dataclass(frozen=True)
class Distribution:
    """`currency` is that of the money which the shares are of, empty where they are of accounts.

    The weeks are those of the sample, the last day and its comparison are of all.
    """

    accounts: Accounts
    weeks: list[Spread]
    chart: StackedChart
    labels: dict[str, str]
    bands: list[OfBand]
    last: Spread
    mean: tuple[BandLook, int] | None
    mean_change: int | None
    by: By
    groups: list[OfGroup]
    groups_in_all: int
    metrics: list[OfMetric]
    currency: str
    currencies: list[str]

    @property
    def lowest(self) -> str:
        """The label of the lowest band."""
        return next(iter(self.labels.values()))


def read_distribution(
    choice: Choice,
    scorecard: Scorecard,
    accounts: Accounts,
    *,
    people: Sequence[tuple[int, str]],
    currency: str,
) -> Distribution:
    few, days = accounts.sample, weeks(choice.first, choice.last)
    course = read_standings(scorecard, few, days, today=choice.today)
    ends = read_standings(scorecard, accounts, [days[0], days[-1]], today=choice.today)
    looks, told = looks_of(ends), spreads(course, few)
    first, last = spreads(ends, accounts)
    currencies = currencies_of(accounts, currency)
    money = _currency(choice, currencies)
    groups = read_groups(_by(choice), accounts, people)
    averages = read_averages(
        scorecard,
        accounts,
        choice.last,
        today=choice.today,
        everybody=not choice.filtered,
        by=groups.by,
        people=people,
    )
    return Distribution(
        accounts=accounts,
        weeks=told,
        chart=_chart(choice, told, looks, money),
        labels={look.key: str(look.label) for look in looks},
        bands=_bands(looks, first, last, money),
        last=last,
        mean=scored(looks, last.mean),
        mean_change=_difference(first.mean, last.mean),
        by=groups.by,
        groups=_of_groups(choice, groups, ends, accounts, looks),
        groups_in_all=groups.total,
        metrics=[OfMetric(each, scored(looks, each.mean)) for each in averages],
        currency=money,
        currencies=currencies,
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


def _of_groups(
    choice: Choice,
    groups: Groups,
    ends: Standings,
    accounts: Accounts,
    looks: Sequence[BandLook],
) -> list[OfGroup]:
    found = []
    for group in groups.listed:
        last = spread(ends, accounts, 1, among=group.members)
        bar = [
            {"band": look, "count": count}
            for look, count in zip(looks[::-1], last.accounts[::-1], strict=True)
        ]
        url = choice.url(**{groups.by: group.key}) if group.key else ""
        best_first = [*bar[1:], bar[0]]
        found.append(OfGroup(group.name, url, last, best_first, scored(looks, last.mean)))
    return found


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


def weeks_text(found: Distribution) -> str:
    """A row for each week and band."""
    return csv_text(
        {
            "week_to": week.day,
            "band": label,
            "accounts": week.accounts[place],
            "accounts_percent": to_decimal_string(week.shares()[place]),
            **{
                f"money_percent_{currency}": to_decimal_string(week.shares(currency)[place])
                for currency in found.currencies
            },
        }
        for week in found.weeks
        for place, label in enumerate(found.labels.values())
    )
