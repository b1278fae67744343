"""The rows of the portfolio's page, ready to be put into its template."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.money import minor_digits
from accounts.templatetags.ui import money, percent
from scoring.portfolio import markup
from scoring.portfolio.rows import Row

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class TableRow:
    """Texts and safe markup, each empty where there is nothing to say."""

    url: str
    name: str
    who: str
    band: str
    note: str
    change: str
    weeks: str
    reason: str
    contract: str
    renewal: str
    stage: str
    owner: str
    mine: bool


def table(rows: Iterable[Row], today: date) -> list[TableRow]:
    return [_row(row, today) for row in rows]


def _row(row: Row, today: date) -> TableRow:
    line = row.line
    owner = _("Me") if row.mine else line.owner or ""
    return TableRow(
        url=row.url,
        name=line.name,
        who=" · ".join(filter(None, (line.stage, _("mine") if row.mine else owner))),
        band=_band(row),
        note=_note(row),
        change="" if line.change is None else markup.delta(line.change),
        weeks=markup.sparkline(line.trend, row.band.tone) if line.trend else "",
        reason=row.reason,
        contract=_contract(row),
        renewal=markup.renewal(line.renewal_on, row.renewal, today) if line.renewal_on else "",
        stage=line.stage,
        owner=owner,
        mine=row.mine,
    )


def _band(row: Row) -> str:
    if not row.evaluated:
        return ""
    return markup.band(row.band, row.line.score, provisional=row.line.provisional)


def _note(row: Row) -> str:
    """What must stand beside a score, so that it is not taken for more than it is."""
    line = row.line
    notes = [_("set by hand")] if line.overridden else []
    notes += [_("held: data was lost")] if line.held else []
    if line.coverage is not None and line.coverage < WHOLE:
        share = {"share": percent(line.coverage)}
        provisional = _("provisional, %(share)s") % share
        notes.append(provisional if line.provisional else _("%(share)s covered") % share)
    return " · ".join(notes)


def _contract(row: Row) -> str:
    """In whole units; the file has the rest."""
    minor, unit = row.line.contract_value_cents, 10 ** minor_digits(row.line.currency)
    return "" if minor is None else money((minor + unit // 2) // unit * unit, row.line.currency)
