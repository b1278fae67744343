"""Pages of a list by a metric are cuts of the naively sorted list, whichever way they are turned."""

from typing import Any

import numpy as np
import pytest

from accounts.tenancy import scope
from scoring.standings.order import MetricOrder
from scoring.standings.walk import Place, walk
from tests.factories import make_account, make_workspace

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("every", [1, 3, 19])
def test_pages_cut_the_sorted_list(descending: bool, every: int) -> None:
    workspace = make_workspace()
    ids = [make_account(workspace, f"a{n:02}").pk for n in range(60)]
    scores = {pk: (n * 7) % 11 for n, pk in enumerate(ids[:40])}
    ordered = sorted(scores, key=lambda pk: (scores[pk], pk))
    order = MetricOrder(
        np.array(ordered, np.int64), np.array([scores[pk] for pk in ordered], np.int32)
    )
    through = set(ids[::every])
    turned = -1 if descending else 1
    naive = [pk for pk in ordered[::turned] if pk in through]
    naive += [pk for pk in sorted(set(ids) - set(scores))[::turned] if pk in through]

    def ask(after: Place | None, limit: int, **given: Any) -> list[int]:
        found = walk(
            order,
            after,
            limit,
            fetch=lambda some: {pk: str(pk) for pk in some if pk in through},
            matching=lambda: np.array(sorted(through), np.int64),
            descending=descending,
            **given,
        )
        assert all(row == str(place.account_id) for place, row in found)
        assert all(place.score == scores.get(place.account_id) for place, _row in found)
        return [place.account_id for place, _row in found]

    with scope(workspace.pk):
        assert ask(None, 7) == naive[:7]
        assert ask(None, 100) == naive
        for n, pk in enumerate(naive):
            place = Place(scores.get(pk), pk)
            assert ask(place, 5) == naive[n + 1 : n + 6]
            assert ask(place, 5, backward=True) == naive[:n][::-1][:5]
