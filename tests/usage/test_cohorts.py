from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Account
from accounts.tenancy import scope
from tests.factories import make_account, make_workspace
from tests.usage.naive import Happening, naive, rounded
from tests.usage.recording import START, days, happenings, limited, patient, record
from usage.cohorts import Cohort, LifeMonth, cohorts
from usage.days import month_of, months_between, next_month
from usage.measures import Measure

pytestmark = pytest.mark.django_db

Began = dict[str, date | None]
MEASURES = [
    Measure("active_users", 30),
    Measure("stickiness", 7),
    Measure("frequency", 30, frequency="frequent"),
]


def naive_cohorts(
    events: list[Happening], began: Began, as_of: date, months: int, measure: Measure
) -> list[Cohort]:
    starts = {}
    for key, created_on in began.items():
        first = min((e.day for e in events if e.account == key), default=None)
        start = created_on or first
        if start and start <= as_of:
            starts[key] = month_of(start)
    calendar = [*months_between(as_of - timedelta(days=31 * months), as_of)][-months:]
    begun = {key for key, start in starts.items() if start in calendar}
    seen = [e.day for e in events if e.account in begun and calendar[0] <= e.day <= as_of]
    first_seen = month_of(min(seen, default=date.max))
    return [
        Cohort(
            cohort,
            len(keys := [key for key, start in starts.items() if start == cohort]),
            tuple(
                life(events, keys, number, month, as_of, measure, known=month >= first_seen)
                for number, month in enumerate(m for m in calendar if m >= cohort)
            ),
        )
        for cohort in calendar
    ]


def life(
    events: list[Happening],
    keys: list[str],
    number: int,
    month: date,
    as_of: date,
    measure: Measure,
    *,
    known: bool,
) -> LifeMonth:
    last = next_month(month) - timedelta(days=1)
    end = min(last, as_of)
    users = {(e.account, e.user) for e in events if e.account in keys and month <= e.day <= end}
    values = [naive(events, {}, key, end, measure) for key in keys]
    told = [value for value in values if value is not None]
    return LifeMonth(
        number=number,
        active_users=len(users),
        users_per_account=rounded(Fraction(len(users), len(keys))) if keys and known else None,
        mean=rounded(Fraction(sum(told), len(told) * 10_000)) if told else None,
        over=last <= as_of,
    )


@given(
    events=st.lists(happenings, max_size=30),
    created=st.tuples(st.none() | days, st.none() | days),
    as_of=days,
    months=st.sampled_from([1, 3, 13]),
    measure=st.sampled_from(MEASURES),
)
@settings(patient, max_examples=25)
def test_cohorts_equal_a_count_over_the_events(
    events: list[Happening],
    created: tuple[date | None, date | None],
    as_of: date,
    months: int,
    measure: Measure,
) -> None:
    workspace = limited(make_workspace())
    began: Began = dict(zip("ba", created, strict=True))
    for key in began:
        make_account(workspace, key)
    ids = record(workspace, events)
    with scope(workspace.pk):
        for key, day in began.items():
            Account.objects.filter(pk=ids[key]).update(created_on=day)
        found = cohorts(
            account_ids=sorted(ids.values()), as_of=as_of, months=months, measure=measure
        )
    assert found == naive_cohorts(events, began, as_of, months, measure)


def test_cohorts_cost_the_same_queries_for_any_number() -> None:
    workspace = make_workspace()
    events = [
        Happening(f"account-{n}", "ann", START + timedelta(days=n), "login") for n in range(30)
    ]
    ids = sorted(record(workspace, events).values())
    counted = []
    with scope(workspace.pk):
        for asked in (ids[:1], ids):
            with CaptureQueriesContext(connection) as queries:
                cohorts(account_ids=asked, as_of=START, measure=Measure("logins", 30))
            counted.append(len(queries))
        assert cohorts(account_ids=[], as_of=START, months=1) == [
            Cohort(month_of(START), 0, (LifeMonth(0, 0, None, None, over=False),))
        ]
    assert counted[0] == counted[1] <= 6
