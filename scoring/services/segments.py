"""Segments: who belongs together. A change of one is a change of every scorecard that it limits."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import Segment
from scoring.engine.document import DocumentError
from scoring.engine.segments import export_segment, parse_segment
from scoring.segments import users_of
from scoring.services.arrangement import score_soon
from scoring.services.configuration import invalid
from scoring.services.references import lock_configuration
from scoring.services.segment_members import recount_members


@transaction.atomic
def save_segment(*, document: object, today: date) -> Segment:
    """Create or replace the segment of this key; who it limits is scored again. Raises InvalidInput."""
    try:
        given = parse_segment(document)
    except DocumentError as error:
        raise invalid(error.problems) from error
    lock_configuration()
    conditions = export_segment(given)["conditions"]
    before = Segment.objects.filter(key=given.key).first()
    saved, _created = Segment.objects.update_or_create(
        key=given.key, defaults={"name": given.name, "conditions": conditions}
    )
    if before is None or before.conditions != conditions:
        recount_members(saved)
        if before is not None and users_of(saved):
            score_soon(today)
    return saved


@transaction.atomic
def remove_segment(*, segment: Segment) -> None:
    """Raises InvalidInput where a scorecard uses it, with its name."""
    lock_configuration()
    names = users_of(segment)
    if names:
        message = _("It limits scorecards: %(names)s. Take it out there first.")
        raise InvalidInput.at("", message % {"names": ", ".join(names)})
    segment.delete()
