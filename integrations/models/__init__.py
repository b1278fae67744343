from integrations.models.imports import (
    Import,
    ImportBatch,
    ImportKey,
    ImportKind,
    ImportPart,
    ImportReject,
    ImportState,
)

__all__ = [
    "Import",
    "ImportBatch",
    "ImportKey",
    "ImportKind",
    "ImportPart",
    "ImportReject",
    "ImportState",
]
