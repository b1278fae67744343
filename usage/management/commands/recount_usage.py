import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Max, Min
from django.utils import timezone
from tqdm import tqdm

from accounts.commands import USAGE, Error, WorkspaceCommand
from accounts.models import Account, Workspace
from accounts.tenancy import scope
from usage.models import AccountDay
from usage.services.recount import recount
from usage.services.recounts import start_recount, work_recount

CHUNK = 1_000


class Command(WorkspaceCommand):
    help = "Count the days of usage anew from the raw events that are kept."

    one_transaction = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--account", action="append", metavar="KEY", help="only this account")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY")

    def work(self, workspace: Workspace, **options: Any) -> None:
        narrowed = options["account"], options["first"], options["last"]
        changed = self.some(workspace, *narrowed) if any(narrowed) else self.all(workspace)
        self.stdout.write(changed)

    def all(self, workspace: Workspace) -> str:
        moment = timezone.now()
        with scope(workspace.pk):
            begun = start_recount(workspace_id=workspace.pk, moment=moment)
        with progress(begun.total, " events") as bar:
            work = work_recount(workspace_id=workspace.pk, recount_id=begun.pk, moment=moment)
            for begun in work:
                bar.update(begun.done - bar.n)
        if begun.changed_from is None:
            return "Nothing changed."
        return f"Days changed from {begun.changed_from} on; their scores follow."

    def some(
        self, workspace: Workspace, keys: list[str] | None, first: date | None, last: date | None
    ) -> str:
        with scope(workspace.pk):
            days = AccountDay.objects.aggregate(first=Min("day"), last=Max("day"))
            today = workspace.day_of(timezone.now())
            begin = first or days["first"] or today
            end = last or days["last"] or today
            if end < begin:
                raise Error(f"Give days in order: {begin} to {end}.", returncode=USAGE)
            total = None if keys is None else len(keys)
        changed = 0
        with progress(total, " accounts") as bar:
            for account_ids in chunks(workspace, keys):
                with scope(workspace.pk):
                    moment = timezone.now()
                    found = recount(account_ids=account_ids, first=begin, last=end, moment=moment)
                changed += len(found)
                bar.update(len(account_ids))
        return f"Days of {changed} accounts changed; their scores follow."


def progress(total: int | None, unit: str) -> Any:
    return tqdm(total=total, unit=unit, disable=not sys.stderr.isatty())


def chunks(workspace: Workspace, keys: list[str] | None) -> Iterator[list[int]]:
    """One transaction each, so that events that arrive do not wait for long."""
    after = 0
    while True:
        with scope(workspace.pk):
            wanted = Account.objects.filter(pk__gt=after)
            if keys is not None:
                wanted = wanted.filter(key__in=keys)
                check_keys(keys)
            found = list(wanted.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not found:
            return
        yield found
        after = found[-1]


def check_keys(keys: list[str]) -> None:
    known = set(Account.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in keys:
        if key not in known:
            raise Error(f"There is no account “{key}”.", returncode=USAGE)
