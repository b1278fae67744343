"""Leaderboards against what is counted event by event."""

import random
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from tests.factories import make_workspace
from usage.at_account import UserSeen, users_and_features
from usage.features import active, feature_leaderboard, uses_of
from usage.leaderboards import Kind, Order, UserUse, user_leaderboard
from usage.services.ingest import ingest_events
from usage.similar import Mean, feature_means

pytestmark = pytest.mark.django_db

AS_OF = date(2026, 3, 10)
DAYS = 31
"""All of February lies within the days and the month before them within those before."""
Event = dict[str, Any]


@pytest.fixture
def events() -> list[Event]:
    """Users in all stages of coming and going, at three accounts."""
    chance = random.Random(7)  # noqa: S311
    made: list[Event] = []
    for number in range(600):
        user = chance.randrange(12)
        day = AS_OF - timedelta(days=chance.randrange(user * 6, user * 6 + 30))
        login = chance.random() < 0.5
        made.append(
            {
                "event_id": str(number),
                "account": f"account-{chance.choice((1, 1, 1, 2, 3))}",
                "user": f"user-{user}",
                "type": "login" if login else "feature",
                "feature": None if login else f"feature-{chance.randrange(5)}",
                "occurred_at": f"{day}T12:00:00Z",
                "duration_seconds": 60 * chance.randrange(1, 30) if login else None,
                "count": 1 if login else chance.randrange(1, 4),
            }
        )
    return made


@pytest.fixture
def workspace(events: list[Event]) -> Workspace:
    workspace = make_workspace()
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=events, moment=datetime(2026, 3, 11, tzinfo=UTC))
    return workspace


def day_of(event: Event) -> date:
    return date.fromisoformat(event["occurred_at"][:10])


def within(events: list[Event], account: str, last: date, days: int = DAYS) -> list[Event]:
    first = last - timedelta(days=days - 1)
    return [e for e in events if e["account"] == account and first <= day_of(e) <= last]


def counted(events: list[Event], account: str) -> dict[str, dict[str, Any]]:
    """What is exact in any days, by user."""
    before = AS_OF - timedelta(days=DAYS)
    found = {}
    for user in {e["user"] for e in events if e["account"] == account}:
        own = [e for e in events if (e["account"], e["user"]) == (account, user)]
        now = within(own, account, AS_OF)
        then = within(own, account, before)
        if not now and not then:
            continue
        found[user] = {
            "active_days": len({day_of(e) for e in now}),
            "login_days": len({day_of(e) for e in now if e["type"] == "login"}),
            "active_days_before": len({day_of(e) for e in then}),
            "features": len({e["feature"] for e in now if e["feature"]}),
            "first_seen_on": min(map(day_of, own)),
            "last_seen_on": max(map(day_of, now or then)),
            "new": min(map(day_of, own)) > before,
        }
    return found


def board(workspace: Workspace, kind: Kind, order: Order = "active_days") -> list[UserUse]:
    """All pages of two."""
    found: list[UserUse] = []
    with scope(workspace.pk):
        account_id = Account.objects.get(key="account-1").pk
        column = "active_days_before" if kind == "lost" else order
        given: dict[str, Any] = {"kind": kind, "order": order, "days": DAYS, "as_of": AS_OF}
        page = user_leaderboard(account_id=account_id, limit=2, **given)
        while page:
            found += page
            after = (getattr(page[-1], column), page[-1].key)
            page = user_leaderboard(account_id=account_id, limit=2, after=after, **given)
    return found


@pytest.mark.parametrize("kind", ["top", "new", "lost"])
def test_users_are_those_that_were_counted(
    workspace: Workspace, events: list[Event], kind: Kind
) -> None:
    told = {
        "top": lambda row: row["active_days"] > 0,
        "new": lambda row: row["active_days"] > 0 and row["new"],
        "lost": lambda row: row["active_days"] == 0,
    }[kind]
    wanted = {user: row for user, row in counted(events, "account-1").items() if told(row)}
    found = {
        row.key: {name: getattr(row, name) for name in next(iter(wanted.values()))}
        for row in board(workspace, kind)
    }
    assert found == wanted


@pytest.mark.parametrize("order", ["active_days", "logins", "minutes", "features"])
def test_users_come_in_order_and_equal_ones_by_key(workspace: Workspace, order: Order) -> None:
    places = [(-getattr(row, order), row.key) for row in board(workspace, "top", order)]
    assert len(places) > 3
    assert places == sorted(set(places))


