"""The usage measures of the contract."""

MEASURES = (
    "logins",
    "active_users",
    "unique_logins",
    "active_days",
    "stickiness",
    "session_minutes",
    "minutes_per_active_user",
    "feature_uses",
    "feature_users",
    "features_adopted",
    "license_utilization",
    "frequency",
    "days_since_last_login",
)

COUNTS = frozenset(
    {"logins", "active_users", "unique_logins", "active_days", "feature_uses", "feature_users"}
)
"""Before the first event there were none; a growth from there is one from nothing."""

TAKE_FEATURES = frozenset({"feature_uses", "feature_users", "features_adopted"})
TAKE_MIN_USES = frozenset({"features_adopted"})
TAKE_FREQUENCY = frozenset({"frequency"})
