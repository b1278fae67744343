"""A page of accounts against the metrics of a scorecard: their scores, with the means at the foot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Workspace
from scoring.analysis.accounts import KEPT_SECONDS, read_accounts
from scoring.analysis.averages import read_averages, scores_of
from scoring.analysis.choice import Whose
from scoring.analysis.shares import spread
from scoring.analysis.standings import read_standings
from scoring.bands import BandLook, at, look
from scoring.engine.fixed import NONE
from scoring.engine.schemes import band_of
from scoring.kept import kept
from scoring.models import Scorecard
from scoring.portfolio.pages import Line
from scoring.portfolio.summary import band_of as band_of_line
from scoring.portfolio.summary import looks_of
from scoring.services.measurements import manual_metrics

Mean = tuple[BandLook, int] | None


@dataclass(frozen=True, slots=True)
class HeatCell:
    """`score` is None where the metric does not count; `url` leads to where it is set by hand."""

    metric: str
    band: BandLook | None
    score: int | None
    url: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """`band` is that of the account's health now."""

    line: Line
    url: str
    band: BandLook
    cells: list[HeatCell]


@dataclass(frozen=True)
class Heat:
    """The means are over all accounts that the scorecard measures."""

    names: list[str]
    rows: list[HeatRow]
    mean: Mean
    means: list[Mean]


def read_heat(
    scorecard: Scorecard,
    lines: Sequence[Line],
    *,
    workspace: Workspace,
    today: date,
    settable: bool,
) -> Heat:
    found = scores_of(scorecard, [line.id for line in lines], today, today=today)
    metrics, bands = found.card.metrics, found.bands
    looks = look(found.card.bands)
    by_hand = set(manual_metrics([scorecard])) if settable else set[str]()
    healths, _windows = looks_of({line.version_id for line in lines if line.version_id})
    rows = []
    for line, scores, ranks in zip(lines, found.scores.tolist(), bands.tolist(), strict=True):
        url = reverse("account_scorecard", args=[workspace.slug, line.key])
        cells = [
            HeatCell(
                metric=metric.metric.name,
                band=None if score == NONE else at(looks, rank),
                score=None if score == NONE else score,
                url=_setting(url, scorecard, metric.key) if metric.key in by_hand else "",
            )
            for metric, score, rank in zip(metrics, scores, ranks, strict=True)
        ]
        rows.append(HeatRow(line, url, band_of_line(healths, line.version_id, line.band), cells))
    mean, by_key = _means(scorecard, today)
    means = [by_key.get(metric.key) for metric in metrics]

    def placed(score: int | None) -> Mean:
        return None if score is None else (at(looks, band_of(score, found.card.bands)), score)

    names = [metric.metric.name for metric in metrics]
    return Heat(names, rows, placed(mean), [placed(each) for each in means])


def _means(scorecard: Scorecard, today: date) -> tuple[int | None, dict[str, int | None]]:
    """Of the scorecard and by metric, over all accounts; counted once a minute where that is slow."""

    def made() -> tuple[int | None, dict[str, int | None]]:
        everybody = read_accounts(Whose())
        averages = read_averages(scorecard, everybody, today, today=today, everybody=True)
        standings = read_standings(scorecard, everybody, [today], today=today)
        by_metric = {average.metric.key: average.mean for average in averages}
        return spread(standings, everybody, 0).mean, by_metric

    name = f"analysis:means:{scorecard.pk}:{scorecard.current_version.pk}:{today}"
    return kept(name, made, seconds=KEPT_SECONDS)


def _setting(url: str, scorecard: Scorecard, metric: str) -> str:
    return f"{url}?{urlencode({'scorecard': scorecard.key, 'metric': metric})}"
