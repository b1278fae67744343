"""A list by the score in a metric, filtered and paged as by any other column."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.portfolio.pages import page
from scoring.portfolio.wanted import Cursor, Wanted
from scoring.standings.order import MetricOrder
from tests.factories import make_workspace
from tests.scoring.portfolios import make_health

pytestmark = pytest.mark.django_db
SORT = "metric:usage"


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("northwind")


def filled(workspace: Workspace) -> Wanted:
    """Forty accounts; of those after the thirtieth no score is known."""
    made = [
        make_health(workspace, f"a{n:02}", score=n, stage="live" if n % 7 == 0 else "trial")
        for n in range(40)
    ]
    known = sorted(made[:30], key=lambda account: (-account.pk % 5, account.pk))
    scores = [-account.pk % 5 for account in known]
    order = MetricOrder(
        np.array([account.pk for account in known], np.int64), np.array(scores, np.int32)
    )
    return Wanted(sort=SORT, order=order)


def naive(wanted: Wanted, descending: bool) -> list[str]:
    order = wanted.order
    assert order is not None
    keys = dict(Account.objects.values_list("pk", "key"))
    first = [keys[pk] for pk in order.ids.tolist()]
    rest = sorted(set(keys.values()) - set(first))
    return [*first[::-1], *rest[::-1]] if descending else [*first, *rest]


def walked(wanted: Wanted, size: int, **place: Any) -> list[str]:
    """Page after page, each the same backwards."""
    found = page(wanted, size=size, **place)
    keys = [line.key for line in found.lines]
    if found.following is None:
        return keys
    after = Cursor.read(str(found.following), wanted.sort)
    following = page(wanted, size=size, after=after)
    assert following.previous is not None
    back = page(wanted, size=size, before=Cursor.read(str(following.previous), wanted.sort))
    assert [line.key for line in back.lines] == keys
    return keys + walked(wanted, size, after=after)


@pytest.mark.parametrize("descending", [False, True])
def test_every_account_stands_once_and_those_without_a_score_last(
    workspace: Workspace, descending: bool
) -> None:
    wanted = filled(workspace)
    wanted = replace(wanted, sort=f"-{SORT}" if descending else SORT)
    with scope(workspace.pk):
        assert walked(wanted, 7) == naive(wanted, descending)


@pytest.mark.parametrize(
    ("given", "through"),
    [
        ({"stages": ("live",)}, lambda n: n % 7 == 0),
        ({"bands": ("green",)}, lambda n: n >= 76),
        ({"text": "a1"}, lambda n: n // 10 == 1),
        ({"stages": ("live",), "text": "a2"}, lambda n: n in (21, 28)),
    ],
)
def test_filters_hold(workspace: Workspace, given: dict[str, Any], through: Any) -> None:
    wanted = replace(filled(workspace), **given)
    with scope(workspace.pk):
        expected = [key for key in naive(wanted, descending=False) if through(int(key[1:]))]
        for size in (1, 3, 50):
            assert walked(wanted, size) == expected