def test_logins_and_minutes_of_whole_months_are_exact(
    workspace: Workspace, events: list[Event]
) -> None:
    with scope(workspace.pk):
        account_id = Account.objects.get(key="account-1").pk
        rows = user_leaderboard(account_id=account_id, days=28, as_of=date(2026, 2, 28))
    own = [e for e in within(events, "account-1", date(2026, 2, 28), 28) if e["type"] == "login"]
    wanted = {
        row.key: (
            sum(e["count"] for e in own if e["user"] == row.key),
            sum(e["duration_seconds"] for e in own if e["user"] == row.key) // 60,
        )
        for row in rows
    }
    assert {row.key: (row.logins, row.minutes) for row in rows} == wanted


@pytest.mark.parametrize("accounts", [["account-1"], ["account-1", "account-2", "account-3"]])
def test_features_are_those_that_were_counted(
    workspace: Workspace, events: list[Event], accounts: list[str]
) -> None:
    with scope(workspace.pk):
        ids = list(Account.objects.filter(key__in=accounts).values_list("pk", flat=True))
        rows = feature_leaderboard(account_ids=ids, days=DAYS, as_of=AS_OF)
        found = active(account_ids=ids, days=DAYS, as_of=AS_OF)
        keys = [row.key for row in rows]
        uses = uses_of(account_ids=ids, days=DAYS, as_of=AS_OF, keys=keys)
    now = [e for account in accounts for e in within(events, account, AS_OF)]
    before = AS_OF - timedelta(days=DAYS)
    then = [e for account in accounts for e in within(events, account, before)]
    assert (found.accounts, found.users) == (
        len({e["account"] for e in now}),
        len({(e["account"], e["user"]) for e in now}),
    )
    assert [(row.uses, row.key) for row in rows] == sorted(
        ((row.uses, row.key) for row in rows), key=lambda pair: (-pair[0], pair[1])
    )
    for row in rows:
        own = [e for e in now if e["feature"] == row.key]
        assert (row.uses, row.users, row.accounts, row.active_days, row.last_used_on) == (
            sum(e["count"] for e in own),
            len({(e["account"], e["user"]) for e in own}),
            len({e["account"] for e in own}),
            len({day_of(e) for e in own}),
            max(map(day_of, own)),
        )
        assert row.uses_before == sum(e["count"] for e in then if e["feature"] == row.key)
        assert uses[row.key] == (row.uses, row.accounts)
    assert {row.key for row in rows} == {e["feature"] for e in now if e["feature"]}


@pytest.mark.parametrize("kind", ["top", "new", "lost"])
def test_the_few_at_an_account_are_the_first_of_the_leaderboards(
    workspace: Workspace, kind: Kind
) -> None:
    with scope(workspace.pk):
        account_id = Account.objects.get(key="account-1").pk
        given: dict[str, Any] = {"days": DAYS, "as_of": AS_OF}
        few = users_and_features(account_id=account_id, kind=kind, limit=3, **given)
        every = {
            name: user_leaderboard(account_id=account_id, kind=name, **given)
            for name in get_args(Kind)
        }
        features = feature_leaderboard(account_ids=[account_id], **given)
    assert few.counts == {name: len(rows) for name, rows in every.items()}
    names = [field.name for field in fields(UserSeen)]
    assert few.users == [
        UserSeen(**{name: getattr(row, name) for name in names}) for row in every[kind][:3]
    ]
    assert [(f.key, f.uses, f.uses_before, f.users) for f in few.features if f.uses] == [
        (f.key, f.uses, f.uses_before, f.users) for f in features
    ]


def test_means_of_features_are_sums_over_active_accounts(workspace: Workspace) -> None:
    with scope(workspace.pk):
        ids = list(Account.objects.values_list("pk", flat=True))
        given: dict[str, Any] = {"days": DAYS, "as_of": AS_OF}
        means = feature_means(account_ids=ids, **given)
        each = [feature_leaderboard(account_ids=[pk], **given) for pk in ids]
        who = active(account_ids=ids, **given)
    rows = [row for rows in each for row in rows]
    assert means == {
        key: Mean(
            name=key,
            uses=sum(row.uses for row in rows if row.key == key),
            users=sum(row.users for row in rows if row.key == key),
            accounts=sum(row.key == key for row in rows),
            active=who.accounts,
        )
        for key in {row.key for row in rows}
    }
