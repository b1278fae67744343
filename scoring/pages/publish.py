"""What an admin sees before a draft is published: what changes, who moves, and what is in the way."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.ui import money
from scoring.differences.nodes import Difference
from scoring.differences.whole import Configuration, differences
from scoring.drafts import Document
from scoring.engine.compiled import bands_of
from scoring.engine.dependencies import needed
from scoring.models import Scorecard, ScorecardVersion
from scoring.moves import Cell, Kind, Matrix, Money
from scoring.services.configuration import custom_schemes, validate_document
from scoring.services.trial import Move, Trial
from scoring.version_history import configuration_of
from scoring.versions import compiled, published_document

PAGE = 25


@dataclass(frozen=True)
class Listed:
    """Some of the accounts of one cell, or of all that move."""

    cell: Cell | None
    moves: list[Move]
    first: int
    total: int

    @property
    def last(self) -> int:
        return self.first + len(self.moves) - 1

    @property
    def page(self) -> int:
        return self.first // PAGE + 1

    @property
    def more(self) -> bool:
        return self.last < self.total


def changes_of(scorecard: Scorecard, document: Document) -> list[Difference]:
    """From what is published to the draft. Raises InvalidInput for a draft that is not sound."""
    card = validate_document(document)
    after = Configuration({**document}, bands_of(card, custom_schemes()))
    version = scorecard.current_version
    if version is None:
        return differences(None, after)
    before = Configuration(published_document(scorecard), configuration_of(version).bands)
    return differences(before, after)


def overtaken_by(scorecard: Scorecard) -> list[ScorecardVersion]:
    """What was published since the draft was begun, oldest first."""
    later = ScorecardVersion.objects.filter(
        scorecard=scorecard, number__gt=scorecard.draft_from or 0
    )
    return list(later.select_related("published_by").order_by("number"))


def begun_with(scorecard: Scorecard) -> ScorecardVersion | None:
    versions = ScorecardVersion.objects.filter(scorecard=scorecard)
    return versions.filter(number=scorecard.draft_from or 0).first()


def using(key: str) -> list[str]:
    """The names of the scorecards that measure by this one's score, or by one that does."""
    cards = {card.key: card for card in Scorecard.objects.active()}
    needs = {
        other: set(needed(compiled(card.current_version).card)) for other, card in cards.items()
    }
    reached, found = {key}, set[str]()
    while reached:
        reached = {other for other, names in needs.items() if names & reached} - found
        found |= reached
    return sorted(cards[other].name for other in found - {key})


def headline(matrix: Matrix) -> str:
    """ "12 accounts move, €340,000 at stake: 8 down, 4 up"."""
    if not matrix.moved:
        return _("No account changes band.")
    if matrix.totals.get("in", 0) == matrix.moved:
        first = ngettext("%(n)s account gets a band", "%(n)s accounts get a band", matrix.moved)
        return first % {"n": number_format(matrix.moved)}
    accounts = ngettext("%(n)s account moves", "%(n)s accounts move", matrix.moved)
    text = accounts % {"n": number_format(matrix.moved)}
    if matrix.at_stake:
        text = _("%(accounts)s, %(money)s at stake") % {
            "accounts": text,
            "money": money_text(matrix.at_stake),
        }
    return f"{text}: {_kinds(matrix)}"


def money_text(sums: Sequence[Money]) -> str:
    return " + ".join(money(each.minor, each.currency) for each in sums)


def _kinds(matrix: Matrix) -> str:
    words: dict[Kind, str] = {
        "worse": _("%(n)s down"),
        "better": _("%(n)s up"),
        "in": _("%(n)s get a band"),
        "out": _("%(n)s lose theirs"),
        "other": _("%(n)s in another way"),
    }
    found = ((words[kind], matrix.totals.get(kind, 0)) for kind in words)
    return ", ".join(word % {"n": number_format(count)} for word, count in found if count)


def listed(trial: Trial, matrix: Matrix, asked: QueryDict) -> Listed:
    """`from` and `to` are keys of bands; without both, all that move. `page` counts from 1."""
    before, after = asked.get("from", ""), asked.get("to", "")
    wanted = trial.between(before, after) if before or after else trial.moving()
    total = int(wanted.sum())
    page = _page(str(asked.get("page", "")))
    start = (min(max(page, 1), max(1, -(-total // PAGE))) - 1) * PAGE
    cell = matrix.cell(before, after)
    return Listed(cell, trial.moves(wanted, start, PAGE), start + 1, total)


def _page(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 1
