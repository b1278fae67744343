"""Every measure against a plain count over the events."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.tenancy import scope
from tests.factories import make_account, make_workspace
from tests.usage.naive import Happening, Seats, naive
from tests.usage.recording import FEATURES, START, days, happenings, limited, patient, record
from usage.measures import MEASURES, Measure, decimals, measured, weekly

pytestmark = pytest.mark.django_db

seat_changes = st.dictionaries(
    st.sampled_from(["a", "b"]),
    st.lists(st.tuples(days, st.integers(0, 5)), max_size=3, unique_by=lambda change: change[0]),
)
feature_names = st.sampled_from([FEATURES, FEATURES[:1], ("unheard-of", "other")])
requests = st.builds(
    Measure,
    st.sampled_from(sorted(MEASURES)),
    st.integers(1, 70) | st.integers(1, 400),
    feature_names,
    st.integers(1, 3),
    st.sampled_from(["daily", "frequent", "occasional"]),
) | st.builds(
    Measure,
    st.sampled_from(["feature_uses", "feature_users"]),
    st.integers(1, 70) | st.integers(1, 400),
)
shown_days = st.tuples(days, st.sampled_from([1, 1, 2, 40]), st.sampled_from([1, 1, 7, 31]))


@given(
    events=st.lists(happenings, max_size=30),
    seats=seat_changes,
    asked=st.lists(requests, min_size=1, max_size=6),
    days_of=shown_days,
    zone=st.sampled_from(["UTC", "America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland"]),
)
@patient
def test_measured_equals_a_count_over_the_events(
    events: list[Happening],
    seats: Seats,
    asked: list[Measure],
    days_of: tuple[date, int, int],
    zone: str,
) -> None:
    first, length, step = days_of
    workspace = limited(make_workspace(time_zone=zone))
    make_account(workspace, "b")
    make_account(workspace, "a")
    ids = record(workspace, events, seats)
    shown = [first + timedelta(days=number * step) for number in range(length)]
    with scope(workspace.pk):
        found = measured(account_ids=[ids["a"], ids["b"]], days=shown, requests=asked)
    for request, (values, known) in zip(asked, found, strict=True):
        got = [
            [value if is_known else None for value, is_known in zip(*row, strict=True)]
            for row in zip(values.tolist(), known.tolist(), strict=True)
        ]
        wanted = [[naive(events, seats, key, day, request) for key in "ab"] for day in shown]
        assert got == wanted, request


def everything(span: int = 30) -> list[Measure]:
    named = [Measure("feature_uses", span, FEATURES), Measure("features_adopted", span, FEATURES)]
    return [*(Measure(name, span) for name in MEASURES), *named]


def test_measured_costs_the_same_queries_for_any_number() -> None:
    workspace = make_workspace()
    keys = [f"account-{n}" for n in range(12)]
    events = [
        Happening(key, f"user-{n}", START, "feature", FEATURES[n % 2], count=2)
        for key in keys
        for n in range(4)
    ]
    ids = list(record(workspace, events).values())
    for shown in ([START], [START + timedelta(days=n) for n in range(60)]):
        with scope(workspace.pk):
            with CaptureQueriesContext(
                connection,
            ) as one:
                measured(account_ids=ids[:1], days=shown, requests=everything())
            with CaptureQueriesContext(connection) as many:
                measured(
                    account_ids=ids,
                    days=shown,
                    requests=[m for span in (1, 7, 30, 90) for m in everything(span)],
                )
        assert len(one) == len(many)
        assert len(many) <= 12


@pytest.mark.parametrize("number", [3, 40])
def test_uses_of_few_and_of_many_features_are_counted_alike(number: int) -> None:
    workspace = make_workspace()
    names = tuple(f"feature-{n}" for n in range(number))
    events = [
        Happening(account, "ann", START + timedelta(days=n % 5), "feature", name, count=n + 1)
        for account in "ab"
        for n, name in enumerate(names[: 20 if account == "a" else 2])
    ]
    ids = record(workspace, events)
    asked = [
        Measure("feature_uses", 3, names),
        Measure("feature_uses", 30, names[1:2]),
        Measure("features_adopted", 4, names, min_uses=2),
    ]
    day = START + timedelta(days=4)
    with scope(workspace.pk):
        found = measured(account_ids=[ids["a"], ids["b"]], days=[day], requests=asked)
    assert [values.tolist() for values, _known in found] == [
        [[naive(events, {}, key, day, request) for key in "ab"]] for request in asked
    ]


def test_features_adopted_is_the_share_of_all_tracked_features() -> None:
    workspace = make_workspace()
    events = [
        Happening("a", "ann", START, "feature", "one"),
        Happening("b", "bob", START, "feature", "two"),
    ]
    ids = record(workspace, events)
    with scope(workspace.pk):
        ((values, known),) = measured(
            account_ids=[ids["a"]], days=[START], requests=[Measure("features_adopted", 7)]
        )
    assert (values.tolist(), known.tolist()) == ([[500_000]], [[True]])


def test_measured_of_another_workspace_is_not_known() -> None:
    workspace = make_workspace()
    ids = record(workspace, [Happening("a", "ann", START, "login")])
    with scope(make_workspace().pk):
        ((values, known),) = measured(
            account_ids=[ids["a"]], days=[START], requests=[Measure("logins", 7)]
        )
    assert (values.tolist(), known.tolist()) == ([[0]], [[False]])


def test_measured_of_nothing_is_empty() -> None:
    with scope(make_workspace().pk):
        ((values, known),) = measured(account_ids=[], days=[START], requests=[Measure("logins", 7)])
    assert values.shape == known.shape == (1, 0)


def test_weekly_is_the_measure_at_the_end_of_each_week() -> None:
    workspace = make_workspace()
    events = [Happening("a", "ann", START + timedelta(days=n), "login") for n in range(3)]
    ids = record(workspace, events)
    with scope(workspace.pk):
        series = weekly(
            account_id=ids["a"],
            request=Measure("logins", 7),
            as_of=START + timedelta(days=7),
            weeks=3,
        )
    assert series == [
        (START - timedelta(days=7), None),
        (START, 10_000),
        (START + timedelta(days=7), 20_000),
    ]


def test_decimals_have_four_places() -> None:
    workspace = make_workspace()
    ids = record(workspace, [Happening("a", "ann", START, "login", seconds=100)])
    with scope(workspace.pk):
        (values,) = measured(
            account_ids=[ids["a"]],
            days=[START - timedelta(days=1), START],
            requests=[Measure("session_minutes", 7)],
        )
    assert decimals(values) == [None, "1.6667"]
