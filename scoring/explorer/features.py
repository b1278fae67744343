"""How the accounts of a group use features on average: what one of them is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scoring.engine.fixed import HUNDRED, SCALE, divide_half_up
from scoring.explorer.groups import Group
from scoring.kept import kept
from usage.features import active, uses_of


@dataclass(frozen=True, slots=True)
class Usual:
    """Per account of the group that uses the product: the mean number of uses, and the share in
    percent that uses the feature at all; both in ten-thousandths."""

    mean: int
    share: int


@dataclass(frozen=True, slots=True)
class Usuals:
    """`accounts` of those counted used the product; without any there is nothing usual."""

    accounts: int
    found: dict[str, tuple[int, int]]

    def of(self, key: str) -> Usual | None:
        if not self.accounts:
            return None
        uses, users = self.found.get(key, (0, 0))
        return Usual(
            int(divide_half_up(uses * SCALE, self.accounts)),
            int(divide_half_up(users * HUNDRED, self.accounts)),
        )


def usuals(group: Group, *, days: int, as_of: date, keys: Sequence[str]) -> Usuals:
    """A large group by its sample."""

    def made() -> Usuals:
        ids = group.sample.ids.tolist()
        found = uses_of(account_ids=ids, days=days, as_of=as_of, keys=keys)
        return Usuals(active(account_ids=ids, days=days, as_of=as_of).accounts, found)

    name = f"usage:usual:{group.token}:{len(group)}:{days}:{as_of}:{list(keys)}"
    return kept(name, made, seconds=group.kept_seconds)
