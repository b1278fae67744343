"""The newest entries of an account's timeline, as its page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.forms.touchpoint import TouchpointForm
from accounts.models import Account, Contact, Workspace
from scoring.models import Health
from scoring.timeline.entries import Entry
from scoring.timeline.pages import newest


@dataclass(frozen=True, slots=True)
class AccountTimeline:
    """`past` says that another day than today is shown; `form` is None where nothing can be written
    down, `open_form` shows it unfolded."""

    account: Account
    entries: list[Entry]
    past: bool
    form: TouchpointForm | None
    open_form: bool = False


def read_timeline(
    workspace: Workspace,
    account: Account,
    *,
    as_of: date,
    contacts: Sequence[Contact] | None,
    past: bool = False,
    scorecard_id: int | None = None,
    form: TouchpointForm | None = None,
) -> AccountTimeline:
    """Without `contacts` for who only reads; `form` is one that was sent and refused."""
    usual = TouchpointForm(contacts, as_of) if contacts is not None else None
    return AccountTimeline(
        account=account,
        entries=newest(workspace, account, last=as_of, scorecard_id=scorecard_id),
        past=past,
        form=form or usual,
        open_form=form is not None,
    )


def primary_scorecard_id(account: Account) -> int | None:
    health = Health.objects.filter(account_id=account.pk)
    found: int | None = health.values_list("scorecard_id", flat=True).first()
    return found
