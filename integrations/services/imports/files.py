"""A file in the database while it is needed: any machine can read it, and it goes with its import."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import msgspec

from integrations.imports.rows import Line
from integrations.imports.sheets.opening import spool
from integrations.models import ImportBatch, ImportPart

PART = 1 << 20
FASTEST = 1


def keep_file(import_id: int, file: IO[bytes]) -> None:
    file.seek(0)
    for number, content in enumerate(iter(lambda: file.read(PART), b"")):
        ImportPart.objects.create(import_id=import_id, number=number, content=content)


@contextmanager
def kept_file(import_id: int) -> Iterator[IO[bytes]]:
    parts = ImportPart.objects.filter(import_id=import_id).order_by("number")
    with spool() as file:
        for number in list(parts.values_list("number", flat=True)):
            content = parts.filter(number=number).values_list("content", flat=True).get()
            file.write(bytes(content))
        yield file


def forget_file(import_id: int) -> None:
    for model in (ImportPart, ImportBatch):
        model.objects.filter(import_id=import_id).delete()


def packed(lines: Sequence[Line]) -> bytes:
    return zlib.compress(msgspec.json.encode(lines), FASTEST)


def unpacked(batch: ImportBatch) -> list[Line]:
    return msgspec.json.decode(zlib.decompress(bytes(batch.lines)), type=list[Line])


def keep_batch(
    import_id: int, number: int, lines: Sequence[Line], *, times: int = 0
) -> ImportBatch:
    batch: ImportBatch = ImportBatch.objects.create(
        import_id=import_id,
        number=number,
        round=times,
        first_line=lines[0].number,
        lines=packed(lines),
    )
    return batch
