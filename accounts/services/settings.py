"""What an admin sets for the whole workspace."""

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
    """Days that are over keep the bounds that they had; the next night follows the new hour."""
    changed = {
        "name": name,
        "time_zone": time_zone,
        "night_hour": night_hour,
        "currency": currency,
        "renewal_notice_days": renewal_notice_days,
        "unknown_accounts": unknown_accounts,
    }
    for field, value in changed.items():
        setattr(workspace, field, value)
    workspace.save(update_fields=[*changed])
