"""The table of the list: its head and its rows as markup, so that no cell costs a template."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from scoring.portfolio import markup
from scoring.portfolio.choice import Choice
from scoring.portfolio.columns import DEFAULT, ListColumn, renamed
from scoring.portfolio.rows import Row

LEFT_OUT = {"stage": "hide-m", "owner": "hide-m"}
"""Where the screen is narrow, unless the columns were chosen."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """`cells` holds what stands in each column, `markup` the whole of the row."""

    id: int
    key: str
    name: str
    cells: dict[str, str]
    markup: SafeString


class Opened(NamedTuple):
    """A column with the opening tag of its cells."""

    key: str
    tag: str
    cell: Callable[[Row], str]


@dataclass(frozen=True, slots=True)
class Table:
    """`head` holds the heads of the columns without their `<tr>`."""

    head: SafeString
    rows: list[TableRow]

    @property
    def body(self) -> SafeString:
        return mark_safe("\n".join(row.markup for row in self.rows))  # noqa: S308  markup it is


def table(
    rows: Iterable[Row],
    columns: Sequence[ListColumn],
    choice: Choice,
    trend_days: int | None,
    *,
    pick: bool,
) -> Table:
    """With `pick` rows can be selected, for the form of the id "bulk"."""
    if trend_days:
        columns = renamed(columns, "change", markup.days(trend_days))
    usual = choice.columns == DEFAULT
    classes = [_class(column, usual) for column in columns]
    heads = [_head(choice, "name", _("Account"), "account", descends=False)]
    heads += [
        _head(choice, column.key, str(column.label), css, descends=column.descending)
        for column, css in zip(columns, classes, strict=True)
    ]
    opened = [
        Opened(column.key, f'<td class="{css}"{_label(column, usual)}>', column.cell)
        for column, css in zip(columns, classes, strict=True)
    ]
    selecting = _("Select %(name)s") if pick else ""
    return Table(
        mark_safe("".join(heads)),  # noqa: S308  escaped where it was made
        [_row(row, opened, usual=usual, pick=selecting) for row in rows],
    )


def _class(column: ListColumn, usual: bool) -> str:
    return f"{column.css} {LEFT_OUT.get(column.key, '') if usual else ''}".strip()


def _label(column: ListColumn, usual: bool) -> str:
    """What a phone says before it, where the rows are cards."""
    return "" if column.key in DEFAULT and usual else f' data-label="{escape(str(column.label))}"'


def _row(row: Row, opened: Sequence[Opened], *, usual: bool, pick: str) -> TableRow:
    told = {of.key: of.cell(row) for of in opened}
    beside = _who(row) if usual else ""
    text = (
        f'<tr class="linked">{_pick(row, pick)}<th scope="row" class="account"><a class="row-link" href="{escape(row.url)}">'
        f"{escape(row.line.name)}</a>{beside}</th>"
    )
    text += "".join(f"{of.tag}{told[of.key]}</td>" for of in opened) + "</tr>"
    return TableRow(row.line.id, row.line.key, row.line.name, told, mark_safe(text))  # noqa: S308


def _pick(row: Row, pick: str) -> str:
    if not pick:
        return ""
    label = escape(pick % {"name": row.line.name})
    return (
        f'<td class="pick"><input type="checkbox" name="account" value="{row.line.id}" form="bulk" '
        f'class="above" data-pick aria-label="{label}"></td>'
    )


def _who(row: Row) -> str:
    return f'<span class="sub only-m">{escape(who(row))}</span>'


def who(row: Row) -> str:
    """Stage and owner, where their columns have no place."""
    owner = _("mine") if row.mine else row.line.owner or ""
    return " · ".join(filter(None, (row.line.stage, owner)))


def _head(choice: Choice, key: str, label: str, css: str, *, descends: bool) -> str:
    first, second = (f"-{key}", key) if descends else (key, f"-{key}")
    current = choice.wanted.sort
    following = second if current == first else first
    state = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
    return markup.sort_head(
        label,
        css,
        choice.url(sort=following),
        state,
        descends=following.startswith("-"),
    )
