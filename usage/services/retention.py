"""Raw events that a workspace does not keep any longer go; what was derived of them stays."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import OperationalError, connection, transaction

from accounts.models import Workspace
from accounts.tenancy import scope, tenant_rows
from usage.days import DAY, month_of, start_of

logger = logging.getLogger(__name__)

PAGES = 2_000
KEYS = 20_000

# Partitions may be read about, though not read. A size of 0 is an empty partition.
MONTHS = """
SELECT substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \\(''([^'']+)''\\)')::timestamptz AS begins,
    substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''([^'']+)''\\)')::timestamptz AS ends,
    pg_relation_size(c.oid) / current_setting('block_size')::bigint AS pages
FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
WHERE inhparent = 'usage_usageevent'::regclass ORDER BY begins
"""

# There is no index on events: a range of pages is read once, and never again.
CLEAR = """
WITH gone AS (
    DELETE FROM usage_usageevent WHERE workspace_id = %(workspace)s
        AND occurred_at >= %(begins)s AND occurred_at < %(until)s
        AND ctid >= %(first)s::tid AND ctid < %(last)s::tid
    RETURNING 1
) SELECT count(*) FROM gone
"""

FORGET = """
WITH passed AS (
    SELECT event_id, occurred_on FROM usage_eventkey
    WHERE workspace_id = %(workspace)s AND event_id > %(after)s ORDER BY event_id LIMIT %(most)s
), gone AS (
    DELETE FROM usage_eventkey USING passed WHERE usage_eventkey.workspace_id = %(workspace)s
        AND usage_eventkey.event_id = passed.event_id AND passed.occurred_on < %(before)s
    RETURNING 1
) SELECT max(event_id COLLATE "C"), (SELECT count(*) FROM gone) FROM passed
"""


def kept_from(workspace: Workspace, moment: datetime) -> datetime | None:
    """Before it nothing needs to be kept: so many whole months, and the one that is not over."""
    if workspace.event_months is None:
        return None
    today = workspace.day_of(moment)
    months = today.year * 12 + today.month - 1 - workspace.event_months
    return start_of(
        month_of(today).replace(year=months // 12, month=months % 12 + 1), workspace.zone
    )


def taken_from(workspace: Workspace, moment: datetime) -> datetime | None:
    """Before it no event is taken: it is not kept, or its month was dropped already."""
    begin, dropped = kept_from(workspace, moment), workspace.events_from
    return max(begin, dropped) if begin and dropped else begin or dropped


def forget_before(*, workspace: Workspace, moment: datetime) -> bool:
    """Say that older events are gone, before the first of them is: whoever counts anew, and every
    batch, sees it. What was dropped once does not come back with a longer time."""
    with transaction.atomic():
        locked = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        begin = kept_from(locked, moment)
        if begin is None or (locked.events_from is not None and begin <= locked.events_from):
            return False
        Workspace.objects.filter(pk=workspace.pk).update(events_from=begin)
    return True


def drop_months() -> list[str]:
    """The partitions that no workspace keeps anything of; none where a batch is in the way."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT usage_drop_months()")
            return [name for (name,) in cursor.fetchall()]
    except OperationalError:
        logger.warning("Months of events could not be dropped now", exc_info=True)
        return []


def clear_events(*, workspace_id: int) -> Iterator[int]:
    """What others keep the months of is deleted in batches; yields how many rows each had.

    Each batch is a transaction of its own. Another worker may do the same at the same time.
    """
    workspace = Workspace.objects.get(pk=workspace_id)
    begin = workspace.events_from
    if begin is None or begin == workspace.events_cleared:
        return
    yield from _clear_rows(workspace_id, begin)
    # A day of the margin: a key's day may be of a time zone that the workspace had before.
    yield from _forget_keys(workspace_id, begin.astimezone(UTC) - 2 * DAY)
    Workspace.objects.filter(pk=workspace_id, events_from=begin).update(events_cleared=begin)


def _clear_rows(workspace_id: int, begin: datetime) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute(MONTHS)
        months = cursor.fetchall()
    for begins, ends, pages in months:
        if begins >= begin:
            break
        for first in range(0, pages, PAGES):
            with scope(workspace_id):
                ((number,),) = tenant_rows(
                    CLEAR,
                    begins=begins,
                    until=min(ends, begin),
                    first=f"({first},0)",
                    last=f"({first + PAGES},0)",
                )
            yield number


def _forget_keys(workspace_id: int, before: datetime) -> Iterator[int]:
    after: str | None = ""
    while after is not None:
        with scope(workspace_id):
            ((after, number),) = tenant_rows(FORGET, after=after, most=KEYS, before=before.date())
        yield number
