from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.errors import InvalidInput
from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Alert, Rule, Scorecard, Severity
from scoring.services import alert_states
from tests.factories import make_account, make_member, make_workspace

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY, LATER = date(2026, 3, 10), date(2026, 3, 20)


def make_alert(workspace: Workspace, **fields: Any) -> Alert:
    account = fields.pop("account", None) or make_account(workspace)
    with scope(workspace.pk):
        rule, _ = Rule.objects.get_or_create(key="drop", defaults={"name": "Drop", "document": {}})
        card, _ = Scorecard.objects.get_or_create(key="health", defaults={"name": "Health"})
        given = {"day": TODAY, "compared_day": date(2026, 2, 8), "severity": Severity.RISK}
        values = {"rule": rule, "account": account, "scorecard": card, "band_key": "red"}
        return Alert.objects.create(**values, **(given | fields))


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def state(alert: Alert) -> tuple[Any, ...]:
    stored = Alert.objects.get(pk=alert.pk)
    return stored.state, stored.snoozed_until, stored.changed_by_id, stored.changed_at


def test_acknowledge_snooze_resolve_reopen_follow_each_other(workspace: Workspace) -> None:
    by, alert = make_member(workspace), make_alert(workspace)
    with scope(workspace.pk):
        alert_states.acknowledge(alert=alert, by=by, moment=NOW)
        assert state(alert) == ("acknowledged", None, by.pk, NOW)
        alert_states.snooze(alert=alert, until=LATER, by=by, moment=NOW, today=TODAY)
        assert state(alert) == ("snoozed", LATER, by.pk, NOW)
        alert_states.resolve(alert=alert, by=by, moment=NOW)
        assert state(alert) == ("resolved", None, by.pk, NOW)
        alert_states.reopen(alert=alert, by=by, moment=NOW)
        assert state(alert) == ("open", None, by.pk, NOW)


def test_acknowledge_of_a_resolved_alert_is_an_error_and_changes_nothing(
    workspace: Workspace,
) -> None:
    alert = make_alert(workspace, state="resolved")
    with scope(workspace.pk):
        with pytest.raises(InvalidInput) as caught:
            alert_states.acknowledge(alert=alert, by=None, moment=NOW)
        assert [(p.path, p.message) for p in caught.value.problems] == [
            ("state", "The alert is resolved and cannot become acknowledged.")
        ]
        assert state(alert) == ("resolved", None, None, None)


def test_acknowledge_sees_what_somebody_else_did_meanwhile(workspace: Workspace) -> None:
    alert = make_alert(workspace)
    with scope(workspace.pk):
        alert_states.resolve(alert=Alert.objects.get(pk=alert.pk), by=None, moment=NOW)
        with pytest.raises(InvalidInput):
            alert_states.acknowledge(alert=alert, by=None, moment=NOW)


def test_snooze_until_today_is_an_error(workspace: Workspace) -> None:
    alert = make_alert(workspace)
    with scope(workspace.pk):
        with pytest.raises(InvalidInput) as caught:
            alert_states.snooze(alert=alert, until=TODAY, by=None, moment=NOW, today=TODAY)
        assert [p.path for p in caught.value.problems] == ["snoozed_until"]
        assert state(alert) == ("open", None, None, None)


def test_change_alert_to_its_own_state_changes_nothing(workspace: Workspace) -> None:
    alert = make_alert(workspace, state="snoozed", snoozed_until=LATER)
    rest = {"by": None, "moment": NOW, "today": TODAY}
    with scope(workspace.pk):
        alert_states.change_alert(alert=alert, state="snoozed", snoozed_until=LATER, **rest)
        assert state(alert) == ("snoozed", LATER, None, None)
        alert_states.change_alert(alert=alert, state="open", snoozed_until=None, **rest)
        assert state(alert) == ("open", None, None, NOW)
        alert_states.change_alert(alert=alert, state="open", snoozed_until=None, **rest)
        for wanted, until in (("snoozed", None), ("resolved", LATER)):
            with pytest.raises(InvalidInput):
                alert_states.change_alert(alert=alert, state=wanted, snoozed_until=until, **rest)


def test_acknowledge_all_takes_the_open_ones_of_the_workspace(workspace: Workspace) -> None:
    mine, resolved = make_alert(workspace), make_alert(workspace, state="resolved")
    other = make_workspace()
    foreign = make_alert(other)
    ids = [mine.pk, resolved.pk, foreign.pk]
    with scope(workspace.pk):
        assert alert_states.acknowledge_all(ids=ids, by=None, moment=NOW) == 1
        assert (state(mine)[0], state(resolved)[0]) == ("acknowledged", "resolved")
    with scope(other.pk):
        assert state(foreign)[0] == "open"


def test_wake_snoozed_opens_those_whose_day_has_come(workspace: Workspace) -> None:
    due = make_alert(workspace, state="snoozed", snoozed_until=LATER)
    later = make_alert(workspace, state="snoozed", snoozed_until=date(2026, 3, 21))
    with scope(workspace.pk):
        assert alert_states.wake_snoozed(today=LATER, moment=NOW) == 1
        assert state(due) == ("open", None, None, NOW)
        assert state(later)[0] == "snoozed"
