"""A page of accounts against the metrics of a scorecard: their scores, with the means at the foot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse

from accounts.models import Workspace
from scoring import markup as shared
from scoring.analysis.accounts import KEPT_SECONDS
from scoring.analysis.averages import Scores, scores_of
from scoring.bands import BandLook, at, look
from scoring.engine.compiled import Compiled, CompiledMetric
from scoring.engine.fixed import NONE, Int32, divide_half_up
from scoring.engine.schemes import band_of
from scoring.kept import kept
from scoring.models import Scorecard
from scoring.portfolio.pages import Line
from scoring.portfolio.statement import matching
from scoring.portfolio.summary import band_of as band_of_line
from scoring.portfolio.summary import looks_of
from scoring.portfolio.wanted import DEFAULT_SORT, Wanted
from scoring.services.measurements import manual_metrics
from scoring.standings.metrics import read_metric_scores
from scoring.standings.order import metric_order
from scoring.standings.packed import spread_out
from scoring.versions import compiled
from usage.packed import columns

BY_METRIC = "metric:"
"""What an address names the order by a metric's score after."""
Mean = tuple[BandLook, int] | None
Counted = tuple[int, int | None, list[int | None]]


@dataclass(frozen=True, slots=True)
class HeatCell:
    """`score` is None where the metric does not count, `shown` its markup, made once for many cells;
    `url` leads to where it is set by hand on the account's page, `edit_url` to the form in place."""

    metric: str
    key: str
    band: BandLook | None
    score: int | None
    shown: str
    url: str
    edit_url: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """`band` is that of the account's health now, `health` its markup, empty without any."""

    line: Line
    url: str
    band: BandLook
    health: str
    cells: list[HeatCell]


@dataclass(frozen=True)
class HeatColumn:
    key: str
    name: str
    group: str
    by_hand: bool

    @property
    def sort(self) -> str:
        return f"{BY_METRIC}{self.key}"


@dataclass(frozen=True)
class Foot:
    """Means over all accounts that the filters let through, `accounts` of them."""

    accounts: int
    mean: Mean
    means: list[Mean]


@dataclass(frozen=True)
class Heat:
    scorecard: Scorecard
    columns: list[HeatColumn]
    rows: list[HeatRow]


def sorted_by_metric(wanted: Wanted, scorecard: Scorecard, sort: str, *, today: date) -> Wanted:
    """In the order that the address asks for, where it is one of this scorecard's metrics."""
    key = sort.removeprefix("-").removeprefix(BY_METRIC)
    if not sort.removeprefix("-").startswith(BY_METRIC):
        return wanted
    if key not in compiled(scorecard.current_version).metric_index:
        return replace(wanted, sort=DEFAULT_SORT, order=None)
    return replace(wanted, sort=sort, order=metric_order(scorecard, key, today=today))


def read_heat(
    scorecard: Scorecard,
    lines: Sequence[Line],
    *,
    workspace: Workspace,
    today: date,
    settable: bool,
    edit_query: str = "",
) -> Heat:
    """Cells lead to where they are set where somebody may."""
    found = scores_of(scorecard, [line.id for line in lines], today, today=today)
    by_hand = set(manual_metrics([scorecard]))
    return Heat(
        scorecard=scorecard,
        columns=[_column(metric, found.card, by_hand) for metric in found.card.metrics],
        rows=_rows(
            scorecard,
            lines,
            found,
            workspace=workspace,
            by_hand=by_hand if settable else (),
            edit_query=edit_query,
        ),
    )


def _column(metric: CompiledMetric, card: Compiled, by_hand: Collection[str]) -> HeatColumn:
    group = card.groups[metric.group].group if metric.group < len(card.groups) else None
    return HeatColumn(
        metric.key, metric.metric.name, group.name if group else "", metric.key in by_hand
    )


def _rows(
    scorecard: Scorecard,
    lines: Sequence[Line],
    found: Scores,
    *,
    workspace: Workspace,
    by_hand: Collection[str],
    edit_query: str,
) -> list[HeatRow]:
    metrics, looks = found.card.metrics, look(found.card.bands)
    healths, _windows = looks_of({line.version_id for line in lines if line.version_id})
    rows = []
    for line, scores, ranks in zip(lines, found.scores.tolist(), found.bands.tolist(), strict=True):
        url = reverse("account_scorecard", args=[workspace.slug, line.key])
        cells = []
        for metric, score, rank in zip(metrics, scores, ranks, strict=True):
            settable = metric.key in by_hand
            edit = ""
            if settable:
                edit = reverse("matrix_cell", args=[workspace.slug, metric.key, line.key])
            band = None if score == NONE else at(looks, rank)
            cells.append(
                HeatCell(
                    metric=metric.metric.name,
                    key=metric.key,
                    band=band,
                    score=None if score == NONE else score,
                    shown=_shown(band, score),
                    url=_setting(url, scorecard, metric.key) if settable else "",
                    edit_url=f"{edit}?{edit_query}" if settable else "",
                )
            )
        rows.append(_row(line, url, band_of_line(healths, line.version_id, line.band), cells))
    return rows


def _row(line: Line, url: str, band: BandLook, cells: list[HeatCell]) -> HeatRow:
    provisional = line.provisional
    told = shared.band(band, line.score, provisional=provisional, word=False)
    return HeatRow(line, url, band, told if line.version_id else "", cells)


def _shown(band: BandLook | None, score: int) -> str:
    return "" if band is None else shared.band(band, score, provisional=False, word=False)


def read_foot(scorecard: Scorecard, wanted: Wanted, heat: Heat, *, today: date) -> Foot:
    """Counted once a minute where that is slow, and whenever somebody has set a score."""
    keys = [column.key for column in heat.columns]

    def made() -> Counted:
        ids, health = columns(*matching(wanted), "id score")
        scores = read_metric_scores(scorecard, keys, today=today)
        order = np.argsort(ids)
        means = [_mean(spread_out(scores.of(key), scores.ids, ids[order])) for key in keys]
        return len(ids), _mean(health.astype(np.int32)), means

    plain = replace(wanted, sort=DEFAULT_SORT, order=None, attributes=(), details=False)
    name = f"analysis:means:{scorecard.pk}:{scorecard.current_version.pk}:{today}:{plain}"
    accounts, mean, means = kept(name, made, seconds=KEPT_SECONDS, of_scores=True)
    bands = compiled(scorecard.current_version).bands

    def placed(score: int | None) -> Mean:
        return None if score is None else (at(look(bands), band_of(score, bands)), score)

    return Foot(accounts, placed(mean), [placed(each) for each in means])


def _mean(scores: Int32) -> int | None:
    known = scores[scores != NONE].astype(np.int64)
    return divide_half_up(int(known.sum()), len(known)) if len(known) else None


def _setting(url: str, scorecard: Scorecard, metric: str) -> str:
    return f"{url}?{urlencode({'scorecard': scorecard.key, 'metric': metric})}"
