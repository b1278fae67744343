"""Accounts that moved, each with its scores and bands of both days and the sentence of its ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import translation

from accounts.models import Account, Workspace
from accounts.money import minor_digits
from accounts.tenancy import scope
from scoring.analysis.files import Rows, Table, number
from scoring.analysis.movers import Movers
from scoring.bands import BandLook
from scoring.engine.fixed import NONE, Int64
from scoring.engine.ledger import ledger
from scoring.explanations import explain, holding, told
from scoring.moves import look_of
from scoring.sentences import sentence

BATCH = 1_000
COLUMNS = (
    "account",
    "name",
    "owner",
    "stage",
    "band_from",
    "score_from",
    "band_to",
    "score_to",
    "change",
    "why",
    "contract_value",
    "currency",
)


@dataclass(frozen=True, slots=True)
class MovedRow:
    """Scores are None where there is none; `why` is empty where one of the days has no evaluation."""

    account: Account
    before: BandLook
    after: BandLook
    score_before: int | None
    score_after: int | None
    why: str

    @property
    def change(self) -> int | None:
        if self.score_before is None or self.score_after is None:
            return None
        return self.score_after - self.score_before


def moved_rows(movers: Movers, places: Int64) -> list[MovedRow]:
    """In the order of the places; accounts that are gone meanwhile are left out."""
    ids = movers.accounts.ids[places].tolist()
    found = Account.objects.select_related("owner").in_bulk(ids)
    why = _sentences(movers, places)
    return [
        _row(movers, place, found[pk], why.get(pk, ""))
        for place, pk in zip(places.tolist(), ids, strict=True)
        if pk in found
    ]


def _row(movers: Movers, place: int, account: Account, why: str) -> MovedRow:
    standings = movers.standings
    before, after = (look_of(standings.looks, band) for band in standings.bands[:, place].tolist())
    scores = [None if score == NONE else score for score in standings.scores[:, place].tolist()]
    return MovedRow(account, before, after, scores[0], scores[1], why)


def _sentences(movers: Movers, places: Int64) -> dict[int, str]:
    """By account, of those that were evaluated on both days: two queries for all."""
    told_on = movers.standings.told[:, places]
    both = (told_on > 0).all(axis=0)
    ids = movers.accounts.ids[places[both]].tolist()
    days = [[date.fromordinal(on) for on in row] for row in told_on[:, both].tolist()]
    pairs = [list(zip(ids, row, strict=True)) for row in days]
    held = holding(movers.scorecard.pk, [pair for row in pairs for pair in row])
    known = [n for n in range(len(ids)) if pairs[0][n] in held and pairs[1][n] in held]
    rows = [(held[row[n]], row[n][1]) for row in pairs for n in known]
    explained = explain(rows)
    apart = movers.standings.days[1] - movers.standings.days[0]
    found = {}
    for place, n in enumerate(known):
        then, now = explained[place], explained[place + len(known)]
        (before, _), (after, _) = rows[place], rows[place + len(known)]
        reasons = [] if before is after else told(ledger(then, now), then, now)
        found[ids[n]] = sentence(before.score, after.score, apart.days, reasons)
    return found


def moved_table(movers: Movers, places: Int64, *, workspace: Workspace, language: str) -> Table:
    """An answer is sent after the request's scope has closed, so each batch opens its own."""

    def batches() -> Iterator[Rows]:
        for start in range(0, len(places), BATCH):
            with scope(workspace.pk), translation.override(language):
                rows = moved_rows(movers, places[start : start + BATCH])
                told = [list(cells(row).values()) for row in rows]
            yield told

    return Table("movers", COLUMNS, batches)


def cells(row: MovedRow) -> dict[str, Any]:
    account = row.account
    minor, digits = account.contract_value_cents, minor_digits(account.currency)
    return {
        "account": account.key,
        "name": account.name,
        "owner": str(account.owner) if account.owner else "",
        "stage": account.stage,
        "band_from": str(row.before.label),
        "score_from": number(row.score_before),
        "band_to": str(row.after.label),
        "score_to": number(row.score_after),
        "change": number(row.change),
        "why": row.why,
        "contract_value": None if minor is None else Decimal(minor).scaleb(-digits),
        "currency": account.currency,
    }
