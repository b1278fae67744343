"""The overrides that hold on each day, as the engine reads them."""

from datetime import date

import numpy as np

from accounts.tenancy import tenant_rows
from scoring.engine.compiled import Compiled
from scoring.engine.fixed import NONE
from scoring.engine.publish import Overrides
from scoring.engine.schemes import Band
from scoring.models import Override
from usage.packed import literal

# Few accounts have any: a night asks for all of them at once.
OVERRIDDEN = """
SELECT DISTINCT account_id FROM scoring_override
WHERE workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s::bigint[])
  AND scorecard_id = %(scorecard)s AND first_day <= %(last)s AND last_day >= %(first)s
"""


def load_overrides(
    compiled: Compiled, *, scorecard_id: int, account_ids: list[int], first: date, last: date
) -> Overrides | None:
    """Shaped (days, accounts); None where nobody set anything."""
    given = {"scorecard": scorecard_id, "first": first, "last": last}
    ids = [pk for (pk,) in tenant_rows(OVERRIDDEN, accounts=literal(account_ids), **given)]
    if not ids:
        return None
    found = list(
        Override.objects.for_accounts(ids)
        .filter(scorecard_id=scorecard_id)
        .between(first, last)
        .order_by("first_day", "pk")
    )
    shape = ((last - first).days + 1, len(account_ids))
    overrides = Overrides(np.full(shape, NONE, np.int32), np.full(shape, NONE, np.int8))
    columns = {account_id: n for n, account_id in enumerate(account_ids)}
    for override in found:
        n = columns[override.account_id]
        days = slice(max(0, (override.first_day - first).days), _end(override, first))
        overrides.score[days, n] = NONE if override.score is None else override.score
        overrides.band[days, n] = band_of(override, compiled.bands)
    return overrides


def _end(override: Override, first: date) -> int:
    """The place of the first day on which it no longer holds."""
    after = (override.last_day - first).days + 1
    return after if override.ended_on is None else min(after, (override.ended_on - first).days)


def band_of(override: Override, bands: tuple[Band, ...]) -> int:
    """The index of its band; in a version without it the one that holds the minimum it had."""
    if override.band_minimum is None:
        return NONE
    keys = [band.key for band in bands]
    if override.band in keys:
        return keys.index(override.band)
    return sum(override.band_minimum >= band.min for band in bands[1:])
