"""Fills the demo workspace through the same services that people and the API use."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.inputs import AccountRow
from accounts.models import Membership, Role, User
from accounts.services.accounts import upsert_accounts
from accounts.services.workspaces import create_workspace
from accounts.tenancy import scope
from integrations.demo.activity import demo_events
from integrations.demo.company import company, tags
from integrations.demo.decisions import arrange, handle_alerts, override
from integrations.demo.judgements import load_judgements
from integrations.demo.people import contacts, name_users, team
from integrations.demo.portfolio import DECLINING, LAUNCHED, NEW, DemoAccount, demo_accounts
from integrations.demo.work import load_work
from scoring.documents import read_documents
from scoring.models import RunKind
from scoring.services.importing import How, import_documents
from scoring.services.peer_summaries import summarize_day
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
BEFORE = {NEW: "prospect", LAUNCHED: "prospect"}
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
        _accounts(accounts, owners, plan, today, moment)
    yield "usage"
    for batch in _batches(accounts, plan, today, moment):
        with scope(workspace.pk):
            ingest_events(
                workspace=workspace, events=batch, moment=moment, source=Source(name="demo")
            )
    with scope(workspace.pk):
        name_users(accounts, seed=plan.seed)
    yield "judgements"
    with scope(workspace.pk):
        load_judgements(accounts, owners=owners, workspace=workspace, moment=moment, seed=plan.seed)
        override(accounts, workspace=workspace, moment=moment)
    yield "scores"
    with scope(workspace.pk):
        first = today - timedelta(days=plan.evaluated_days)
        run = start_run(kind=RunKind.REQUEST, first=first, last=today)
    for _ in work_run(workspace=workspace, run_id=run.pk, clock=lambda: moment):
        pass
    with scope(workspace.pk):
        # As nights before would have: today's summary is forgotten with the first change.
        yesterday = today - timedelta(days=1)
        summarize_day(first=yesterday, last=yesterday)
        handle_alerts(today=today, moment=moment)
        load_work(accounts, workspace=workspace, today=today, seed=plan.seed)
        arrange(moment=moment)


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
    accounts: list[DemoAccount], owners: list[str], plan: Demo, today: date, moment: datetime
) -> None:
    """As they were at first, then each day's changes at once."""
    days: dict[date, list[AccountRow]] = {}
    for account in accounts:
        for day, row in _told(account, owners, plan, today):
            days.setdefault(day, []).append(row)
    for day in sorted(days):
        upsert_accounts(rows=days[day], as_of=day, by=None, moment=moment)


def _told(
    account: DemoAccount, owners: list[str], plan: Demo, today: date
) -> Iterator[tuple[date, AccountRow]]:
    before, value = BEFORE.get(account.character, account.stage), account.contract_value
    factor = 1.25 if account.character == DECLINING else 0.8
    yield (
        today - timedelta(days=400),
        AccountRow(
            key=account.key,
            name=account.name,
            stage=before,
            owner=owners[account.owner],
            contract_value=Decimal(round(value * factor) if account.revalued_on else value),
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
            company={**company(account, seed=plan.seed)},
            contacts=contacts(account, seed=plan.seed),
            tags=tags(account, seed=plan.seed),
            team=team(account, owners, email(PEOPLE[1][0])),
        ),
    )
    if account.character == NEW:
        yield account.created_on, AccountRow(key=account.key, stage=account.stage)
    if account.live_on:
        yield account.created_on, AccountRow(key=account.key, stage="onboarding")
        yield account.live_on, AccountRow(key=account.key, stage=account.stage)
    if account.revalued_on:
        yield account.revalued_on, AccountRow(key=account.key, contract_value=Decimal(value))


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
