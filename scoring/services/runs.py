"""Runs and their slices: the ledger that workers work off. A message only says that there is work."""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection
from django.db.models import F

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.models import Run, RunKind, RunSlice, RunState
from scoring.services.evaluate import evaluate, keep_peers
from scoring.services.peer_summaries import summarize_day
from scoring.services.peers import forget_peers, renew_peers
from scoring.services.standings import pack_run

logger = logging.getLogger(__name__)

LARGEST_SLICE = 1000
DAYS_IN_SLICE = 50_000
DAYS_AT_ONCE = timedelta(days=32)
"""Whose peers are measured in one transaction."""
ATTEMPTS = 5
CATCH_UP = timedelta(days=30)
FIRST_DAY = date(1990, 1, 1)
"""Nothing before it is evaluated: windows and trends need days before every day."""
Clock = Callable[[], datetime]


def start_run(
    *, kind: RunKind, first: date, last: date, account_ids: list[int] | None = None
) -> Run:
    """A run over these accounts (all) with its slices, in the open scope; a worker finishes it.

    One over all accounts compares them with peers that are measured anew.
    """
    if account_ids is None:
        renew_peers(first, last)
    ids = (
        list(Account.objects.order_by("pk").values_list("pk", flat=True))
        if account_ids is None
        else sorted(set(account_ids))
    )
    days = (last - first).days + 1
    run: Run = Run.objects.create(kind=kind, from_day=first, to_day=last, total=len(ids) * days)
    size = max(1, min(LARGEST_SLICE, DAYS_IN_SLICE // days))
    RunSlice.objects.bulk_create(
        (
            RunSlice(run=run, number=number, account_ids=ids[start : start + size])
            for number, start in enumerate(range(0, len(ids), size))
        ),
        batch_size=500,
    )
    return run


def retry_run(*, run: Run) -> bool:
    """Try what failed once more; False where the run did not fail, or somebody retries it already."""
    failed = Run.objects.filter(pk=run.pk, state=RunState.FAILED)
    if not failed.update(state=RunState.QUEUED, error="", finished_at=None):
        return False
    RunSlice.objects.filter(run_id=run.pk, done_at__isnull=True).update(attempts=0, error="")
    return True


def start_night(*, workspace: Workspace, today: date, last_night: date | None) -> Run | None:
    """The night of `today`, and of nights that were missed; None where it was started before."""
    first = today
    if last_night is not None:
        first = max(last_night + timedelta(days=1), today - CATCH_UP)
    if first > today:
        return None
    try:
        with scope(workspace.pk):
            if Run.objects.filter(kind=RunKind.NIGHT, to_day=today).exists():
                return None
            forget_peers(today)
            return start_run(kind=RunKind.NIGHT, first=first, last=today)
    except IntegrityError:  # another beat started it in this moment
        return None


def last_nights() -> dict[int, date]:
    """By workspace, of all workspaces: days only, read by a function that the owner defines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id, day FROM scoring_last_nights()")
        return dict(cursor.fetchall())


def workspaces_with_work() -> dict[int, list[int]]:
    """Workspaces with stale accounts or undone slices, and the runs to go on with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id, run_id FROM scoring_work()")
        work: dict[int, list[int]] = {}
        for workspace_id, run_id in cursor.fetchall():
            work.setdefault(workspace_id, [])
            if run_id is not None:
                work[workspace_id].append(run_id)
        return work


def work_run(*, workspace: Workspace, run_id: int, clock: Clock) -> Iterator[int]:
    """Claim and evaluate slices until none is left; yields the account-days of each.

    Any number of workers may do so at once. A slice, its evaluations, its alerts and its mark are
    one transaction: whoever is killed in it leaves nothing, and the slice free.
    """
    _keep_peers(workspace, run_id, clock)
    while (done := work_slice(workspace=workspace, run_id=run_id, clock=clock)) is not None:
        yield done


def _keep_peers(workspace: Workspace, run_id: int, clock: Clock) -> None:
    """In transactions of their own, the newest days first, so that neither the other workers nor
    those whose data changed wait long. What fails here fails in a slice again, and is noted there."""
    try:
        with scope(workspace.pk):
            run = Run.objects.unfinished().filter(pk=run_id).first()
        for first, last in _pieces(run.from_day, run.to_day) if run else ():
            with scope(workspace.pk):
                keep_peers(workspace=workspace, first=first, last=last, moment=clock())
    except Exception:
        logger.exception("The peers of run %s were not measured", run_id)


def _pieces(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        begin = max(first, last - DAYS_AT_ONCE + timedelta(days=1))
        yield begin, last
        last = begin - timedelta(days=1)


def work_slice(*, workspace: Workspace, run_id: int, clock: Clock) -> int | None:
    """The account-days evaluated, or None where no slice is free. A failure is noted on the slice."""
    claimed: RunSlice | None = None
    try:
        with scope(workspace.pk):
            claimed = _claim(run_id)
            if claimed is None:
                _finish(run_id, clock())  # a worker may have been killed before it did
                return None
            done = _evaluate(workspace, claimed, clock)
        _progress(workspace, run_id, done, clock())
    except Exception as error:
        if claimed is None:
            raise
        logger.exception("Slice %s of run %s failed", claimed.number, run_id)
        _note_failure(workspace, claimed, error, clock())
        return 0
    return done


def _evaluate(workspace: Workspace, claimed: RunSlice, clock: Clock) -> int:
    run = claimed.run
    evaluate(
        workspace=workspace,
        account_ids=claimed.account_ids,
        first=run.from_day,
        last=run.to_day,
        moment=clock(),
    )
    claimed.done_at = clock()
    claimed.save(update_fields=["done_at"])
    return len(claimed.account_ids) * int(run.days)


def _claim(run_id: int) -> RunSlice | None:
    """One that failed comes again after those that did not."""
    return (
        RunSlice.objects.filter(run_id=run_id, done_at__isnull=True, attempts__lt=ATTEMPTS)
        .select_related("run")
        .order_by("attempts", "number")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )


def _progress(workspace: Workspace, run_id: int, done: int, moment: datetime) -> None:
    """In a transaction of its own: slices that are done at the same time must not wait in line."""
    with scope(workspace.pk):
        # Another worker may have closed it meanwhile, and counted this slice.
        open_ = Run.objects.filter(pk=run_id, finished_at__isnull=True)
        open_.update(done=F("done") + done, state=RunState.RUNNING)
        finished = _finish(run_id, moment)
    if finished is not None:
        _summarize(workspace, finished, moment)


def _note_failure(
    workspace: Workspace, claimed: RunSlice, error: Exception, moment: datetime
) -> None:
    with scope(workspace.pk):
        RunSlice.objects.filter(pk=claimed.pk).update(
            attempts=F("attempts") + 1, error=f"{type(error).__name__}: {error}"[:2000]
        )
        _finish(claimed.run_id, moment)


def _summarize(workspace: Workspace, run: Run, moment: datetime) -> None:
    """What the pages ask after a run over all accounts; where it fails they make it themselves."""
    try:
        with scope(workspace.pk):
            if run.total < run.days * Account.objects.count():
                return
            summarize_day(first=run.from_day, last=run.to_day)
        with scope(workspace.pk):
            pack_run(first=run.from_day, last=run.to_day, today=workspace.day_of(moment))
    except Exception:
        logger.exception("What run %s found was not summarized", run.pk)


def _finish(run_id: int, moment: datetime) -> Run | None:
    """Close the run where nothing is left to try; `done` is then counted from the slices."""
    run: Run = Run.objects.select_for_update().get(pk=run_id)
    undone = RunSlice.objects.filter(run_id=run_id, done_at__isnull=True)
    if run.finished_at is not None or undone.filter(attempts__lt=ATTEMPTS).exists():
        return None
    left = list(undone.order_by("number").values_list("account_ids", "error"))
    run.state = RunState.FAILED if left else RunState.DONE
    run.error = left[0][1] if left else ""
    run.done = run.total - run.days * sum(len(account_ids) for account_ids, _ in left)
    run.finished_at = moment
    run.save(update_fields=["state", "error", "done", "finished_at"])
    return run
