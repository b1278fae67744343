"""The days that a request may name: from the first plausible one until today in the workspace."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import Workspace
from scoring.services.runs import FIRST_DAY

MOST_DAYS = 3660


def check_day(path: str, day: date, today: date) -> date:
    if day > today:
        raise InvalidInput.at(path, _("This day lies in the future."))
    if day < FIRST_DAY:
        raise InvalidInput.at(
            path, _("Ask for days from %(first)s on.") % {"first": FIRST_DAY.isoformat()}
        )
    return day


def check_moment(
    workspace: Workspace, moment: datetime | None, now: datetime, day: date
) -> datetime | None:
    """What was believed of a day can be asked for from the day on until now."""
    if moment is None:
        return None
    if moment > now:
        raise InvalidInput.at("believed_at", _("This moment lies in the future."))
    if workspace.day_of(moment) < day:
        raise InvalidInput.at("believed_at", _("This moment lies before the day."))
    return moment


def check_days(first: date, last: date, today: date, *, to: str = "to") -> tuple[date, date]:
    """Both ends of an interval; `to` names the field of its last day."""
    check_day(to, last, today)
    check_day("from", first, today)
    if first > last:
        raise InvalidInput.at("from", _("This day lies after the last one."))
    if (last - first).days >= MOST_DAYS:
        raise InvalidInput.at("from", _("Ask for at most %(days)d days.") % {"days": MOST_DAYS})
    return first, last
