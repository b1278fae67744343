from datetime import timedelta
from typing import ClassVar, Self
from urllib.parse import urlencode

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantFact, TenantManager, TenantModel, tenant_key


class TagQuerySet(models.QuerySet["Tag"]):
    def by_name(self) -> Self:
        return self.order_by(Lower("name"), "id")

    def called(self, name: str) -> Self:
        """However it is written."""
        return self.filter(name__iexact=name)

    def used(self) -> Self:
        """Those that an account carries."""
        return self.filter(Exists(AccountTag.objects.filter(tag_id=OuterRef("pk"))))

    def of_account(self, account_id: int) -> Self:
        carried = AccountTag.objects.filter(tag_id=OuterRef("pk"), account_id=account_id)
        return self.filter(Exists(carried)).by_name()


class TagManager(TenantManager["Tag"].from_queryset(TagQuerySet)):  # type: ignore[misc]
    pass


class Tag(TenantModel):
    """A word that accounts carry; written as it was first, found however it is written."""

    name = models.CharField(_("tag"), max_length=60)

    objects: ClassVar[TagManager] = TagManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(F("workspace"), Lower("name"), name="tag_once"),
            models.CheckConstraint(condition=~Q(name=""), name="tag_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def query(self) -> str:
        """Asks a list for the accounts that carry it."""
        return urlencode({"tag": self.name})


class AccountTag(TenantFact):
    pk = models.CompositePrimaryKey("workspace_id", "account_id", "tag_id")
    account_id = models.BigIntegerField()
    tag_id = models.BigIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "tag_id", "account_id"], name="account_of_tag")
        ]


class BulkKind(models.TextChoices):
    ASSIGN = "assign", _("Assign")
    TAG = "tag", _("Tag")
    UNTAG = "untag", _("Untag")


class BulkChangeQuerySet(models.QuerySet["BulkChange"]):
    def told(self) -> Self:
        """With whom and what they are about, and how many accounts they changed."""
        size = Func("account_ids", function="cardinality", output_field=models.IntegerField())
        told = self.defer("account_ids", "before").select_related("owner", "tag", "by")
        return told.annotate(count=size)


class BulkChangeManager(TenantManager["BulkChange"].from_queryset(BulkChangeQuerySet)):  # type: ignore[misc]
    pass


class BulkChange(TenantModel):
    """What was done to many accounts at once, so that it can be undone.

    `account_ids` are those that it changed; of an assignment `before` are their owners until then,
    in the same order.
    """

    KEPT = timedelta(days=1)
    count: int

    kind = models.CharField(max_length=10, choices=BulkKind.choices)
    owner = tenant_key("accounts.User", on_delete=models.SET_NULL, null=True)
    tag = tenant_key(Tag, null=True)
    account_ids = ArrayField(models.BigIntegerField())
    before = ArrayField(models.BigIntegerField(null=True), db_default=[])
    by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    objects: ClassVar[BulkChangeManager] = BulkChangeManager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "made_at"], name="bulk_by_moment")]
