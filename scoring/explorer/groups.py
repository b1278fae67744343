"""Whose usage is looked at: one account, a segment, the accounts of a scorecard, or all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import Account, Segment
from accounts.tenancy import current_workspace_id
from scoring.explorer.choice import EVERYBODY, PEERS, Choice
from scoring.kept import kept
from scoring.models import Health, Scorecard
from scoring.segments import matching
from usage.packed import columns
from usage.windows import Ints

SAMPLE = 500
"""Of more accounts the course over time and the features are told from an even sample."""
SLICE = 2000

ALL = "SELECT id FROM accounts_account WHERE workspace_id = %(workspace)s ORDER BY id"
OF_SCORECARD = """
SELECT account_id AS id FROM scoring_health
WHERE workspace_id = %(workspace)s AND scorecard_id = %(scorecard)s ORDER BY account_id
"""


@dataclass(frozen=True)
class Group:
    """Accounts that are looked at together; `ids` ascend, `token` names them in the cache."""

    token: str
    name: str
    ids: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def sampled(self) -> bool:
        return len(self) > SAMPLE

    @property
    def sample(self) -> "Group":
        """Itself where it is small; else evenly chosen by when the accounts were added."""
        if not self.sampled:
            return self
        places = np.linspace(0, len(self) - 1, SAMPLE).round().astype(np.int64)
        return Group(f"{self.token}:sample", self.name, self.ids[places])

    @property
    def kept_seconds(self) -> int:
        """How long what was told of it is kept: what many accounts do changes slowly."""
        return 300 if self.sampled else 60

    def slices(self) -> Iterator[list[int]]:
        for start in range(0, len(self), SLICE):
            yield self.ids[start : start + SLICE].tolist()


@dataclass(frozen=True)
class Subject:
    """One account, or a group; `against` is whom it is compared with."""

    name: str
    account: Account | None
    group: Group
    against: Group | None

    @property
    def listed(self) -> Group:
        """The accounts of the table: an account stands among those it is compared with."""
        return self.against if self.account and self.against else self.group


def read_subject(choice: Choice) -> Subject:
    """Raises Http404 for an account or segment that there is not."""
    if choice.account:
        account = Account.objects.filter(key=choice.account).first()
        if account is None:
            raise Http404
        own = Group(f"account:{account.pk}", account.name, np.array([account.pk], np.int64))
        return Subject(account.name, account, own, _against_account(choice, account))
    group = _segment(choice.segment) if choice.segment else all_accounts()
    compared = choice.segment and choice.against in (PEERS, EVERYBODY)
    return Subject(group.name, None, group, all_accounts() if compared else None)


def all_accounts() -> Group:
    return Group("all", _("All accounts"), _ids(ALL))


def peers_of(account: Account) -> Group | None:
    """The accounts whose primary scorecard is the same, itself among them; None before its first
    evaluation."""
    health = Health.objects.filter(account_id=account.pk).first()
    if health is None:
        return None
    return of_scorecard(Scorecard.objects.get(pk=health.scorecard_id))


def of_scorecard(scorecard: Scorecard) -> Group:
    """The accounts whose primary scorecard it is."""
    return Group(
        f"scorecard:{scorecard.pk}",
        _("Accounts of “%(name)s”") % {"name": scorecard.name},
        _ids(OF_SCORECARD, scorecard=scorecard.pk),
    )


def _against_account(choice: Choice, account: Account) -> Group | None:
    if choice.against == PEERS:
        return peers_of(account) or all_accounts()
    return all_accounts() if choice.against == EVERYBODY else None


def _segment(key: str) -> Group:
    segment = Segment.objects.filter(key=key).first()
    if segment is None:
        raise Http404
    return segment_groups([segment])[0]


def segment_groups(segments: Sequence[Segment]) -> list[Group]:
    """The accounts of each as they are now, all found in one reading of the accounts."""
    tokens = [f"segment:{segment.pk}:{segment.conditions}" for segment in segments]

    def made() -> list[list[int]]:
        return [sorted(ids) for ids in matching(segments)]

    found = kept(f"usage:{tokens}", made, seconds=60)
    return [
        Group(token, segment.name, np.array(ids, np.int64))
        for token, segment, ids in zip(tokens, segments, found, strict=True)
    ]


def _ids(select: str, **parameters: object) -> Ints:
    (found,) = columns(select, {"workspace": current_workspace_id(), **parameters}, "id")
    return found
