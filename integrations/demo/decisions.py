"""What the demo's people decided: overrides, whose alert is looked after, how pages are arranged."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from accounts.models import Account, User, Workspace
from integrations.demo.portfolio import DECLINING, QUIET, SEASONAL, DemoAccount
from scoring.models import Alert, Scorecard
from scoring.services.alert_states import acknowledge, resolve, snooze
from scoring.services.layouts import save_layout
from scoring.services.overrides import OverrideRow, set_override, withdraw_override
from scoring.services.saved_views import save_view

MANAGER = "manager@demo.example"
MOVING = "They move to a new site until the end of next month. Renewal is promised in writing."
LEAVING = "Their board has decided to end the contract; told us on the phone."
OUTAGE = "Their network was down for a week; use came back at once."
VIEWS = (
    ("Green and growing", "band=green&sort=-change"),
    ("Red, by value", "band=red&sort=-value"),
)


def override(accounts: Sequence[DemoAccount], *, workspace: Workspace, moment: datetime) -> None:
    """One that holds for a while, one for long, one that was taken back."""
    by = User.objects.get(email=MANAGER)
    card = Scorecard.objects.get(key="health")
    today = workspace.day_of(moment)
    for character, row, begun, withdrawn in (
        (DECLINING, OverrideRow(band="yellow", reason=MOVING, last_day=_in(today, 24)), 9, None),
        (QUIET, OverrideRow(score=15, reason=LEAVING, last_day=_in(today, 80)), 16, None),
        (SEASONAL, OverrideRow(band="green", reason=OUTAGE), 64, 43),
    ):
        key = next((one.key for one in accounts if one.character == character), None)
        account = Account.objects.filter(key=key).first()
        if account is None:
            continue
        what = {"workspace": workspace, "account": account, "scorecard": card, "by": by}
        set_override(**what, row=row, moment=moment - timedelta(days=begun))
        if withdrawn is not None:
            withdraw_override(**what, moment=moment - timedelta(days=withdrawn))


def _in(today: date, days: int) -> date:
    return today + timedelta(days=days)


def handle_alerts(*, today: date, moment: datetime) -> None:
    """Older alerts were looked after; of the last three weeks' most are open."""
    by = User.objects.get(email=MANAGER)
    for alert in Alert.objects.open().filter(day__lt=today - timedelta(days=21)):
        resolve(alert=alert, by=by, moment=moment)
    left = list(Alert.objects.open().order_by("day", "id")[:3])
    for alert in left[:1]:
        snooze(alert=alert, until=_in(today, 10), by=by, moment=moment, today=today)
    for alert in left[1:]:
        acknowledge(alert=alert, by=by, moment=moment)


def arrange(*, moment: datetime) -> None:
    """While an account begins, other things matter than later."""
    by = User.objects.get(email=MANAGER)
    document = {
        "facts": ["created_on", "seats", "owner", "contract", "attribute:plan"],
        "widgets": [
            {"key": "path", "name": "Next milestones"},
            {"key": "tasks"},
            {"key": "people", "name": "Project team"},
        ],
    }
    save_layout(stage="onboarding", document=document, moment=moment, by=by)
    for name, query in VIEWS:
        save_view(name=name, query=query, shared=True, by=by, moment=moment)
