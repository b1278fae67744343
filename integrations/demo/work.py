"""The demo's touchpoints and tasks: what its CSMs wrote down, and what they mean to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

import numpy as np

from accounts.models import (
    Account,
    Contact,
    ContactStatus,
    Task,
    TaskSource,
    TaskState,
    Touchpoint,
    TouchpointContact,
    TouchpointKind,
    Workspace,
)
from integrations.demo.portfolio import (
    DECLINING,
    EXPANSION,
    GROWING,
    LAUNCHED,
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
            "A successor is not named yet. The project lead keeps the contract for now.",
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
    LAUNCHED: (
        Said(MEETING, "Onboarding is over", "All goals but one are reached. **Well done!**"),
        Said(NOTE, "Wish list from onboarding", "- report by branch\n- log-in by their directory"),
    ),
    LOST_DATA: (Said(EMAIL, "Asked their IT about the missing data", "Firewall changed?"),),
    GROWING: (Said(CALL, "They roll out to a second department", "20 more people until summer."),),
    EXPANSION: (
        Said(MEETING, "Talked about more seats", "Nearly all seats are used. Offer asked for."),
    ),
}


@dataclass(frozen=True)
class ToDo:
    """`metric` is what a task of the path to green should raise."""

    title: str
    note: str = ""
    source: TaskSource = TaskSource.HAND
    metric: str = ""


PATH, ALERT = TaskSource.PATH, TaskSource.ALERT
TO_DO = {
    DECLINING: (
        ToDo(
            "Offer a training for the new team",
            "Two dates in the next three weeks, **90 minutes**, with their own reports.",
            PATH,
            "licenses",
        ),
        ToDo("Meet the new head of operations", source=ALERT),
        ToDo("Ask who decides about the reports now"),
        ToDo("Send the guide for administrators"),
    ),
    QUIET: (
        ToDo("Call the project lead", source=ALERT),
        ToDo("Ask what keeps them from starting"),
    ),
    SPONSOR_LOST: (
        ToDo("Find out who follows the sponsor", "Ask the project lead first.", PATH, "sponsor"),
        ToDo("Plan for the renewal", "- price\n- who signs\n- what they must have seen by then"),
    ),
    STALE: (
        ToDo("Judge the relationship again", source=PATH, metric="sponsor"),
        ToDo("Ask for a meeting this quarter"),
    ),
    NEW: (ToDo("Review the first month with them"), ToDo("Check the data connection")),
    LAUNCHED: (ToDo("Hand over from onboarding", "With the goals and the open points."),),
    GROWING: (ToDo("Ask for a reference"), ToDo("Introduce them to the user group")),
    EXPANSION: (ToDo("Send an offer for more seats"), ToDo("Talk to the buyer")),
    LOST_DATA: (ToDo("Ask their IT why no data arrives", source=ALERT),),
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


@dataclass(frozen=True)
class Place:
    """An account, with what its work is written down by."""

    plan: DemoAccount
    account: Account
    contacts: Sequence[Contact]
    today: date
    zone: tzinfo
    rng: np.random.Generator

    def at(self, day: date) -> datetime:
        return datetime.combine(day, NOON, self.zone)


def load_work(
    accounts: Sequence[DemoAccount], *, workspace: Workspace, today: date, seed: int
) -> None:
    """Written at once: a call of a service for each would take longer than all the rest."""
    found = {account.key: account for account in Account.objects.select_related("owner")}
    people: dict[int, list[Contact]] = {}
    for contact in Contact.objects.order_by("id"):
        people.setdefault(contact.account_id, []).append(contact)
    met: list[tuple[Touchpoint, Sequence[Contact]]] = []
    tasks: list[Task] = []
    for plan in accounts:
        rng = np.random.default_rng([seed, 2, *plan.key.encode()])
        if plan.character not in TO_DO and rng.random() > SHARE:
            continue
        account = found[plan.key]
        contacts = people.get(account.pk, [])
        place = Place(plan, account, contacts, today, workspace.zone, rng)
        met += _touchpoints(place)
        tasks += [*_tasks(place), *_done(place)]
    Touchpoint.objects.bulk_create([touchpoint for touchpoint, _ in met])
    TouchpointContact.objects.bulk_create(
        TouchpointContact(touchpoint_id=touchpoint.pk, contact_id=contact.pk)
        for touchpoint, contacts in met
        for contact in contacts
    )
    Task.objects.bulk_create(tasks)


def _touchpoints(place: Place) -> Iterator[tuple[Touchpoint, Sequence[Contact]]]:
    rng = place.rng
    own = SAID.get(place.plan.character, ())
    usual = [one for one in USUAL if one not in own]
    said = [*own, usual[int(rng.integers(len(usual)))]]
    for one, day in zip(said, _days(place.plan, place.today, rng), strict=False):
        there = [
            contact
            for contact in place.contacts
            if contact.status == ContactStatus.ACTIVE or one not in said[:1]
        ]
        yield (
            Touchpoint(
                account=place.account,
                kind=one.kind,
                happened_on=day,
                title=one.title,
                body=one.body,
                by=place.account.owner,
                created_at=place.at(day),
            ),
            there[: int(rng.integers(1, 3))] if one.kind != NOTE else (),
        )


def _days(plan: DemoAccount, today: date, rng: np.random.Generator) -> Iterator[date]:
    """The newest first; none before the account was there."""
    day = today - timedelta(days=int(rng.integers(1, 9)))
    while day > plan.created_on:
        yield day
        day -= timedelta(days=int(rng.integers(9, 40)))


def _tasks(place: Place) -> Iterator[Task]:
    """The first is the most urgent one; a few are late, a few have no day or nobody."""
    rng, titles = place.rng, TO_DO.get(place.plan.character, ())
    most = len(titles) if place.plan.character in {SPONSOR_LOST, DECLINING} else 2
    for number, to_do in enumerate(titles[: int(rng.integers(0, most + 1))]):
        due = place.today + timedelta(days=int(rng.integers(-4, 9)) + 7 * number)
        dated, taken = rng.random() < 0.92, rng.random() < 0.94
        yield Task(
            account=place.account,
            title=to_do.title,
            note=to_do.note,
            source=to_do.source,
            metric=to_do.metric,
            due_on=due if dated else None,
            assignee=place.account.owner if taken else None,
            created_at=place.at(place.today - timedelta(days=14)),
            created_by=place.account.owner,
        )


def _done(place: Place) -> Iterator[Task]:
    rng = place.rng
    if rng.random() < 0.4:
        written = place.today - timedelta(days=14)
        done = written + timedelta(days=int(rng.integers(6, 13)))
        yield Task(
            account=place.account,
            title=DONE[int(rng.integers(len(DONE)))],
            due_on=place.today - timedelta(days=4),
            assignee=place.account.owner,
            state=TaskState.DONE,
            done_at=place.at(done),
            done_by=place.account.owner,
            created_at=place.at(written),
            created_by=place.account.owner,
        )
