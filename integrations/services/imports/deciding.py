"""What a person decides between the file and the report. Each is a conditional update: once."""

from datetime import datetime

from accounts.errors import InvalidInput
from integrations.imports import mapping
from integrations.imports.kinds import KINDS
from integrations.models import Import, ImportKey, ImportReject, ImportState
from integrations.services.imports.files import forget_file

OPEN = (ImportState.DRAFT, ImportState.CHECKED)
COUNTS = ("created", "updated", "unchanged", "accepted", "duplicates", "rejected")


def choose_columns(*, found: Import, columns: mapping.Columns) -> bool:
    """Have the whole file checked with these columns; InvalidInput where they cannot be."""
    if len(columns) != len(found.header):
        raise InvalidInput.at("columns", "columns")
    mapping.check(KINDS[found.kind], found.header, columns)
    started = _start(found, ImportState.CHECKING, OPEN, columns=columns, at=-1)
    if started:
        ImportKey.objects.filter(import_id=found.pk).delete()
    return started


def run_import(*, found: Import) -> bool:
    """Store what was checked; False where it runs already, or is not checked."""
    return _start(found, ImportState.QUEUED, (ImportState.CHECKED,))


def _start(
    found: Import, state: ImportState, before: tuple[ImportState, ...], **fields: object
) -> bool:
    clean = {**dict.fromkeys((*COUNTS, "at", "done", "attempts"), 0), "error": "", **fields}
    if not Import.objects.filter(pk=found.pk, state__in=before).update(state=state, **clean):
        return False
    ImportReject.objects.filter(import_id=found.pk).delete()
    return True


def stop_import(*, found: Import, error: str, moment: datetime) -> None:
    """Where it is; a person may go on with it."""
    Import.objects.at_work().filter(pk=found.pk).update(
        state=ImportState.FAILED, error=error, finished_at=moment
    )


def retry_import(*, found: Import) -> bool:
    """Go on where it failed; False where it did not, or where its file is gone."""
    failed = Import.objects.filter(pk=found.pk, state=ImportState.FAILED, batches__isnull=False)
    return bool(failed.update(state=ImportState.QUEUED, attempts=0, error="", finished_at=None))


def discard_import(*, found: Import) -> bool:
    """One that was not run leaves nothing behind."""
    return bool(Import.objects.filter(pk=found.pk, state__in=OPEN).delete()[0])


def forget_files(*, before: datetime) -> int:
    """Files that nobody came back to: those never run with all that is known of them."""
    old = Import.objects.filter(created_at__lt=before)
    for failed in old.filter(state=ImportState.FAILED, batches__isnull=False):
        forget_file(failed.pk)
        Import.objects.filter(pk=failed.pk).update(batches=None)
    return int(old.filter(state__in=OPEN).delete()[0])
