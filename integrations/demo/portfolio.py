"""The demo's accounts: invented companies of a few characters, the same for the same seed and day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

FIRST = [
    "Amber",
    "Birch",
    "Cedar",
    "Copper",
    "Coral",
    "Delta",
    "Ember",
    "Falcon",
    "Granite",
    "Harbor",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Lumen",
    "Maple",
    "Northern",
    "Onyx",
    "Pioneer",
    "Quartz",
    "Ridge",
    "Summit",
    "Timber",
    "Umber",
    "Vertex",
    "Willow",
]
SECOND = [
    "Analytics",
    "Bank",
    "Clinics",
    "Components",
    "Energy",
    "Foods",
    "Freight",
    "Insurance",
    "Labs",
    "Logistics",
    "Media",
    "Mobility",
    "Optics",
    "Press",
    "Retail",
    "Robotics",
    "Schools",
    "Software",
    "Studios",
    "Telecom",
    "Travel",
    "Water",
]
REGIONS = ("EMEA", "Americas", "APAC")
PLANS = (("Starter", 6), ("Business", 14), ("Enterprise", 36))
INDUSTRIES = ("Manufacturing", "Finance", "Health care", "Retail", "Education", "Logistics")

(
    STEADY,
    LAUNCHED,
    GROWING,
    DECLINING,
    SEASONAL,
    QUIET,
    NEW,
    SPONSOR_LOST,
    STALE,
    EXPANSION,
    LOST_DATA,
) = (
    "steady",
    "launched",
    "growing",
    "declining",
    "seasonal",
    "quiet",
    "new",
    "sponsor lost",
    "stale",
    "expansion",
    "lost data",
)
SHARES = (
    (STEADY, 0.32),
    (LAUNCHED, 0.04),
    (GROWING, 0.14),
    (DECLINING, 0.14),
    (SEASONAL, 0.10),
    (QUIET, 0.05),
    (NEW, 0.06),
    (SPONSOR_LOST, 0.04),
    (STALE, 0.05),
    (EXPANSION, 0.04),
    (LOST_DATA, 0.02),
)


@dataclass(frozen=True)
class DemoAccount:
    """`activity` and `quality` (0–1): how much and how willingly the product is used at the end.

    `revalued_on` is when the contract was raised, or lowered; `live_on` when onboarding ended.
    """

    key: str
    name: str
    character: str
    stage: str
    plan: str
    region: str
    industry: str
    users: int
    seats: int
    activity: float
    quality: float
    contract_value: int
    revalued_on: date | None
    live_on: date | None
    created_on: date
    renewal_on: date
    open_tickets: int
    nps: int
    owner: int


AGES = {NEW: (20, 55), LAUNCHED: (110, 175)}
REVALUED = {GROWING: 0.5, EXPANSION: 0.5, DECLINING: 0.3}
"""The share of them whose contract was changed half-way."""


def demo_accounts(count: int, *, seed: int, today: date) -> Iterator[DemoAccount]:
    rng = np.random.default_rng(seed)
    names = [f"{first} {second}" for first in FIRST for second in SECOND]
    chosen = rng.permutation(len(names))[:count]
    characters = [name for name, share in SHARES for _ in range(round(share * count))]
    characters += [STEADY] * (count - len(characters))
    for number, index in enumerate(chosen):
        yield _account(names[index], characters[number], rng, today)


def _account(name: str, character: str, rng: np.random.Generator, today: date) -> DemoAccount:
    plan, usual = PLANS[int(rng.choice(3, p=(0.45, 0.4, 0.15)))]
    users = max(2, int(rng.normal(usual, usual / 4) * 0.5))
    used = 0.96 if character == EXPANSION else float(rng.uniform(0.45, 0.9))
    age = int(rng.integers(*AGES.get(character, (240, 1500))))
    value = int(users * rng.integers(12, 26)) * 100
    quality = float(rng.beta(5, 2.2))
    return DemoAccount(
        key=name.lower().replace(" ", "-"),
        name=name,
        character=character,
        stage="onboarding" if character == NEW else "live",
        plan=plan,
        region=str(rng.choice(REGIONS)),
        industry=str(rng.choice(INDUSTRIES)),
        users=users,
        seats=max(users, round(users / used)),
        activity=float(rng.uniform(0.25, 0.75)) * (0.15 if character == QUIET else 1),
        quality=quality,
        contract_value=value,
        revalued_on=_month(today, int(rng.integers(30, 150)))
        if character in REVALUED and rng.random() < REVALUED[character]
        else None,
        live_on=_month(today, int(rng.integers(20, 60))) if character == LAUNCHED else None,
        created_on=today - timedelta(days=age),
        renewal_on=today + timedelta(days=int(rng.integers(3, 360))),
        open_tickets=int(rng.poisson(2 + 5 * (1 - quality))),
        nps=int(np.clip(rng.normal(45 + 45 * quality, 10), 5, 98)),
        owner=int(rng.integers(0, 3)),
    )


def _month(today: date, ago: int) -> date:
    """Contracts and phases begin with a month."""
    return (today - timedelta(days=ago)).replace(day=1)
