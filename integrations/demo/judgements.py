"""What the demo's people judge by hand: the sponsor, the NPS, the milestones."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from accounts.models import User, Workspace
from integrations.demo.portfolio import (
    EXPANSION,
    GROWING,
    LAUNCHED,
    NEW,
    SPONSOR_LOST,
    STALE,
    DemoAccount,
)
from scoring.services.measurements import MeasurementRow, record_measurements

MILESTONES = (("kick-off", 3), ("goals", 9), ("data-connected", 18), ("first-goal", 34))
LEVELS = ("none", "working", "sponsor")
COMMENTS = {
    "none": ("Two invitations without an answer.", "Knows us from the contract only."),
    "working": ("Answers within a day, joined the review.", "Came to the quarterly review."),
    "sponsor": ("Showed our figures to the board.", "Opened the review and named the goals."),
}
NO_SURVEYS = "Their works council does not allow surveys of employees."
UNASKED = 0.04
"""The share of the accounts that take no part in surveys."""


def load_judgements(
    accounts: Sequence[DemoAccount],
    *,
    owners: Sequence[str],
    workspace: Workspace,
    moment: datetime,
    seed: int,
) -> None:
    today = workspace.day_of(moment)
    users = {user.email: user for user in User.objects.filter(email__in=owners)}
    for number, owner in enumerate(owners):
        mine = [account for account in accounts if account.owner == number]
        rows = [row for account in mine for row in _judged_by_hand(account, today, seed)]
        record_measurements(workspace=workspace, rows=rows, moment=moment, by=users[owner])
    asked = [row for account in accounts for row in _asked(account, today, seed)]
    record_measurements(workspace=workspace, rows=asked, moment=moment, source="survey")


def _judged_by_hand(account: DemoAccount, today: date, seed: int) -> Iterator[MeasurementRow]:
    """The sponsor every two months or so; none for the newest and the stale."""
    rng = np.random.default_rng([seed, 1, *account.key.encode()])
    usual = LEVELS[int(account.quality > 0.7) + int(account.quality > 0.4)]
    before = LEVELS[max(0, LEVELS.index(usual) - 1)] if account.character == GROWING else usual
    if account.character == SPONSOR_LOST:
        met, left = today - timedelta(days=60), today - timedelta(days=18)
        yield from _sponsor(account, "sponsor", met, COMMENTS["sponsor"][0])
        yield from _sponsor(account, "none", left, "The sponsor has left.")
    elif account.character == STALE:
        yield from _sponsor(account, usual, today - timedelta(days=int(rng.integers(95, 150))))
    else:
        for level, ago in ((before, 170), (usual, 110), (usual, int(rng.integers(5, 60)))):
            comments = ("", *COMMENTS[level])
            comment = comments[int(rng.integers(len(comments)))]
            yield from _sponsor(account, level, today - timedelta(days=ago), comment)
    if account.character in {NEW, LAUNCHED}:
        yield from _milestones(account, today)


def _sponsor(
    account: DemoAccount, level: str, day: date, comment: str = ""
) -> Iterator[MeasurementRow]:
    if day >= account.created_on:
        yield _judged(account, "sponsor", level, day, comment)


def _milestones(account: DemoAccount, today: date) -> Iterator[MeasurementRow]:
    """The willing ones are quicker."""
    pace = 1.6 - account.quality
    for metric, after in MILESTONES:
        day = account.created_on + timedelta(days=round(after * pace))
        if day < today:
            yield _judged(account, metric, True, day)


def _asked(account: DemoAccount, today: date, seed: int) -> Iterator[MeasurementRow]:
    """The NPS twice."""
    rng = np.random.default_rng([seed, 7, *account.key.encode()])
    nps = account.nps + (15 if account.character == EXPANSION else 0)
    first, last = today - timedelta(days=130), today - timedelta(days=int(rng.integers(10, 70)))
    yield _judged(account, "nps", min(100, nps), first)
    if rng.random() < UNASKED:
        yield _judged(account, "nps", None, last, reason=NO_SURVEYS)
    else:
        yield _judged(account, "nps", min(100, nps), last)


def _judged(
    account: DemoAccount,
    metric: str,
    value: str | int | bool | None,
    day: date,
    comment: str = "",
    reason: str = "",
) -> MeasurementRow:
    return MeasurementRow(
        account=account.key,
        metric=metric,
        value=value,
        measured_at=datetime.combine(day, time(9, 30), UTC),
        comment=comment,
        reason=reason,
    )
