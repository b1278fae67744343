"""The scope of a workspace: one transaction, one setting on the connection, one ContextVar.

First wall: managers filter by the scope or raise. Second wall: row-level security compares every
row with the setting `app.workspace_id`, which lives only as long as the scope's transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection, models, transaction

_current: ContextVar[int | None] = ContextVar("workspace_id", default=None)

M = TypeVar("M", bound=models.Model)


class NoScope(RuntimeError):
    """Tenant data was asked for outside every workspace's scope."""


def current_workspace_id() -> int:
    workspace_id = _current.get()
    if workspace_id is None:
        raise NoScope("No workspace scope is open: open one with accounts.tenancy.scope().")
    return workspace_id


def set_local(name: str, value: str) -> None:
    """Set a configuration parameter until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


@contextmanager
def scope(workspace_id: int) -> Iterator[None]:
    """Open the workspace in one transaction; scopes nest, and the outer one comes back."""
    with restoring(), entered(workspace_id):
        set_local("app.workspace_id", str(workspace_id))
        yield


@contextmanager
def restoring() -> Iterator[None]:
    """A transaction that leaves the setting as it was; one that ends forgets it by itself."""
    nested, outer = connection.in_atomic_block, _current.get()
    with transaction.atomic():
        yield
        if nested and not transaction.get_rollback():
            set_local("app.workspace_id", "" if outer is None else str(outer))


@contextmanager
def entered(workspace_id: int) -> Iterator[None]:
    """The scope of a workspace that the transaction's setting names already."""
    token = _current.set(workspace_id)
    try:
        yield
    finally:
        _current.reset(token)


class TenantManager(models.Manager[M]):
    """Filters by the open scope; raises `NoScope` where none is open."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(workspace_id=current_workspace_id())


class TenantModel(models.Model):
    """An entity of one workspace, addressed by `id`; foreign keys to it are composite."""

    workspace = models.ForeignKey(
        "accounts.Workspace",
        models.CASCADE,
        default=current_workspace_id,
        editable=False,
        db_index=False,
        related_name="+",
    )

    objects = TenantManager()

    class Meta:
        abstract = True


class TenantFact(models.Model):
    """A row of facts with a composite primary key that begins with the workspace."""

    workspace_id = models.BigIntegerField(default=current_workspace_id, editable=False)

    objects = TenantManager()

    class Meta:
        abstract = True


def tenant_key(
    to: type[models.Model] | str, *, on_delete: Any = models.CASCADE, **options: Any
) -> Any:
    """A foreign key inside the workspace; its constraint is the composite one of the migration."""
    return models.ForeignKey(
        to, on_delete, db_constraint=False, db_index=False, related_name="+", **options
    )


def tenant_rows(sql: str, **parameters: Any) -> list[Any]:
    """Run a statement that names `%(workspace)s`; the rows that it returns, if it returns any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"workspace": current_workspace_id(), **parameters})
        return cursor.fetchall() if cursor.description else []
