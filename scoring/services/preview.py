"""What a document would do, before it is published; nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Account, Workspace
from scoring.engine.compiled import bands_of, compile_card
from scoring.models import Evaluation, Scorecard
from scoring.services.configuration import custom_schemes, validate_document
from scoring.services.evaluate import evaluated
from scoring.versions import compiled_versions

BATCH = 1000
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Move:
    """An account that would change band: keys, and the contract value in cents."""

    account: str
    name: str
    before: str
    after: str
    contract_value_cents: int | None


def band_moves(*, workspace: Workspace, document: object, moment: datetime) -> list[Move]:
    """Who would be in another band today, by name. Raises InvalidInput for a bad document."""
    card = validate_document(document)
    current = Scorecard.objects.filter(key=card.key).first()
    engine_card = compile_card(card, bands_of(card, custom_schemes()))
    today = workspace.day_of(moment)
    moves: list[Move] = []
    for accounts in _batches():
        ids = [account.pk for account in accounts]
        scorecard_id = current.pk if current else 0
        outcome = evaluated(
            engine_card,
            workspace=workspace,
            scorecard_id=scorecard_id,
            version_id=0,
            account_ids=ids,
            first=today,
            last=today,
        )
        held = Evaluation.objects.on(today).filter(scorecard_id=scorecard_id, account_id__in=ids)
        rows = {row.account_id: row for row in held}
        cards = compiled_versions({row.version_id for row in rows.values()})
        before = {
            pk: cards[row.version_id].bands[row.band].key if row.band >= 0 else UNKNOWN
            for pk, row in rows.items()
        }
        for n, account in enumerate(accounts):
            band = int(outcome.fields["band"][0, n]) if outcome.applies[0, n] else -1
            after = engine_card.bands[band].key if band >= 0 else UNKNOWN
            if after != before.get(account.pk, UNKNOWN):
                moves.append(_move(account, before.get(account.pk, UNKNOWN), after))
    return sorted(moves, key=lambda move: move.name)


def _batches() -> Iterator[list[Account]]:
    after = 0
    while accounts := list(Account.objects.filter(pk__gt=after).order_by("pk")[:BATCH]):
        yield accounts
        after = accounts[-1].pk


def _move(account: Account, before: str, after: str) -> Move:
    return Move(account.key, account.name, before, after, account.contract_value_cents)
