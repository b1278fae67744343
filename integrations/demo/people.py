"""The demo's people: the contacts of its accounts, who of us looks after them, who uses the product."""

import msgspec
import numpy as np

from accounts.inputs import ContactRow, TeamRow
from accounts.tenancy import tenant_rows
from integrations.demo.portfolio import DECLINING, NEW, SPONSOR_LOST, DemoAccount

GIVEN = (
    *("Ada", "Amir", "Anna", "Bao", "Carla", "Chen", "Daniel", "Elena", "Emeka", "Farah"),
    *("Felix", "Grace", "Hana", "Ines", "Ivo", "Jonas", "Julia", "Kofi", "Lena", "Luis"),
    *("Maja", "Marco", "Mei", "Nadia", "Noah", "Olga", "Omar", "Priya", "Rosa", "Samuel"),
    *("Sofia", "Tariq", "Tom", "Vera", "Wei", "Yuki", "Zoe"),
)
FAMILY = (
    *("Abara", "Adler", "Baker", "Bauer", "Castro", "Chandra", "Cohen", "Costa", "Demir"),
    *("Dubois", "Eriksen", "Ferrari", "Fischer", "Garcia", "Haddad", "Hughes", "Ito", "Jansen"),
    *("Kaya", "Keller", "Kim", "Kowalski", "Larsen", "Lopez", "Mensah", "Moreau", "Nakamura"),
    *("Novak", "Okafor", "Patel", "Petrov", "Reyes", "Rossi", "Schmidt", "Silva", "Tanaka"),
    *("Walker", "Wang", "Weber", "Zhang"),
)
PLACES = (
    ("Chief operating officer", "Executive sponsor", "decision_maker", True),
    ("Head of operations", "Project lead", "champion", True),
    ("Team lead, reporting", "Administrator", "influencer", False),
    ("Business analyst", "Power user", "user", False),
    ("Purchasing manager", "Buyer", "influencer", False),
    ("IT architect", "Technical contact", "user", False),
)
"""Title, role, influence, whether key: the small accounts have the first of them."""
CONTACTS = {"Starter": (2, 4), "Business": (3, 5), "Enterprise": (5, 6)}
SPONSOR, POWER_USER = 0, 3
NAMED_USERS = 0.85
"""Of the users of an account; of the others only a number was sent."""
NAME_USERS = """
UPDATE usage_enduser AS person SET name = told.name, email = told.email
FROM json_to_recordset(%(rows)s) AS told(account text, key text, name text, email text)
JOIN accounts_account account ON account.workspace_id = %(workspace)s AND account.key = told.account
WHERE person.workspace_id = %(workspace)s AND person.account_id = account.id
  AND person.key = told.key
RETURNING person.id
"""


def contacts(account: DemoAccount, *, seed: int) -> list[ContactRow]:
    """Of an account that lost its sponsor, the one who stood up for us is gone."""
    rng = np.random.default_rng([seed, 4, *account.key.encode()])
    fewest, most = CONTACTS[account.plan]
    names = _names(account, int(rng.integers(fewest, most + 1)), rng)
    gone = {SPONSOR_LOST: SPONSOR, DECLINING: POWER_USER}.get(account.character)
    return [
        ContactRow(
            email=_email(name, account),
            name=name,
            title=title,
            phone=f"+1 555 01{int(rng.integers(0, 100)):02d}",
            role=role,
            influence="champion" if number == gone == SPONSOR else influence,  # type: ignore[arg-type]
            status="departed" if number == gone else "active",
            is_key=key and number != gone,
        )
        for number, (name, (title, role, influence, key)) in enumerate(
            zip(names, PLACES, strict=False)
        )
    ]


def team(account: DemoAccount, owners: list[str], manager: str) -> list[TeamRow]:
    """Beside the owner: whoever sells to them, brings them in, or answers for them."""
    others = [email for email in owners if email not in {owners[account.owner], manager}]
    found = [TeamRow(user=others[0], role="Account executive")]
    if account.plan == "Enterprise" and owners[account.owner] != manager:
        found.append(TeamRow(user=manager, role="Executive sponsor"))
    if account.character == NEW and len(others) > 1:
        found.append(TeamRow(user=others[1], role="Onboarding"))
    return found


def name_users(accounts: list[DemoAccount], *, seed: int) -> None:
    """Most of those who use the product, as their systems would tell of them."""
    rows = []
    for account in accounts:
        rng = np.random.default_rng([seed, 5, *account.key.encode()])
        for number, name in enumerate(_names(account, account.users, rng), start=1):
            if rng.random() < NAMED_USERS:
                who = {"account": account.key, "key": f"user-{number:04d}"}
                rows.append({**who, "name": name, "email": _email(name, account)})
    tenant_rows(NAME_USERS, rows=msgspec.json.encode(rows).decode())


def _names(account: DemoAccount, count: int, rng: np.random.Generator) -> list[str]:
    """No name twice in one account."""
    chosen = rng.choice(len(GIVEN) * len(FAMILY), size=count, replace=False)
    return [f"{GIVEN[n % len(GIVEN)]} {FAMILY[n // len(GIVEN)]}" for n in chosen.tolist()]


def _email(name: str, account: DemoAccount) -> str:
    return f"{name.lower().replace(' ', '.')}@{account.key}.example"
