"""How many of an account's licenses were used, as of a day."""

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.tenancy import tenant_rows
from usage.leaderboards import month_masks

SPAN = 30

SEATS = """
SELECT (
    SELECT count(DISTINCT m.end_user_id)
    FROM usage_usermonth AS m
    JOIN unnest(%(months)s::date[], %(masks)s::int[]) AS span(month, mask) USING (month)
    WHERE m.workspace_id = %(workspace)s AND m.account_id = %(account)s
    AND m.active_days & span.mask <> 0
), (
    SELECT seats FROM accounts_seatchange
    WHERE workspace_id = %(workspace)s AND account_id = %(account)s AND from_day <= %(last)s
    ORDER BY from_day DESC LIMIT 1
)
"""


@dataclass(frozen=True, slots=True)
class Seats:
    """`used` are the distinct users of `days`; `licensed` is None where no number is known."""

    used: int
    licensed: int | None
    days: int


def seats_of(*, account_id: int, as_of: date, days: int = SPAN) -> Seats:
    spans = list(month_masks(as_of - timedelta(days=days - 1), as_of))
    ((used, licensed),) = tenant_rows(
        SEATS,
        account=account_id,
        last=as_of,
        months=[month for month, _mask in spans],
        masks=[mask for _month, mask in spans],
    )
    return Seats(used, licensed, days)
