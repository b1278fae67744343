"""Adoption cohorts as a table whose cells are shaded by their value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.spreadsheets import csv_text
from scoring.engine.fixed import to_decimal_string
from scoring.explorer import texts
from scoring.explorer.choice import Choice
from scoring.explorer.groups import Group
from scoring.kept import kept
from scoring.menus import Menu, always
from scoring.wording import MEASURES
from usage.cohorts import MONTHS, Cohort, LifeMonth, cohorts
from usage.measures import MEASURES as MEASURED

SHADES = 5
USERS = "users"


@dataclass(frozen=True, slots=True)
class Cell:
    """`shade` from 0 to 4, None where nothing is known; a month that is not over is told apart."""

    text: str
    shade: int | None
    over: bool


@dataclass(frozen=True, slots=True)
class Row:
    month: date
    accounts: int
    cells: list[Cell | None]


@dataclass(frozen=True, slots=True)
class CohortTable:
    title: str
    numbers: range
    rows: list[Row]
    menus: list[Menu]
    cohorts: list[Cohort]
    estimated: bool


def read_cohorts(choice: Choice, group: Group) -> CohortTable:
    """Of users per account, unless the address asks for a measure; a large group by its sample."""
    measured = "measure" in choice.query
    measure = choice.measure if measured else None

    def made() -> list[Cohort]:
        return cohorts(account_ids=group.sample.ids.tolist(), as_of=choice.last, measure=measure)

    name = f"usage:cohorts:{group.token}:{len(group)}:{choice.last}:{measure}"
    found = [each for each in kept(name, made, seconds=group.kept_seconds) if each.accounts]
    most = max((value(month, measured) or 0 for each in found for month in each.life), default=0)
    return CohortTable(
        title=texts.title(choice.measure) if measured else _("Active users per account"),
        numbers=range(MONTHS),
        rows=[_row(choice, each, measured, most) for each in found],
        menus=[_menu(choice, measured)],
        cohorts=found,
        estimated=group.sampled,
    )


def value(month: LifeMonth, measured: bool) -> int | None:
    return month.mean if measured else month.users_per_account


def _row(choice: Choice, cohort: Cohort, measured: bool, most: int) -> Row:
    cells = [_cell(choice, month, measured, most) for month in cohort.life]
    blank: Sequence[Cell | None] = [None] * (MONTHS - len(cells))
    return Row(cohort.month, cohort.accounts, [*cells, *blank])


def _cell(choice: Choice, month: LifeMonth, measured: bool, most: int) -> Cell:
    number = value(month, measured)
    shade = None if number is None else min(SHADES - 1, SHADES * number // max(most, 1))
    text = texts.figure(choice.measure, number) if measured else texts.decimal(number)
    return Cell(text, shade, month.over)


def _menu(choice: Choice, measured: bool) -> Menu:
    names = [(key, MEASURES[key]) for key in MEASURES if key in MEASURED]
    options = [(USERS, _("Active users per account in the month")), *names]
    chosen = choice.measure.measure if measured else USERS
    menu = always(choice, "measure", _("Show"), options, chosen)
    menu["options"][0]["url"] = choice.url(measure=[])
    return menu


def cohorts_text(table: CohortTable, measured: bool) -> str:
    """A row for each cohort and month of its life."""
    rows = []
    for cohort in table.cohorts:
        for month in cohort.life:
            number = value(month, measured)
            rows.append(
                {
                    "began": cohort.month.isoformat()[:7],
                    "accounts": cohort.accounts,
                    "month": month.number,
                    "over": month.over,
                    "active_users": month.active_users,
                    "value": None if number is None else to_decimal_string(number),
                }
            )
    return csv_text(rows)
