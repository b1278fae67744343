"""What is derived of events, by names, as a value to compare."""

from typing import Any

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from usage.models import AccountDay, EndUser, Feature, UserMonth

SUMS = ("logins", "feature_uses", "session_seconds")


def derived(workspace: Workspace) -> dict[str, Any]:
    with scope(workspace.pk):
        accounts = dict(Account.objects.values_list("pk", "key"))
        features = dict(Feature.objects.values_list("pk", "key"))
        users = {user.pk: user for user in EndUser.objects.all()}
        names = {pk: (accounts[user.account_id], user.key) for pk, user in users.items()}
        return {
            "days": {
                (accounts[row.account_id], row.day): {
                    **{name: getattr(row, name) for name in (*SUMS, "events", "sessions")},
                    **numbers(features, row.feature_ids, row.feature_counts),
                }
                for row in AccountDay.objects.all()
            },
            "months": {
                (*names[row.end_user_id], row.month): {
                    **{name: getattr(row, name) for name in (*SUMS, "active_days", "login_days")},
                    **numbers(features, row.feature_ids, row.feature_days),
                }
                for row in UserMonth.objects.all()
            },
            "users": {
                names[user.pk]: (user.first_seen_on, user.last_seen_on, user.last_login_on)
                for user in users.values()
            },
        }


def numbers(features: dict[int, str], ids: list[int], values: list[int]) -> dict[str, int]:
    assert ids == sorted(set(ids))
    return {f"feature {features[pk]}": value for pk, value in zip(ids, values, strict=True)}
