"""The override of an account's score: its form, and the ones before."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.templatetags.ui import day as day_text
from scoring.bands import look
from scoring.engine.compiled import Compiled
from scoring.forms.override import OverrideForm
from scoring.models import Override
from scoring.pages.account import AccountPage
from scoring.sentences import score_text


@dataclass(frozen=True, slots=True)
class Earlier:
    """`what` was set, and how it ended where it did not hold until its last day."""

    override: Override
    what: str
    ended: str


@dataclass(frozen=True, slots=True)
class Overriding:
    """`form` is None for who may not, or where another day than today is shown."""

    active: Override | None
    form: OverrideForm | None
    earlier: list[Earlier]
    open: bool


def read_overriding(
    page: AccountPage, can_set: bool, form: OverrideForm | None = None
) -> Overriding | None:
    """`form` is one that was sent and refused. None where there is nothing to tell."""
    if page.health is None:
        return None
    card = page.health.scorecard
    told = page.overrides
    active = card.override
    able = can_set and card.scorecard.active
    if not able and not told:
        return None
    usual = OverrideForm(look(card.compiled.bands), page.choice.today) if able else None
    return Overriding(
        active=active,
        form=form or usual,
        earlier=[
            Earlier(
                override, what_text(override, card.compiled), _ended(override, page.choice.as_of)
            )
            for override in told
            if active is None or override.pk != active.pk
        ],
        open=form is not None,
    )


def what_text(override: Override, compiled: Compiled) -> str:
    """“80”, or the label of the band."""
    if override.score is not None:
        return score_text(override.score)
    labels = {band.key: str(band.label) for band in look(compiled.bands)}
    return labels.get(override.band, override.band)


def _ended(override: Override, as_of: date) -> str:
    """What came after the day of the page is not told."""
    if override.ended_on is None or override.ended_on > as_of:
        return ""
    if override.ended_by is None:
        return _("ended %(day)s") % {"day": day_text(override.ended_on)}
    values = {"day": day_text(override.ended_on), "who": override.ended_by}
    return _("ended %(day)s by %(who)s") % values
