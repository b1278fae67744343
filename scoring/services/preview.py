"""What a document would do, before it is published; nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import Account, Workspace
from scoring.engine.compiled import Compiled, bands_of, compile_card
from scoring.models import Scorecard
from scoring.services.configuration import custom_schemes, publishable
from scoring.services.evaluate import evaluated
from scoring.versions import compiled

BATCH = 1000
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Move:
    """An account that would change band: keys, and the contract value in minor units."""

    account: str
    name: str
    before: str
    after: str
    contract_value_cents: int | None
    currency: str


def band_moves(*, workspace: Workspace, document: object, moment: datetime) -> list[Move]:
    """Who would be in another band today, by name. Raises InvalidInput for a bad document.

    Both configurations are evaluated on today's data, so that only their difference is told.
    """
    card = publishable(document)
    wanted = compile_card(card, bands_of(card, custom_schemes()))
    current = Scorecard.objects.active().filter(key=card.key).first()
    published = compiled(current.current_version) if current else None
    today = workspace.day_of(moment)
    moves: list[Move] = []
    for accounts in _batches():
        after = _bands(wanted, workspace, current, accounts, today)
        before = (
            _bands(published, workspace, current, accounts, today)
            if published
            else [UNKNOWN] * len(accounts)
        )
        moves += [
            Move(a.key, a.name, b, c, a.contract_value_cents, a.currency)
            for a, b, c in zip(accounts, before, after, strict=True)
            if b != c
        ]
    return sorted(moves, key=lambda move: (move.name, move.account))


def _batches() -> Iterator[list[Account]]:
    after = 0
    while accounts := list(Account.objects.filter(pk__gt=after).order_by("pk")[:BATCH]):
        yield accounts
        after = accounts[-1].pk


def _bands(
    card: Compiled,
    workspace: Workspace,
    current: Scorecard | None,
    accounts: list[Account],
    today: date,
) -> list[str]:
    """The key of each account's band; a card that does not apply says nothing of it."""
    outcome = evaluated(
        card,
        workspace=workspace,
        scorecard_id=current.pk if current else 0,
        version_id=0,
        account_ids=[account.pk for account in accounts],
        first=today,
        last=today,
    )
    bands = [int(band) for band in outcome.fields["band"][0]]
    return [
        card.bands[band].key if applies and band >= 0 else UNKNOWN
        for band, applies in zip(bands, outcome.applies[0], strict=True)
    ]
