"""What tests need to exist, in one line each."""

from datetime import date
from itertools import count
from typing import Any

from accounts.models import Account, AccountState, Membership, Role, User, Workspace
from accounts.services.keys import create_api_key
from accounts.tenancy import scope

PASSWORD = "correct horse battery staple"
# One hash for everybody: a test is not about the cost of hashing.
HASH = "pbkdf2_sha256$1$salt$ouhwH5QjXU2O1gHvuMrHWhFGwGQ8zEmYRlu7N1suuDo="
ALL_SCOPES = ["ingest", "read", "write", "admin"]

_numbers = count(1)


def make_workspace(slug: str = "", **fields: Any) -> Workspace:
    slug = slug or f"workspace-{next(_numbers)}"
    return Workspace.objects.create(slug=slug, name=fields.pop("name", slug.title()), **fields)


def make_user(email: str = "", **fields: Any) -> User:
    """A person whose password is PASSWORD."""
    email = email or f"person{next(_numbers)}@example.com"
    return User.objects.create(email=email, **{"password": HASH, **fields})


def make_member(workspace: Workspace, role: str = Role.ADMIN, email: str = "") -> User:
    user = make_user(email)
    with scope(workspace.pk):
        Membership.objects.create(user=user, role=role)
    return user


def make_key(workspace: Workspace, scopes: list[str] | None = None, **options: Any) -> str:
    """The secret of a new API key."""
    with scope(workspace.pk):
        _key, secret = create_api_key(name="test", scopes=scopes or ALL_SCOPES, by=None, **options)
    return secret


def make_account(workspace: Workspace, key: str = "", **fields: Any) -> Account:
    """An account with the state that evaluations read, from its first day on."""
    key = key or f"account-{next(_numbers)}"
    from_day = fields.pop("from_day", date(2026, 1, 1))
    with scope(workspace.pk):
        account: Account = Account.objects.create(key=key, name=fields.pop("name", key), **fields)
        AccountState.objects.create(
            account_id=account.pk,
            from_day=from_day,
            stage=account.stage,
            status=account.status,
            contract_value_cents=account.contract_value_cents,
            created_on=account.created_on,
            renewal_on=account.renewal_on,
            attributes=account.attributes,
        )
    return account


def bearer(secret: str) -> dict[str, Any]:
    """`client.get(…, **bearer(secret))`."""
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
