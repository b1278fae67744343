"""Fills the demo workspace through the same services that people and the API use."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.auth.hashers import make_password

from accounts.inputs import AccountRow
from accounts.models import Membership, Role, User
from accounts.services.accounts import upsert_accounts
from accounts.services.workspaces import create_workspace
from accounts.tenancy import scope
from integrations.demo.activity import demo_events
from integrations.demo.portfolio import (
    EXPANSION,
    NEW,
    SPONSOR_LOST,
    STALE,
    DemoAccount,
    demo_accounts,
)
from integrations.demo.work import load_work
from scoring.documents import read_documents
from scoring.models import Alert, RunKind
from scoring.services.alert_states import resolve
from scoring.services.importing import How, import_documents
from scoring.services.measurements import MeasurementRow, record_measurements
from scoring.services.runs import start_run, work_run
from usage.events import Source
from usage.services.ingest import ingest_events

FOLDER = Path(__file__).parent
SLUG = "demo"
PASSWORD = "demo-scorecard"  # noqa: S105
PEOPLE = (
    ("admin", Role.ADMIN, "Admin"),
    ("manager", Role.MANAGER, "CS manager"),
    ("csm", Role.CSM, "CSM East"),
    ("csm-west", Role.CSM, "CSM West"),
    ("viewer", Role.VIEWER, "Viewer"),
)
OWNERS = (1, 2, 3)
BATCH = 5000


@dataclass(frozen=True)
class Demo:
    accounts: int = 200
    days: int = 200
    evaluated_days: int = 182
    seed: int = 20


def email(local: str) -> str:
    return f"{local}@demo.example"


def load_demo(*, plan: Demo, moment: datetime) -> Iterator[str]:
    """Creates the workspace and everything in it; tells each step as it begins."""
    yield "people"
    workspace = create_workspace(slug=SLUG, name="Demo", owner_email=email("admin"))
    today = workspace.day_of(moment)
    with scope(workspace.pk):
        owners = _people()
        _configuration(today, moment)
    accounts = list(demo_accounts(plan.accounts, seed=plan.seed, today=today))
    yield "accounts"
    with scope(workspace.pk):
        _accounts(accounts, owners, today, moment)
    yield "usage"
    for batch in _batches(accounts, plan, today, moment):
        with scope(workspace.pk):
            ingest_events(
                workspace=workspace, events=batch, moment=moment, source=Source(name="demo")
            )
    yield "judgements"
    with scope(workspace.pk):
        rows = [row for account in accounts for row in _judgements(account, plan, today)]
        record_measurements(workspace=workspace, rows=rows, moment=moment, source="demo")
    yield "scores"
    with scope(workspace.pk):
        first = today - timedelta(days=plan.evaluated_days)
        run = start_run(kind=RunKind.REQUEST, first=first, last=today)
    for _ in work_run(workspace=workspace, run_id=run.pk, clock=lambda: moment):
        pass
    with scope(workspace.pk):
        _handled(today, moment)
        load_work(accounts, workspace=workspace, today=today, seed=plan.seed)


def _handled(today: date, moment: datetime) -> None:
    """Older alerts were looked after; the last three weeks' are open."""
    by = User.objects.get(email=email(PEOPLE[1][0]))
    for alert in Alert.objects.open().filter(day__lt=today - timedelta(days=21)):
        resolve(alert=alert, by=by, moment=moment)


def _people() -> list[str]:
    """The demo's log-ins; the e-mails of those who own accounts."""
    password = make_password(PASSWORD)  # one hash for all: the demo's password is no secret
    for local, role, name in PEOPLE:
        user = User.objects.filter(email=email(local)).first() or User(email=email(local))
        user.name, user.password = name, password
        user.save()
        Membership.objects.update_or_create(user=user, defaults={"role": role})
    return [email(PEOPLE[i][0]) for i in OWNERS]


