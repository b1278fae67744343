"""The matrix as a file: every account that the filters let through, the means as its last row."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.analysis.files import Rows, Table, number
from scoring.analysis.heat import Foot, Heat, HeatRow, read_foot, read_heat
from scoring.models import Scorecard
from scoring.portfolio.pages import BATCH, batch
from scoring.portfolio.wanted import Wanted


@dataclass(frozen=True)
class Asked:
    scorecard: Scorecard
    wanted: Wanted
    workspace: Workspace
    today: date
    language: str


def heat_table(asked: Asked) -> Table:
    names = [column.name for column in _read(asked, []).columns]
    head = [_("Account"), _("Key"), _("Health"), _("Band"), *names]
    return Table("matrix", head, lambda: _batches(asked))


def _read(asked: Asked, lines: list[Any]) -> Heat:
    return read_heat(
        asked.scorecard, lines, workspace=asked.workspace, today=asked.today, settable=False
    )


def _batches(asked: Asked) -> Iterator[Rows]:
    """An answer is sent after the request's scope has closed, so each batch opens its own."""
    after = None
    while True:
        with scope(asked.workspace.pk), translation.override(asked.language):
            lines = batch(asked.wanted, after=after)
            heat = _read(asked, lines)
            rows = [_row(row) for row in heat.rows]
            if len(lines) < BATCH:
                rows.append(
                    _means(read_foot(asked.scorecard, asked.wanted, heat, today=asked.today))
                )
        yield rows
        if len(lines) < BATCH:
            return
        after = lines[-1].cursor


def _row(row: HeatRow) -> list[Any]:
    line = row.line
    band = str(row.band.label) if line.version_id else None
    scores = [number(cell.score) for cell in row.cells]
    return [line.name, line.key, number(line.score), band, *scores]


def _means(foot: Foot) -> list[Any]:
    means = [None if mean is None else number(mean[1]) for mean in (foot.mean, *foot.means)]
    band = str(foot.mean[0].label) if foot.mean else None
    return [_("Mean"), None, means[0], band, *means[1:]]
