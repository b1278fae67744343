"""The life cycle of alerts: each step is one conditional update, so two people never both take it."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import User
from scoring.models import Alert, AlertState

OPEN, ACKNOWLEDGED = AlertState.OPEN, AlertState.ACKNOWLEDGED
SNOOZED, RESOLVED = AlertState.SNOOZED, AlertState.RESOLVED
FROM = {
    OPEN: {ACKNOWLEDGED, SNOOZED, RESOLVED},
    ACKNOWLEDGED: {OPEN, SNOOZED},
    SNOOZED: {OPEN, ACKNOWLEDGED, SNOOZED},
    RESOLVED: {OPEN, ACKNOWLEDGED, SNOOZED},
}
"""The states that each state may be reached from."""


def acknowledge(*, alert: Alert, by: User | None, moment: datetime) -> Alert:
    """Somebody looks after it."""
    return _change(alert, ACKNOWLEDGED, by, moment)


def snooze(*, alert: Alert, until: date, by: User | None, moment: datetime, today: date) -> Alert:
    """Out of sight until the day, on which it is open again."""
    if until <= today:
        raise InvalidInput.at("snoozed_until", _("Choose a day after today."))
    return _change(alert, SNOOZED, by, moment, until)


def resolve(*, alert: Alert, by: User | None, moment: datetime) -> Alert:
    return _change(alert, RESOLVED, by, moment)


def reopen(*, alert: Alert, by: User | None, moment: datetime) -> Alert:
    return _change(alert, OPEN, by, moment)


def change_alert(
    *,
    alert: Alert,
    state: str,
    snoozed_until: date | None,
    by: User | None,
    moment: datetime,
    today: date,
) -> Alert:
    """The step that leads to the state; the same state again changes nothing."""
    if state != SNOOZED:
        if snoozed_until is not None:
            raise InvalidInput.at("snoozed_until", _("Only a snoozed alert has such a day."))
        return alert if alert.state == state else _change(alert, AlertState(state), by, moment)
    if snoozed_until is None:
        raise InvalidInput.at("snoozed_until", _("Say until which day the alert is snoozed."))
    if alert.state == SNOOZED and alert.snoozed_until == snoozed_until:
        return alert
    return snooze(alert=alert, until=snoozed_until, by=by, moment=moment, today=today)


def acknowledge_all(*, ids: list[int], by: User | None, moment: datetime) -> int:
    """Those of the alerts that are open; how many they were."""
    return int(Alert.objects.open().filter(pk__in=ids).update(**_stamp(ACKNOWLEDGED, by, moment)))


def wake_snoozed(*, today: date, moment: datetime) -> int:
    """Alerts whose day has come are open again."""
    due = Alert.objects.filter(state=SNOOZED, snoozed_until__lte=today)
    return int(due.update(**_stamp(OPEN, None, moment)))


def _stamp(
    state: AlertState, by: User | None, moment: datetime, until: date | None = None
) -> dict[str, object]:
    return {"state": state, "snoozed_until": until, "changed_by": by, "changed_at": moment}


def _change(
    alert: Alert,
    state: AlertState,
    by: User | None,
    moment: datetime,
    until: date | None = None,
) -> Alert:
    """Raises InvalidInput where the alert is in a state that does not lead there any more."""
    changes = _stamp(state, by, moment, until)
    free = Alert.objects.filter(pk=alert.pk, state__in=FROM[state])
    if not free.update(**changes):
        now = Alert.objects.values_list("state", flat=True).get(pk=alert.pk)
        words = {"now": AlertState(now).label.lower(), "wanted": state.label.lower()}
        raise InvalidInput.at(
            "state", _("The alert is %(now)s and cannot become %(wanted)s.") % words
        )
    for name, value in changes.items():
        setattr(alert, name, value)
    return alert