def _configuration(today: date, moment: datetime) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
    documents = [parsed.document for text in texts for parsed in read_documents(text)]
    how = How(publish=True, by=None, today=today, moment=moment)
    import_documents(documents=documents, how=how)


def _accounts(
    accounts: list[DemoAccount], owners: list[str], today: date, moment: datetime
) -> None:
    long_ago = today - timedelta(days=400)
    before = [_row(account, owners, earlier=True) for account in accounts]
    upsert_accounts(rows=before, as_of=long_ago, by=None, moment=moment)
    for account in accounts:
        if account.character == NEW:
            rows, begun = [_row(account, owners)], account.created_on
            upsert_accounts(rows=rows, as_of=begun, by=None, moment=moment)
        if account.raised_on:
            upsert_accounts(
                rows=[_row(account, owners)], as_of=account.raised_on, by=None, moment=moment
            )


def _row(account: DemoAccount, owners: list[str], *, earlier: bool = False) -> AccountRow:
    raised = account.raised_on is not None
    factor = 0.8 if earlier and raised else 1
    return AccountRow(
        key=account.key,
        name=account.name,
        stage="prospect" if earlier and account.character == NEW else account.stage,
        owner=owners[account.owner],
        contract_value=Decimal(round(account.contract_value * factor)),
        currency="USD",
        created_on=account.created_on,
        renewal_on=account.renewal_on,
        seats=account.seats,
        attributes={
            "region": account.region,
            "industry": account.industry,
            "plan": account.plan,
            "open_tickets": account.open_tickets,
        },
    )


def _batches(
    accounts: list[DemoAccount], plan: Demo, today: date, moment: datetime
) -> Iterator[list[dict[str, Any]]]:
    events = (
        event
        for account in accounts
        for event in demo_events(
            account,
            first=today - timedelta(days=plan.days),
            today=today,
            until=moment,
            seed=plan.seed,
        )
    )
    while batch := list(islice(events, BATCH)):
        yield batch


def _judgements(account: DemoAccount, plan: Demo, today: date) -> Iterator[MeasurementRow]:
    """The sponsor every two months or so, the NPS twice; none for the newest and the stale."""
    rng = np.random.default_rng([plan.seed, 1, *account.key.encode()])
    usual = "sponsor" if account.quality > 0.7 else "working" if account.quality > 0.4 else "none"
    if account.character == SPONSOR_LOST:
        yield from _sponsor(account, "sponsor", today - timedelta(days=60))
        yield from _sponsor(account, "none", today - timedelta(days=18), "The sponsor has left.")
    elif account.character == STALE:
        yield from _sponsor(account, usual, today - timedelta(days=int(rng.integers(95, 150))))
    else:
        for ago in (170, 110, int(rng.integers(5, 60))):
            yield from _sponsor(account, usual, today - timedelta(days=ago))
    if account.character == NEW:
        yield from _milestones(account, today)
    nps = account.nps + (15 if account.character == EXPANSION else 0)
    for ago in (130, int(rng.integers(10, 70))):
        yield _judged(account, "nps", min(100, nps), today - timedelta(days=ago))


def _sponsor(
    account: DemoAccount, level: str, day: date, comment: str = ""
) -> Iterator[MeasurementRow]:
    if day >= account.created_on:
        yield _judged(account, "sponsor", level, day, comment)


def _milestones(account: DemoAccount, today: date) -> Iterator[MeasurementRow]:
    """The willing ones are quicker."""
    pace = 1.6 - account.quality
    for metric, after in (
        ("kick-off", 3),
        ("goals", 9),
        ("data-connected", 18),
        ("first-goal", 34),
    ):
        day = account.created_on + timedelta(days=round(after * pace))
        if day < today:
            yield _judged(account, metric, True, day)


def _judged(
    account: DemoAccount, metric: str, value: str | int | bool, day: date, comment: str = ""
) -> MeasurementRow:
    return MeasurementRow(
        account=account.key,
        metric=metric,
        value=value,
        measured_at=datetime.combine(day, time(9, 30), UTC),
        comment=comment,
    )
