"""What a scorecard's document names of the workspace: segments, and other scorecards, which may name it."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import Segment, Workspace
from accounts.tenancy import current_workspace_id
from scoring.engine.card import Scorecard as Card
from scoring.engine.dependencies import circle, needed, uses
from scoring.engine.problems import Problem, gettext_noop, join
from scoring.models import Scorecard
from scoring.versions import compiled


def lock_configuration() -> None:
    """Two changes at once could each be sound and make a circle together: the later one waits."""
    Workspace.objects.select_for_update(no_key=True).get(pk=current_workspace_id())


def reference_problems(card: Card, beside: Sequence[Card] = ()) -> list[Problem]:
    """`beside` are documents that are published together with this one, in whatever order."""
    problems = list(_of_segments(card))
    return problems + (list(_of_others(card, beside)) if needed(card) else [])


def _of_segments(card: Card) -> Iterator[Problem]:
    wanted = card.applies_to.segment if card.applies_to else ()
    if not wanted:
        return
    known = set(Segment.objects.filter(key__in=wanted).values_list("key", flat=True))
    for i, key in enumerate(wanted):
        if key not in known:
            template = gettext_noop("there is no segment “%(key)s”")
            yield Problem(f"applies_to.segment[{i}]", template, {"key": key})


def _of_others(card: Card, beside: Sequence[Card]) -> Iterator[Problem]:
    off = set(Scorecard.objects.filter(active=False).values_list("key", flat=True))
    together = {other.key: other for other in (*beside, card) if other.key not in off}
    others = active_cards() | together | {card.key: card}
    needs = {key: needed(other) for key, other in others.items()}
    for metric, key in uses(card).items():
        path = join(metric, "source.scorecard")
        found = circle(card.key, key, needs) if key in others else None
        if key not in others:
            yield Problem(path, _unusable(key), {"key": key})
        elif found is not None and len(found) == 2:
            yield Problem(path, gettext_noop("a scorecard cannot be a metric of itself"))
        elif found is not None:
            template = gettext_noop("goes round in a circle: %(path)s")
            yield Problem(path, template, {"path": " → ".join(found)})


def _unusable(key: str) -> str:
    known = Scorecard.objects.filter(key=key).first()
    if known is None:
        return gettext_noop("there is no scorecard “%(key)s”")
    if known.current_version_id is None:
        return gettext_noop("the scorecard “%(key)s” is not published yet")
    return gettext_noop("the scorecard “%(key)s” is switched off")


def active_cards() -> dict[str, Card]:
    active = Scorecard.objects.active()
    return {scorecard.key: compiled(scorecard.current_version).card for scorecard in active}


def refuse_while_needed(scorecard: Scorecard) -> None:
    """Raises InvalidInput where the score is a metric of other scorecards, with their names."""
    names = needed_by(scorecard.key, active_cards())
    if names:
        message = _("It is a metric of other scorecards: %(names)s. Take it out there first.")
        raise InvalidInput.at("", message % {"names": ", ".join(names)})


def needed_by(key: str, cards: Mapping[str, Card]) -> list[str]:
    return sorted(c.name for c in cards.values() if c.key != key and key in needed(c))
