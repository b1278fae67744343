"""How the pages of accounts are arranged, as admins set it."""

from datetime import datetime

import msgspec

from accounts.models import User
from scoring.layouts import LayoutDocument, checked
from scoring.models import Layout


def save_layout(
    *, stage: str, document: object, moment: datetime, by: User | None
) -> LayoutDocument:
    """From now on, for everybody. Raises InvalidInput."""
    found = checked(document)
    Layout.objects.update_or_create(
        stage=stage, defaults={"document": msgspec.to_builtins(found), "changed_at": moment}
    )
    return found


def remove_layout(*, stage: str, by: User | None) -> None:
    """What holds for all stages, or what is usual, takes its place."""
    Layout.objects.filter(stage=stage).delete()
