from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.tenancy import scope
from tests.factories import make_account, make_workspace
from tests.usage.naive import LIMITS, Happening, naive_mix
from tests.usage.recording import START, days, happenings, limited, patient, record
from usage.frequency import Mix, mixes, weekly_mixes
from usage.measures import Measure, measured

pytestmark = pytest.mark.django_db


@given(
    events=st.lists(happenings, max_size=40),
    first=days,
    length=st.sampled_from([1, 3, 60]),
    step=st.sampled_from([1, 7]),
    accounts=st.sampled_from(["a", "b", "ab"]),
)
@settings(patient, max_examples=25)
def test_mixes_equal_a_count_over_the_events(
    events: list[Happening], first: date, length: int, step: int, accounts: str
) -> None:
    workspace = limited(make_workspace())
    for key in "ba":
        make_account(workspace, key)
    ids = record(workspace, events)
    shown = [first + timedelta(days=number * step) for number in range(length)]
    with scope(workspace.pk):
        found = mixes(account_ids=[ids[key] for key in accounts], days=shown)
    assert found == [Mix(day, *naive_mix(events, accounts, day)) for day in shown]


def test_shares_add_up_to_what_the_measure_says() -> None:
    workspace = limited(make_workspace())
    events = [
        Happening("a", f"user-{number}", START + timedelta(days=day), "login")
        for number, often in enumerate([1, 1, 2, 3, 3, 4, 5])
        for day in range(often)
    ]
    ids = record(workspace, events)
    as_of = START + timedelta(days=10)
    asked = [Measure("frequency", 30, frequency=level) for level in ("daily", "frequent")]
    with scope(workspace.pk):
        before, mix = weekly_mixes(account_ids=[ids["a"]], as_of=as_of, weeks=2)
        values = measured(account_ids=[ids["a"]], days=[as_of], requests=asked)
    assert (before.day, mix) == (as_of - timedelta(days=7), Mix(as_of, 1, 3, 1, 2))
    daily, frequent, occasional, inactive = mix.shares
    assert (daily, frequent, occasional, inactive) == (142_857, 428_572, 142_857, 285_714)
    assert sum(mix.shares) == 1_000_000
    assert [int(numbers[0, 0]) for numbers, _ in values] == [daily, daily + frequent]


def test_user_is_known_for_a_year() -> None:
    workspace = limited(make_workspace())
    ids = record(workspace, [Happening("a", "ann", START, "login")])
    last = START + timedelta(days=364)
    with scope(workspace.pk):
        found = mixes(account_ids=[ids["a"]], days=[last, last + timedelta(days=1)])
        alone = [
            mixes(account_ids=[ids["a"]], days=[last + timedelta(days=more)]) for more in (0, 1)
        ]
    assert found == [Mix(last, 0, 0, 0, 1), Mix(last + timedelta(days=1), 0, 0, 0, 0)]
    assert [mix for (mix,) in alone] == found


@given(st.lists(st.integers(0, 10**7), min_size=4, max_size=4))
def test_shares_add_up_to_a_hundred(numbers: list[int]) -> None:
    mix = Mix(START, *numbers)
    assert sum(mix.shares) == (1_000_000 if mix.known else 0)
    assert min(mix.shares) >= 0


def test_mix_of_nobody_is_empty() -> None:
    workspace = make_workspace()
    account = make_account(workspace, "a")
    with scope(workspace.pk):
        assert mixes(account_ids=[], days=[START]) == [Mix(START, 0, 0, 0, 0)]
        assert mixes(account_ids=[account.pk], days=[START]) == [Mix(START, 0, 0, 0, 0)]
        assert mixes(account_ids=[account.pk], days=[]) == []
    assert Mix(START, 0, 0, 0, 0).shares == (0, 0, 0, 0)
    assert LIMITS["occasional"] > 1  # so that the inactive ones include some who came
