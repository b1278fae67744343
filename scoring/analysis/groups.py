"""The accounts by segment, owner or stage, as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from django.utils.translation import gettext as _

from accounts.models import Segment
from scoring.analysis.accounts import Accounts
from scoring.engine.fixed import Bools
from scoring.kept import kept
from scoring.portfolio.choice import NONE
from scoring.segments import matching

By = Literal["segment", "owner", "stage"]
BYS: tuple[By, ...] = get_args(By)
MOST = 25
"""Groups that a page lists; of more, the largest."""


@dataclass(frozen=True)
class Group:
    """`key` is what a filter names it by, empty where none can."""

    key: str
    name: str
    members: Bools


@dataclass(frozen=True)
class Groups:
    by: By
    listed: list[Group]
    total: int


def read_groups(
    by: By, accounts: Accounts, people: Sequence[tuple[int, str]], *, most: int = MOST
) -> Groups:
    """`people` are those who own accounts, with their names."""
    if by == "segment":
        found = _segments(accounts)
        return Groups(by, found[:most], len(found))
    found = _owners(accounts, dict(people)) if by == "owner" else _stages(accounts)
    found.sort(key=lambda group: -int(group.members.sum()))
    return Groups(by, found[:most], len(found))


def _segments(accounts: Accounts) -> list[Group]:
    """An account may be in several, or in none."""
    segments = list(Segment.objects.order_by("name", "pk"))
    name = f"analysis:segments:{[(each.pk, each.conditions) for each in segments]}"
    ids = kept(name, lambda: matching(segments), seconds=60)
    return [
        Group(segment.key, segment.name, np.isin(accounts.ids, np.array(members, np.int64)))
        for segment, members in zip(segments, ids, strict=True)
    ]


def _owners(accounts: Accounts, names: dict[int, str]) -> list[Group]:
    return [
        Group(
            str(pk) if pk else NONE,
            names.get(pk, str(pk)) if pk else _("Nobody"),
            accounts.owner == pk,
        )
        for pk in np.unique(accounts.owner).tolist()
    ]


def _stages(accounts: Accounts) -> list[Group]:
    return [
        Group(
            accounts.stages[place], accounts.stages[place] or _("No stage"), accounts.stage == place
        )
        for place in np.unique(accounts.stage).tolist()
    ]
