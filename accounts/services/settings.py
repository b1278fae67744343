"""What an admin sets for the whole workspace."""

from collections.abc import Mapping

from accounts.models import Workspace


def change_workspace(
    *,
    workspace: Workspace,
    name: str,
    time_zone: str,
    night_hour: int,
    currency: str,
    renewal_notice_days: int,
    unknown_accounts: str,
) -> None:
    """The next night follows the new hour; in a new time zone the days of usage are counted anew."""
    if time_zone != workspace.time_zone and not workspace.days_zone:
        workspace.days_zone = workspace.time_zone
    changed = {
        "days_zone": workspace.days_zone,
        "name": name,
        "time_zone": time_zone,
        "night_hour": night_hour,
        "currency": currency,
        "renewal_notice_days": renewal_notice_days,
        "unknown_accounts": unknown_accounts,
    }
    _save(workspace, changed)


def change_usage(
    *,
    workspace: Workspace,
    frequency_daily: int,
    frequency_frequent: int,
    frequency_occasional: int,
    frequency_goal: int | None,
    login_names: str,
    event_months: int | None,
) -> None:
    """What arrived before keeps what it was taken for; later events follow the new names."""
    changed = {
        "frequency_daily": frequency_daily,
        "frequency_frequent": frequency_frequent,
        "frequency_occasional": frequency_occasional,
        "frequency_goal": frequency_goal,
        "login_names": login_names,
        "event_months": event_months,
    }
    _save(workspace, changed)


def _save(workspace: Workspace, changed: Mapping[str, object]) -> None:
    for field, value in changed.items():
        setattr(workspace, field, value)
    workspace.save(update_fields=[*changed])
