"""A batch of an import: its good rows are stored, or tried, and its bad ones are written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.tenancy import tenant_rows
from integrations.imports.fields import Around, Flaw, Kind, Spelling, Stored
from integrations.imports.kinds import KINDS
from integrations.imports.rows import Layout, Line, Told, read_line
from integrations.models import Import, ImportBatch, ImportReject, ImportState
from integrations.services.imports.files import keep_batch, unpacked

MOST_ROUNDS = 12
"""How often a row waits for a parent that stands further down."""

CLAIM = """
INSERT INTO integrations_importkey (workspace_id, import_id, key, line)
SELECT %(workspace)s, %(import)s, key, line
FROM unnest(%(keys)s::text[], %(lines)s::bigint[]) AS told(key, line)
ORDER BY line
ON CONFLICT DO NOTHING
"""
CLAIMED = """
SELECT key, line FROM integrations_importkey
WHERE workspace_id = %(workspace)s AND import_id = %(import)s AND key = ANY(%(keys)s::text[])
"""


@dataclass
class Sorted:
    """The lines of a batch: those that can be read, and the flaws of the others by line."""

    told: list[Told] = field(default_factory=list)
    flaws: dict[int, list[Flaw]] = field(default_factory=dict)

    def refuse(self, told: Told, flaws: list[Flaw]) -> None:
        self.flaws[told.line.number] = flaws


def layout_of(found: Import, zone: ZoneInfo) -> Layout:
    spelling = Spelling(zone, decimal_comma=found.decimal_comma, escaped=found.escaped)
    return Layout(KINDS[found.kind], found.header, found.columns, spelling)


def survey(claimed: Import, zone: ZoneInfo) -> None:
    """Which row is the first of its name, in the whole file: the one that counts."""
    layout = layout_of(claimed, zone)
    if layout.kind.key is None:
        return
    for number in range(claimed.batches or 0):
        told = _sorted(_lines(claimed, number), layout).told
        parameters = {
            "import": claimed.pk,
            "keys": [layout.kind.key(item.row) for item in told],
            "lines": [item.line.number for item in told],
        }
        tenant_rows(CLAIM, **parameters)


def work_batch(claimed: Import, around: Around) -> None:
    """The batch at the mark; the caller saves the import, with the mark behind it."""
    batch = ImportBatch.objects.get(import_id=claimed.pk, number=claimed.at)
    layout, lines = layout_of(claimed, around.workspace.zone), unpacked(batch)
    found = _sorted(lines, layout)
    if layout.kind.key is not None:
        _refuse_second(claimed, found, layout.kind)
    in_file = _parents_in_file(claimed, found, layout.kind)
    if claimed.state == ImportState.CHECKING:
        stored = _tried(found, in_file, layout.kind, around)
    else:
        stored = layout.kind.store([item.row for item in found.told], around)
    waiting = _waiting(stored, found, in_file, layout.kind, batch.round)
    for index, flaws in stored.flaws.items():
        found.refuse(found.told[index], flaws)
    _count(claimed, stored, found, len(lines) - len(waiting))
    _write_down(claimed, lines, found, layout)
    if waiting:
        keep_batch(claimed.pk, claimed.batches or 0, waiting, times=batch.round + 1)
        claimed.batches = (claimed.batches or 0) + 1
    claimed.at += 1


def _lines(claimed: Import, number: int) -> list[Line]:
    return unpacked(ImportBatch.objects.get(import_id=claimed.pk, number=number))


def _sorted(lines: Sequence[Line], layout: Layout) -> Sorted:
    found = Sorted()
    for line in lines:
        read = read_line(line, layout)
        if isinstance(read, Told):
            found.told.append(read)
        else:
            found.flaws[line.number] = read
    return found


def _named(claimed: Import, keys: Sequence[str]) -> dict[str, int]:
    return dict(tenant_rows(CLAIMED, **{"import": claimed.pk, "keys": list(keys)}))


def _refuse_second(claimed: Import, found: Sorted, kind: Kind) -> None:
    keys = [kind.key(item.row) for item in found.told] if kind.key else []
    first = _named(claimed, keys)
    kept = []
    for item, key in zip(found.told, keys, strict=True):
        if first.get(key, item.line.number) == item.line.number:
            kept.append(item)
            continue
        message = _("Row %(first)s is about the same already.") % {"first": first[key]}
        found.refuse(item, [Flaw(kind.fields[0].name, message)])
    found.told = kept


def _parents_in_file(claimed: Import, found: Sorted, kind: Kind) -> set[str]:
    if kind.parent is None:
        return set()
    parents = {kind.parent(item.row) for item in found.told} - {""}
    return set(_named(claimed, sorted(parents))) if parents else set()


def _tried(found: Sorted, in_file: set[str], kind: Kind, around: Around) -> Stored:
    """What storing would do, undone. What is above in the file is not there: it is left out."""
    rows = [
        kind.parentless(item.row) if kind.parent and kind.parent(item.row) in in_file else item.row
        for item in found.told
    ]
    with transaction.atomic():
        stored = kind.store(rows, around)
        transaction.set_rollback(True)
    return stored


def _waiting(
    stored: Stored, found: Sorted, in_file: set[str], kind: Kind, times: int
) -> list[Line]:
    """The rows whose parent is still to come; of the others that miss one it is a flaw."""
    waiting = []
    for index, flaws in stored.waiting.items():
        item = found.told[index]
        if kind.parent and kind.parent(item.row) in in_file and times < MOST_ROUNDS:
            waiting.append(item.line)
        else:
            stored.flaws[index] = flaws
    return waiting


def _count(claimed: Import, stored: Stored, found: Sorted, done: int) -> None:
    claimed.created += stored.created
    claimed.updated += stored.updated
    claimed.unchanged += stored.unchanged
    claimed.accepted += stored.accepted
    claimed.duplicates += stored.duplicates
    claimed.rejected += len(found.flaws)
    claimed.done += done


def _write_down(claimed: Import, lines: Sequence[Line], found: Sorted, layout: Layout) -> None:
    ImportReject.objects.bulk_create(
        ImportReject(
            import_id=claimed.pk,
            line=line.number,
            flaws=[
                [layout.column_of(flaw.field), flaw.message] for flaw in found.flaws[line.number]
            ],
            cells=line.cells,
        )
        for line in lines
        if line.number in found.flaws
    )
