import sys
import time
from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts.commands import DATA, USAGE, Error, WorkspaceCommand
from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.models import Run, RunKind, RunState, Scorecard
from scoring.services.runs import FIRST_DAY, start_run, work_run


class Command(WorkspaceCommand):
    help = "Evaluate a workspace's accounts on one day (today) or on every day of a range."

    one_transaction = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY")
        parser.add_argument("--account", action="append", metavar="KEY", help="only this account")

    def work(self, workspace: Workspace, **options: Any) -> None:
        today = workspace.day_of(timezone.now())
        last = options["last"] or today
        first = options["first"] or last
        if not FIRST_DAY <= first <= last <= today:
            raise Error(
                f"Give days in order, from {FIRST_DAY} on and not in the future: {first} to {last}.",
                returncode=USAGE,
            )
        started = time.monotonic()
        with scope(workspace.pk):
            if not Scorecard.objects.active().exists():
                raise Error(
                    "The workspace has no scorecard that is switched on: publish one first, in"
                    " the settings or with manage.py apply.",
                    returncode=DATA,
                )
            ids = account_ids(options["account"])
            run = start_run(kind=RunKind.REQUEST, first=first, last=last, account_ids=ids)
        with tqdm(
            total=run.total, unit=" account-days", disable=not sys.stderr.isatty()
        ) as progress:
            while run.finished_at is None:
                for done in work_run(workspace=workspace, run_id=run.pk, clock=timezone.now):
                    progress.update(done)
                run = refreshed(workspace, run)
                if run.finished_at is None:
                    time.sleep(0.2)  # a worker of the installation has the last slices
            progress.update(run.done - progress.n)
        self.report(run, time.monotonic() - started)

    def report(self, run: Run, seconds: float) -> None:
        if run.state != RunState.DONE:
            raise Error(
                f"{run.done} of {run.total} account-days evaluated; the last error was: {run.error}",
                returncode=DATA,
            )
        rate = round(run.total / max(seconds, 0.001))
        self.stdout.write(
            f"{run.total // run.days} accounts × {run.days} days evaluated in {seconds:.1f} s"
            f" ({rate:,} account-days/s)"
        )


def account_ids(keys: list[str] | None) -> list[int] | None:
    if keys is None:
        return None
    found = dict(Account.objects.filter(key__in=keys).values_list("key", "pk"))
    for key in keys:
        if key not in found:
            raise Error(f"There is no account “{key}”.", returncode=USAGE)
    return list(found.values())


def refreshed(workspace: Workspace, run: Run) -> Run:
    with scope(workspace.pk):
        run.refresh_from_db()
    return run
