"""What a document would do, before it is published; nothing is written.

Both configurations are evaluated on today's data, so that only their difference is told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

import numpy as np

from accounts.models import Account, StaleAccount, Workspace
from scoring.bands import BandLook, at, look
from scoring.engine.compiled import Compiled, bands_of, compile_card
from scoring.engine.evaluate import results
from scoring.engine.fixed import NONE, Int8, Int32, Int64
from scoring.engine.status import Status
from scoring.models import Evaluation, Health, Scorecard
from scoring.moves import OUTSIDE, UNKNOWN
from scoring.outcome import Outcome
from scoring.services.configuration import custom_schemes, publishable
from scoring.services.evaluate import evaluated
from scoring.versions import compiled
from scoring.wording import value_text

MIXER = np.uint32(2_654_435_761)


@dataclass(frozen=True)
class Sides:
    """A document and what it would replace: None where nothing is published."""

    workspace: Workspace
    day: date
    scorecard: Scorecard | None
    published: Compiled | None
    draft: Compiled

    @property
    def scorecard_id(self) -> int:
        return self.scorecard.pk if self.scorecard else 0

    @property
    def version_id(self) -> int:
        """Of what is published; 0 for nothing."""
        return (self.scorecard.current_version_id or 0) if self.scorecard else 0


@dataclass(frozen=True)
class Judged:
    """One item for each account; a score of NONE is none."""

    band: Int8
    score: Int32
    coverage: Int32


class BandCount(TypedDict):
    """As the distribution on a page takes it."""

    band: BandLook
    count: int


@dataclass(frozen=True)
class Spread:
    """Accounts by band, the best first and unknown last; `outside`: those it does not apply to."""

    rows: list[BandCount]
    outside: int


@dataclass(frozen=True)
class Distribution:
    """Of `accounts` out of `total`; `published` is None where nothing is published."""

    published: Spread | None
    draft: Spread
    accounts: int
    total: int

    @property
    def sampled(self) -> bool:
        return self.accounts < self.total


@dataclass(frozen=True)
class SeenMetric:
    key: str
    name: str
    score: int | None
    status: str
    value: str
    """As a person reads it; empty where there is none."""


@dataclass(frozen=True)
class Seen:
    """An account under one configuration. Scores and coverage in ten-thousandths."""

    score: int | None
    band: BandLook
    coverage: int
    provisional: bool
    metrics: tuple[SeenMetric, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """None where that configuration does not apply to the account, or is not there."""

    account: Account
    before: Seen | None
    after: Seen | None

    @property
    def change(self) -> int | None:
        if self.before is None or self.after is None:
            return None
        if self.before.score is None or self.after.score is None:
            return None
        return self.after.score - self.before.score


def sides(*, workspace: Workspace, document: object, moment: datetime) -> Sides:
    """Raises InvalidInput with every problem of a document that could not be published."""
    card = publishable(document)
    found = Scorecard.objects.select_related("current_version").filter(key=card.key).first()
    version = found.current_version if found else None
    return Sides(
        workspace=workspace,
        day=workspace.day_of(moment),
        scorecard=found,
        published=compiled(version) if version else None,
        draft=compile_card(card, bands_of(card, custom_schemes())),
    )


def distribution(
    *, workspace: Workspace, document: object, moment: datetime, sample: int = 2000
) -> Distribution:
    """Accounts by band, published and draft, today. Raises InvalidInput."""
    given = sides(workspace=workspace, document=document, moment=moment)
    every = np.fromiter(Account.objects.order_by("pk").values_list("pk", flat=True), np.int64)
    ids = sampled(every, sample).tolist()
    return Distribution(
        published=_spread(given.published, standing(given, ids)) if given.published else None,
        draft=_spread(given.draft, judged(given, given.draft, ids)),
        accounts=len(ids),
        total=len(every),
    )


def sampled(ids: Int64, most: int) -> Int64:
    """The same ones every time, spread evenly over ids that follow any pattern."""
    if len(ids) <= most:
        return ids
    order = (ids.astype(np.uint32) * MIXER).argsort(kind="stable")
    return np.sort(ids[order[:most]])


def _spread(card: Compiled, seen: Judged) -> Spread:
    bands = seen.band
    looks = (*look(card.bands), at((), UNKNOWN))
    counts = [int((bands == index).sum()) for index in (*range(len(card.bands)), UNKNOWN)]
    rows = [BandCount(band=b, count=n) for b, n in zip(looks, counts, strict=True)]
    return Spread([*reversed(rows[:-1]), rows[-1]], int((bands == OUTSIDE).sum()))


def judged(given: Sides, card: Compiled | None, ids: list[int]) -> Judged:
    """What a configuration says of these accounts today; one that is not there applies to nobody."""
    if card is None or not ids:
        nothing = np.full(len(ids), NONE, np.int32)
        return Judged(np.full(len(ids), OUTSIDE, np.int8), nothing, nothing.copy())
    found = _evaluated(given, card, ids)
    applies, fields = found.applies[0], found.fields[0]
    return Judged(
        band=np.where(applies, fields["band"], OUTSIDE).astype(np.int8),
        score=np.where(applies, fields["score"], NONE).astype(np.int32),
        coverage=np.where(applies, fields["coverage"], NONE).astype(np.int32),
    )


def standing(given: Sides, ids: list[int]) -> Judged:
    """What is published of these accounts today, read where it was evaluated with all their data;
    the others are evaluated."""
    found = judged(given, None, ids)
    if given.published is None or not ids:
        return found
    healths = Health.objects.filter(
        scorecard_id=given.scorecard_id,
        version_id=given.version_id,
        day=given.day,
        account_id__in=ids,
    )
    waiting = StaleAccount.objects.filter(account_id__in=ids)
    stale = set(waiting.values_list("account_id", flat=True))
    wanted = ("account_id", "band", "score", "coverage")
    known = {row[0]: row[1:] for row in healths.values_list(*wanted) if row[0] not in stale}
    rest = [n for n, account_id in enumerate(ids) if account_id not in known]
    for n, account_id in enumerate(ids):
        if account_id in known:
            band, score, coverage = known[account_id]
            found.band[n], found.coverage[n] = band, coverage
            found.score[n] = NONE if score is None else score
    again = judged(given, given.published, [ids[n] for n in rest])
    found.band[rest], found.score[rest] = again.band, again.score
    found.coverage[rest] = again.coverage
    return found


def _evaluated(given: Sides, card: Compiled, ids: list[int]) -> Outcome:
    return evaluated(
        card,
        workspace=given.workspace,
        scorecard_id=given.scorecard_id,
        version_id=given.version_id if card is given.published else 0,
        account_ids=ids,
        first=given.day,
        last=given.day,
    )


def chosen(
    *,
    workspace: Workspace,
    document: object,
    accounts: Sequence[Account],
    moment: datetime,
    metrics: bool = False,
) -> list[Chosen]:
    """What becomes of a few accounts, in their order. Raises InvalidInput."""
    given = sides(workspace=workspace, document=document, moment=moment)
    before = _seen(given, given.published, accounts, metrics)
    after = _seen(given, given.draft, accounts, metrics)
    return [Chosen(*each) for each in zip(accounts, before, after, strict=True)]


def _seen(
    given: Sides, card: Compiled | None, accounts: Collection[Account], metrics: bool
) -> list[Seen | None]:
    if card is None or not accounts:
        return [None] * len(accounts)
    found = _evaluated(given, card, [account.pk for account in accounts])
    fields, looks = found.fields[0], look(card.bands)
    parts = _metrics(given, card, found) if metrics else [()] * len(accounts)
    return [
        Seen(
            score=_known(row["score"]),
            band=at(looks, int(row["band"])),
            coverage=int(row["coverage"]),
            provisional=bool(row["flags"] & Evaluation.PROVISIONAL),
            metrics=part,
        )
        if applies
        else None
        for row, part, applies in zip(fields, parts, found.applies[0], strict=True)
    ]


def _metrics(given: Sides, card: Compiled, found: Outcome) -> list[tuple[SeenMetric, ...]]:
    records = found.detail[0]
    measured = records["measured"]
    age = np.where(measured == NONE, 0, given.day.toordinal() - measured).astype(np.int32)
    known, status = (np.ascontiguousarray(records[name]) for name in ("known", "status"))
    rolled = results(card, known, status, age)
    return [
        tuple(
            SeenMetric(
                key=metric.key,
                name=metric.metric.name,
                score=_known(rolled.scores[n, metric.index]),
                status=Status(int(rolled.status[n, metric.index])).key,
                value=value_text(metric.metric, int(records["value"][n, metric.index]))
                if records["status"][n, metric.index] in (Status.OK, Status.EXPIRED)
                else "",
            )
            for metric in card.metrics
        )
        for n in range(len(records))
    ]


def _known(score: int) -> int | None:
    return None if score == NONE else int(score)
