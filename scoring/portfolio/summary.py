"""The portfolio in numbers: counted once for all views, then told for everybody or one person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from accounts.tenancy import tenant_rows
from scoring.bands import UNKNOWN, BandLook, at, look
from scoring.kept import kept
from scoring.models import Evaluation
from scoring.portfolio.statement import OF_TEAM, WITH_HEALTH
from scoring.portfolio.wanted import FALL
from scoring.versions import compiled_versions

GOOD = {"good", "good-2", "accent"}
KEPT_SECONDS = 60

COUNT = f"""
WITH counted AS (
    SELECT a.owner_id, a.stage, h.version_id, h.band, count(*) AS n,
        sum(a.contract_value_cents) FILTER (WHERE a.currency = %(currency)s) AS money,
        count(*) FILTER (WHERE h.change <= -{FALL}) AS fallen,
        sum(a.contract_value_cents) FILTER (
            WHERE h.change <= -{FALL} AND a.currency = %(currency)s) AS fallen_money,
        count(*) FILTER (WHERE a.renewal_on BETWEEN %(today)s AND %(until)s) AS renewing,
        sum(a.contract_value_cents) FILTER (
            WHERE a.renewal_on BETWEEN %(today)s AND %(until)s AND a.currency = %(currency)s
        ) AS renewing_money,
        count(*) FILTER (WHERE h.flags & {Evaluation.PROVISIONAL} <> 0) AS provisional,
        count(*) FILTER (
            WHERE a.currency <> %(currency)s AND a.contract_value_cents > 0) AS foreign_money,
        max(h.day) AS day
    FROM {WITH_HEALTH} WHERE a.workspace_id = %(workspace)s{{whose}} GROUP BY 1, 2, 3, 4
)
SELECT counted.*, coalesce(nullif(u.name, ''), u.email)
FROM counted LEFT JOIN accounts_user u ON u.id = counted.owner_id
"""


class Cell(NamedTuple):
    """Accounts that share an owner, a stage and a band; money in minor units of the workspace's
    currency, that of other currencies is left out and counted in `foreign_money`."""

    owner_id: int | None
    stage: str
    version_id: int | None
    band: int | None
    n: int
    money: int | None
    fallen: int
    fallen_money: int | None
    renewing: int
    renewing_money: int | None
    provisional: int
    foreign_money: int
    day: date | None
    owner: str | None


@dataclass
class Some:
    """How many accounts, and their contract value."""

    count: int = 0
    money: int = 0

    def add(self, count: int, money: int | None) -> None:
        self.count += count
        self.money += int(money or 0)


@dataclass(frozen=True)
class OfBand:
    band: BandLook
    some: Some = field(default_factory=Some)


@dataclass
class Summary:
    """`bands` best first, unknown last; `renewing` only those below good."""

    bands: list[OfBand]
    trend_days: int | None
    all: Some = field(default_factory=Some)
    fallen: Some = field(default_factory=Some)
    renewing: Some = field(default_factory=Some)
    provisional: int = 0
    foreign_money: int = 0
    day: date | None = None

    @property
    def below_good(self) -> list[BandLook]:
        return [of.band for of in self.bands if below_good(of.band)]


def below_good(band: BandLook) -> bool:
    return band is not UNKNOWN and band.tone not in GOOD


def count_accounts(
    *, today: date, until: date, currency: str, team_of: int | None = None
) -> list[Cell]:
    """The workspace's cells, or those of a person's team; `until` is the last day of a near renewal.

    A large portfolio is counted once a minute, however many look at it; a small one every time.
    """
    given: dict[str, Any] = {"today": today, "until": until, "currency": currency}
    name = f"portfolio:{today}:{until}:{currency}"
    sql = COUNT.format(whose="")
    if team_of is not None:
        name, given["owner"] = f"{name}:team:{team_of}", team_of
        sql = COUNT.format(whose=f" AND {OF_TEAM}")
    rows = kept(name, lambda: tenant_rows(sql, **given), seconds=KEPT_SECONDS)
    return [Cell(*row) for row in rows]


def summarize(cells: Iterable[Cell]) -> Summary:
    found = list(cells)
    looks, windows = looks_of({cell.version_id for cell in found if cell.version_id})
    latest = {band.key: band for pk in sorted(looks) for band in looks[pk]}
    by_key = {key: OfBand(band) for key, band in latest.items()}
    nothing = OfBand(UNKNOWN)
    best_first = sorted(by_key.values(), key=lambda of: -of.band.minimum)
    summary = Summary([*best_first, nothing], windows.pop() if len(windows) == 1 else None)
    for cell in found:
        band = band_of(looks, cell.version_id, cell.band)
        _add(summary, cell, by_key.get(band.key, nothing))
    return summary


def band_of(
    looks: Mapping[int, Sequence[BandLook]], version_id: int | None, band: int | None
) -> BandLook:
    """Unknown where there is no evaluation, too."""
    return UNKNOWN if version_id is None or band is None else at(looks[version_id], band)


def looks_of(version_ids: set[int]) -> tuple[dict[int, tuple[BandLook, ...]], set[int]]:
    """The bands of versions, and their trend windows in days."""
    versions = compiled_versions(version_ids)
    looks = {pk: look(version.bands) for pk, version in versions.items()}
    return looks, {version.card.trend_days for version in versions.values()}


def _add(summary: Summary, cell: Cell, of: OfBand) -> None:
    of.some.add(cell.n, cell.money)
    summary.all.add(cell.n, cell.money)
    summary.fallen.add(cell.fallen, cell.fallen_money)
    if below_good(of.band):
        summary.renewing.add(cell.renewing, cell.renewing_money)
    summary.provisional += cell.provisional
    summary.foreign_money += cell.foreign_money
    if cell.day is not None:
        summary.day = max(summary.day or cell.day, cell.day)


def stages(cells: Iterable[Cell]) -> list[tuple[str, int]]:
    """With their numbers of accounts, the largest first."""
    totals: Counter[str] = Counter()
    for cell in cells:
        if cell.stage:
            totals[cell.stage] += cell.n
    return totals.most_common()


def owners(cells: Iterable[Cell]) -> list[tuple[int, str]]:
    """Everybody who owns an account, by name."""
    people = {cell.owner_id: cell.owner or "" for cell in cells if cell.owner_id}
    return sorted(people.items(), key=lambda person: person[1].lower())
