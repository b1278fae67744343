"""Workers lead an import on, step by step; a step and the mark that says so are one transaction.

Whoever is killed in a step leaves nothing of it, and the import free for the next worker.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from django.db import connection
from django.db.models import F

from accounts.errors import InvalidInput
from accounts.models import Workspace
from accounts.tenancy import scope
from integrations.imports.fields import Around
from integrations.imports.kinds import KINDS
from integrations.imports.sheets.opening import opened
from integrations.models import Import, ImportKey, ImportPart, ImportState
from integrations.services.imports.batches import survey, work_batch
from integrations.services.imports.files import forget_file, keep_batch, kept_file

logger = logging.getLogger(__name__)

ATTEMPTS = 5
Clock = Callable[[], datetime]


def imports_at_work() -> list[tuple[int, int]]:
    """Workspaces and imports that wait for a worker; of all workspaces, by a function of the owner."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id, import_id FROM integrations_imports_at_work()")
        return list(cursor.fetchall())


def work_import(*, workspace: Workspace, import_id: int, clock: Clock) -> Iterator[None]:
    """One step after the other, until it waits for a person, is over, or another worker has it."""
    while work_step(workspace=workspace, import_id=import_id, clock=clock):
        yield


def work_step(*, workspace: Workspace, import_id: int, clock: Clock) -> bool:
    """Whether there was a step to do. A failure is noted, and tried again a few times."""
    try:
        with scope(workspace.pk):
            claimed = _claim(import_id)
            if claimed is None:
                return False
            _step(claimed, workspace, clock())
    except InvalidInput as error:
        _fail(workspace, import_id, str(error), clock())
    except Exception as error:
        logger.exception("A step of import %s failed", import_id)
        _note_failure(workspace, import_id, f"{type(error).__name__}: {error}", clock())
    return True


def _claim(import_id: int) -> Import | None:
    free = Import.objects.at_work().select_for_update(skip_locked=True)
    claimed: Import | None = free.filter(pk=import_id).first()
    return claimed


def _step(claimed: Import, workspace: Workspace, moment: datetime) -> None:
    if claimed.batches is None:
        _split(claimed)
    elif claimed.at < 0:
        survey(claimed, workspace.zone)
        claimed.at = 0
    elif claimed.at < claimed.batches:
        if claimed.state == ImportState.QUEUED:
            claimed.state = ImportState.RUNNING
        around = Around(workspace, moment, by=claimed.by, source=claimed.who[:100])
        work_batch(claimed, around)
    else:
        _finish(claimed, moment)
    claimed.attempts = 0
    claimed.save()


def _split(claimed: Import) -> None:
    """The file as batches of lines; after that only they are kept."""
    size, number = KINDS[claimed.kind].batch, 0
    with kept_file(claimed.pk) as file, opened(file) as sheet:
        while lines := list(islice(sheet.lines, size)):
            keep_batch(claimed.pk, number, lines)
            claimed.total += len(lines)
            number += 1
    claimed.batches = number
    ImportPart.objects.filter(import_id=claimed.pk).delete()


def _finish(claimed: Import, moment: datetime) -> None:
    if claimed.state == ImportState.CHECKING and not claimed.dry_run:
        claimed.state = ImportState.CHECKED
        return
    claimed.state, claimed.finished_at = ImportState.DONE, moment
    ImportKey.objects.filter(import_id=claimed.pk).delete()
    forget_file(claimed.pk)


def _fail(workspace: Workspace, import_id: int, message: str, moment: datetime) -> None:
    """What no second try will mend: the file itself is broken off."""
    with scope(workspace.pk):
        Import.objects.at_work().filter(pk=import_id).update(
            state=ImportState.FAILED, error=message[:2000], finished_at=moment
        )
        forget_file(import_id)


def _note_failure(workspace: Workspace, import_id: int, error: str, moment: datetime) -> None:
    with scope(workspace.pk):
        working = Import.objects.at_work().filter(pk=import_id)
        working.update(attempts=F("attempts") + 1, error=error[:2000])
        working.filter(attempts__gte=ATTEMPTS).update(state=ImportState.FAILED, finished_at=moment)
