from integrations.models.imports import (
    Import,
    ImportBatch,
    ImportKey,
    ImportKind,
    ImportPart,
    ImportReject,
    ImportState,
)
from integrations.models.known import KnownAccount, KnownUser, WaitingEvent

__all__ = [
    "Import",
    "ImportBatch",
    "ImportKey",
    "ImportKind",
    "ImportPart",
    "ImportReject",
    "ImportState",
    "KnownAccount",
    "KnownUser",
    "WaitingEvent",
]
