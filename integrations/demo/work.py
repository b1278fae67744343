"""The demo's touchpoints and tasks: what its CSMs wrote down, and what they mean to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from accounts.models import Account, Contact, TouchpointKind, Workspace
from accounts.services.tasks import complete_task, create_task
from accounts.services.touchpoints import TouchpointRow, create_touchpoint
from integrations.demo.portfolio import (
    DECLINING,
    EXPANSION,
    GROWING,
    LOST_DATA,
    NEW,
    QUIET,
    SPONSOR_LOST,
    STALE,
    DemoAccount,
)

NOON = time(12)
CALL, MEETING = TouchpointKind.CALL, TouchpointKind.MEETING
EMAIL, NOTE = TouchpointKind.EMAIL, TouchpointKind.NOTE


@dataclass(frozen=True)
class Said:
    kind: TouchpointKind
    title: str
    body: str = ""


REVIEW = Said(
    MEETING,
    "Quarterly business review",
    "Went through **adoption** and the goals of the quarter.\n\n"
    "- two departments use the reports every week\n"
    "- they want to compare regions, which exports cannot do yet\n"
    "- next review in three months, their operations lead joins",
)
USUAL = (
    REVIEW,
    Said(CALL, "Check-in call", "All well. They asked about the export of charts."),
    Said(EMAIL, "Sent the release notes", "With the two features that they had asked for."),
    Said(NOTE, "Budget year begins in January", "Renewal talks should begin before that."),
)
SAID = {
    DECLINING: (
        Said(
            CALL,
            "Call about the falling use",
            "They reorganized in spring; the team that did the reporting was split up. "
            "The new head of operations does not know the product yet, and **two power users have "
            "left**. They are open to a training for the new team, best before the end of the "
            "quarter.\n\n1. send dates for a training\n2. meet the new head of operations",
        ),
        Said(EMAIL, "Asked for a date with the power users"),
    ),
    QUIET: (Said(EMAIL, "No answer to the second reminder", "Try the project lead by phone."),),
    SPONSOR_LOST: (
        Said(
            CALL,
            "Our sponsor has left the company",
            "Her successor is not named yet. The team lead keeps the contract for now.",
        ),
        REVIEW,
    ),
    NEW: (
        Said(
            MEETING,
            "Kick-off",
            "Goals agreed:\n\n- weekly report without manual work by the second month\n"
            "- every branch connected by the third",
        ),
        Said(CALL, "Questions about the data connection", "Sent them the guide."),
    ),
    GROWING: (Said(CALL, "They roll out to a second department", "20 more people until summer."),),
    EXPANSION: (
        Said(MEETING, "Talked about more seats", "Nearly all seats are used. Offer asked for."),
    ),
}
TO_DO = {
    DECLINING: (
        "Offer a training for the new team",
        "Meet the new head of operations",
        "Ask who decides about the reports now",
        "Send the guide for administrators",
    ),
    QUIET: ("Call the project lead", "Ask what keeps them from starting"),
    SPONSOR_LOST: ("Find out who follows the sponsor", "Plan for the renewal"),
    STALE: ("Judge the relationship again", "Ask for a meeting this quarter"),
    NEW: ("Review the first month with them", "Check the data connection"),
    GROWING: ("Ask for a reference", "Introduce them to the user group"),
    EXPANSION: ("Send an offer for more seats", "Talk to the buyer"),
    LOST_DATA: ("Ask their IT why no data arrives",),
}
DONE = (
    "Send the recording of the webinar",
    "Answer the question about exports",
    "Invite them to the user group",
    "Agree on the goals of the quarter",
    "Correct the invoice address",
)
SHARE = 0.35
"""Of the accounts that are simply well; of the others everybody is looked after."""


def load_work(
    accounts: Sequence[DemoAccount], *, workspace: Workspace, today: date, seed: int
) -> None:
    found = {account.key: account for account in Account.objects.select_related("owner")}
    people: dict[int, list[int]] = {}
    for pk, account_id in Contact.objects.order_by("id").values_list("id", "account_id"):
        people.setdefault(account_id, []).append(pk)
    for plan in accounts:
        rng = np.random.default_rng([seed, 2, *plan.key.encode()])
        account = found[plan.key]
        if plan.character not in TO_DO and rng.random() > SHARE:
            continue
        _touchpoints(plan, account, people.get(account.pk, []), workspace, today, rng)
        _tasks(plan, account, workspace, today, rng)


def _touchpoints(
    plan: DemoAccount,
    account: Account,
    contacts: Sequence[int],
    workspace: Workspace,
    today: date,
    rng: np.random.Generator,
) -> None:
    said = [*SAID.get(plan.character, ()), USUAL[int(rng.integers(len(USUAL)))]]
    for one, day in zip(said, _days(plan, today, rng), strict=False):
        row = TouchpointRow(
            kind=one.kind,
            happened_on=day,
            title=one.title,
            body=one.body,
            contact_ids=contacts[: int(rng.integers(1, 3))] if one.kind != NOTE else (),
        )
        create_touchpoint(
            workspace=workspace,
            account=account,
            row=row,
            by=account.owner,
            moment=datetime.combine(today, NOON, workspace.zone),
        )


def _days(plan: DemoAccount, today: date, rng: np.random.Generator) -> Iterator[date]:
    """The newest first; none before the account was there."""
    day = today - timedelta(days=int(rng.integers(1, 9)))
    while day > plan.created_on:
        yield day
        day -= timedelta(days=int(rng.integers(9, 40)))


def _tasks(
    plan: DemoAccount, account: Account, workspace: Workspace, today: date, rng: np.random.Generator
) -> None:
    written = datetime.combine(today - timedelta(days=14), NOON, workspace.zone)
    titles = TO_DO.get(plan.character, ())
    for at in rng.permutation(len(titles))[: int(rng.integers(0, 3))]:
        due = today + timedelta(days=int(rng.integers(-4, 28)))
        create_task(
            account=account,
            title=titles[at],
            due_on=due,
            assignee_id=account.owner_id,
            by=account.owner,
            moment=written,
        )
    if rng.random() < 0.4:
        done = create_task(
            account=account,
            title=DONE[int(rng.integers(len(DONE)))],
            due_on=today - timedelta(days=4),
            assignee_id=account.owner_id,
            by=account.owner,
            moment=written,
        )
        complete_task(
            task=done,
            by=account.owner,
            moment=written + timedelta(days=int(rng.integers(6, 13))),
        )
