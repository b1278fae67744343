from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.tenancy import TenantFact, TenantManager, TenantModel, tenant_key


class TouchpointKind(models.TextChoices):
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    EMAIL = "email", _("E-mail")
    NOTE = "note", _("Note")


class TouchpointQuerySet(models.QuerySet["Touchpoint"]):
    def kept(self) -> Self:
        return self.filter(removed_at=None)

    def told(self) -> Self:
        return self.select_related("account", "by")


class TouchpointManager(TenantManager["Touchpoint"].from_queryset(TouchpointQuerySet)):  # type: ignore[misc]
    pass


class Touchpoint(TenantModel):
    """We were in touch with an account; `body` is Markdown.

    `source` names the API key where no person told it. A removed one is out of sight and can be
    brought back for some days.
    """

    account = tenant_key(Account)
    kind = models.CharField(_("kind"), max_length=10, choices=TouchpointKind.choices)
    happened_on = models.DateField(_("day"))
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("what was said"), blank=True, default="")
    by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    source = models.CharField(max_length=100, blank=True, default="")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects: ClassVar[TouchpointManager] = TouchpointManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "account", "-happened_on", "-id"], name="touchpoint_of_account"
            ),
            models.Index(fields=["workspace", "-happened_on", "-id"], name="touchpoint_by_day"),
            models.Index(
                fields=["workspace", "removed_at"],
                name="touchpoint_removed",
                condition=Q(removed_at__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title=""), name="touchpoint_has_a_title")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def author(self) -> str:
        return str(self.by) if self.by else self.source


class TouchpointContact(TenantFact):
    """A contact of the account who took part."""

    pk = models.CompositePrimaryKey("workspace_id", "touchpoint_id", "contact_id")
    touchpoint_id = models.BigIntegerField()
    contact_id = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "contact_id"], name="touchpoint_of_contact")
        ]
