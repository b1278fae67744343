"""How many of an account's licenses were used, as of a day."""

from datetime import date, timedelta

from usage.leaderboards import month_masks, select

SPAN = 30

USED = """
SELECT count(DISTINCT m.end_user_id)
FROM usage_usermonth AS m
JOIN unnest(%(months)s::date[], %(masks)s::int[]) AS span(month, mask) USING (month)
WHERE m.workspace_id = %(workspace)s AND m.account_id = %(account)s
AND m.active_days & span.mask <> 0
"""


def users_active(*, account_id: int, as_of: date, days: int = SPAN) -> int:
    """The distinct users with any event in the days that end with the day."""
    spans = list(month_masks(as_of - timedelta(days=days - 1), as_of))
    months, masks = [month for month, _mask in spans], [mask for _month, mask in spans]
    (row,) = select(USED, account=account_id, months=months, masks=masks)
    return int(row[0])
