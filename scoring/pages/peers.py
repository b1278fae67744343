"""An account's metric among those of the other accounts, in words and as a picture."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from scoring.charts import Range, value_range
from scoring.engine import card
from scoring.engine.checks import grade_of
from scoring.engine.fixed import LARGEST, SCALE
from scoring.pages.choice import Choice
from scoring.peers import Peers, read_peers
from scoring.scorecard_parts import AccountScorecard
from scoring.wording import plain, value_text


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ends` are the least, the middle and the greatest value with their names; `picture` is None
    where they are no points of a line."""

    words: str
    ends: list[tuple[str, str]]
    picture: Range | None


def read_comparison(choice: Choice, scorecard: AccountScorecard) -> Comparison | None:
    """Of the metric that is open; another version than the one that was shown has no peers."""
    if not choice.metric or choice.version is not None:
        return None
    peers = read_peers(scorecard, keys=[choice.metric]).get(choice.metric)
    return comparison(peers) if peers else None


def comparison(peers: Peers) -> Comparison:
    if isinstance(grade_of(peers.metric), card.Boolean):
        return Comparison(_yes(peers), [], None)
    values = peers.minimum, peers.median, peers.maximum
    titles = _("Lowest"), _("Median"), _("Highest")
    texts = [peer_text(peers.metric, value) for value in values]
    drawn = peers.minimum < peers.maximum < LARGEST and (peers.value or 0) < LARGEST
    picture = value_range(*values, peers.value) if drawn else None
    return Comparison(words(peers), list(zip(titles, texts, strict=True)), picture)


def words(peers: Peers) -> str:
    if peers.value is None:
        return _("%(count)s accounts have a value.") % {"count": number_format(peers.count)}
    return place_text(peers.count, peers.below, peers.equal)


def place_text(count: int, below: int, equal: int) -> str:
    """Where one of `count` accounts stands; it is among those that are equal."""
    told = {"count": number_format(count), "share": number_format(max(1, 100 * below // count))}
    if equal == count:
        return _("The same as all %(count)s accounts.") % told
    if below + equal == count:
        return _top(equal) % told
    if below == 0:
        return _bottom(equal) % told
    return _("Higher than %(share)s %% of %(count)s accounts.") % told


def _top(equal: int) -> str:
    if equal > 1:
        return _("None of %(count)s accounts is higher.")
    return _("The highest of %(count)s accounts.")


def _bottom(equal: int) -> str:
    if equal > 1:
        return _("None of %(count)s accounts is lower.")
    return _("The lowest of %(count)s accounts.")


def _yes(peers: Peers) -> str:
    yes = peers.count - peers.knots.place(0)[1]
    return _("“%(yes)s” for %(part)s of %(count)s accounts.") % {
        "yes": value_text(peers.metric, SCALE),
        "part": number_format(yes),
        "count": number_format(peers.count),
    }


def peer_text(metric: card.Metric, value: int) -> str:
    """Without the window: the row above has it."""
    if isinstance(grade_of(metric), card.Level):
        return value_text(metric, value // SCALE - 1)
    if isinstance(metric.source, card.Growth):
        return value_text(metric, value)
    return plain(value)
