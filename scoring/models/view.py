from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantFact, TenantManager, TenantModel


class ViewQuerySet(models.QuerySet["View"]):
    def seen_by(self, user_id: int) -> Self:
        """Their own, and those that are shared with everybody."""
        return self.filter(Q(by_id=user_id) | Q(shared=True)).order_by("name", "id")


class ViewManager(TenantManager["View"].from_queryset(ViewQuerySet)):  # type: ignore[misc]
    pass


class View(TenantModel):
    """What the list of accounts was asked for, under a name; `query` as its address has it."""

    key = models.SlugField(_("key"), max_length=63, db_index=False)
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(blank=True, default="")
    shared = models.BooleanField(_("shared with everybody"), default=False)
    by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    created_at = models.DateTimeField()

    objects: ClassVar[ViewManager] = ViewManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="view_key_once")
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(TenantFact):
    """The view that a person's list of accounts opens with."""

    pk = models.CompositePrimaryKey("workspace_id", "user_id")
    user_id = models.BigIntegerField()
    view_id = models.BigIntegerField()
