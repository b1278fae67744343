from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantFact, TenantManager, TenantModel, tenant_key


class AccountQuerySet(models.QuerySet["Account"]):
    def search(self, text: str) -> Self:
        """Every word somewhere in name or key."""
        found = self
        for word in text.lower().split():
            found = found.filter(search__contains=word)
        return found

    def owned_by(self, user_id: int) -> Self:
        return self.filter(owner_id=user_id)

    def renewing_between(self, first: date, last: date) -> Self:
        return self.filter(renewal_on__gte=first, renewal_on__lte=last)


class AccountManager(TenantManager["Account"].from_queryset(AccountQuerySet)):  # type: ignore[misc]
    pass


class Account(TenantModel):
    """A customer company that is scored."""

    key = models.CharField(_("key"), max_length=200)
    name = models.CharField(_("name"), max_length=200)
    search = models.GeneratedField(
        expression=Lower(Concat("name", models.Value(" "), "key")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    stage = models.CharField(_("stage"), max_length=60, default="", blank=True)
    status = models.CharField(_("status"), max_length=60, default="active")
    owner = tenant_key("accounts.User", on_delete=models.SET_NULL, null=True, blank=True)
    contract_value_cents = models.BigIntegerField(_("contract value"), null=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    created_on = models.DateField(_("customer since"), null=True)
    renewal_on = models.DateField(_("renewal"), null=True)
    parent = tenant_key("self", on_delete=models.SET_NULL, null=True)
    attributes = models.JSONField(default=dict)
    company = models.JSONField(default=dict)
    added_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="account_key_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "name", "id"], name="account_by_name"),
            models.Index(fields=["workspace", "search", "id"], name="account_by_search"),
            models.Index(fields=["workspace", "stage", "id"], name="account_by_stage"),
            models.Index(fields=["workspace", "owner", "id"], name="account_by_owner"),
            models.Index(fields=["workspace", "renewal_on", "id"], name="account_by_renewal"),
            models.Index(
                fields=["workspace", "contract_value_cents", "id"], name="account_by_value"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountName(TenantFact):
    """Account.search, kept by triggers where accounts_named() finds the accounts by parts of it."""

    pk = models.CompositePrimaryKey("workspace_id", "account_id")
    account_id = models.BigIntegerField()
    named = models.TextField(db_collation="C")


class AccountState(TenantFact):
    """What evaluations read of an account, from a day on; the earliest also holds before it."""

    pk = models.CompositePrimaryKey("workspace_id", "account_id", "from_day")
    account_id = models.BigIntegerField()
    from_day = models.DateField()
    stage = models.CharField(max_length=60, default="")
    status = models.CharField(max_length=60, default="")
    contract_value_cents = models.BigIntegerField(null=True)
    created_on = models.DateField(null=True)
    renewal_on = models.DateField(null=True)
    attributes = models.JSONField(default=dict)


class SeatChange(TenantFact):
    """License history: the seats from a day on; before the first there are none known."""

    pk = models.CompositePrimaryKey("workspace_id", "account_id", "from_day")
    account_id = models.BigIntegerField()
    from_day = models.DateField()
    seats = models.PositiveIntegerField()


class StaleAccount(TenantFact):
    """An account whose data changed after its last evaluation, and the earliest day it touches."""

    pk = models.CompositePrimaryKey("workspace_id", "account_id")
    account_id = models.BigIntegerField()
    from_day = models.DateField()
    marked_at = models.DateTimeField()


class Influence(models.TextChoices):
    DECISION_MAKER = "decision_maker", _("Decision maker")
    CHAMPION = "champion", _("Champion")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")


class ContactStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    DEPARTED = "departed", _("Departed")


class ContactQuerySet(models.QuerySet["Contact"]):
    def for_account(self, account: Account) -> Self:
        return self.filter(account=account).order_by("name", "id")


class ContactManager(TenantManager["Contact"].from_queryset(ContactQuerySet)):  # type: ignore[misc]
    pass


class Contact(TenantModel):
    """A person at the account, known by e-mail."""

    account = tenant_key(Account)
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=60, blank=True, default="")
    role = models.CharField(_("role"), max_length=60, blank=True, default="")
    influence = models.CharField(
        _("influence"),
        max_length=20,
        choices=Influence.choices,
        blank=True,
        default="",
        db_default="",
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ContactStatus.choices,
        default=ContactStatus.ACTIVE,
        db_default=ContactStatus.ACTIVE,
    )
    is_key = models.BooleanField(_("key contact"), default=False, db_default=False)

    objects: ClassVar[ContactManager] = ContactManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account", "email"], name="contact_once")
        ]

    @property
    def departed(self) -> bool:
        return self.status == ContactStatus.DEPARTED

    @property
    def missed(self) -> bool:
        """Somebody who carried the account is gone."""
        return self.departed and self.influence in {Influence.CHAMPION, Influence.DECISION_MAKER}


class TeamQuerySet(models.QuerySet["TeamMember"]):
    def for_account(self, account: Account) -> Self:
        return self.filter(account=account).select_related("user").order_by("role", "id")


class TeamManager(TenantManager["TeamMember"].from_queryset(TeamQuerySet)):  # type: ignore[misc]
    pass


class TeamMember(TenantModel):
    """Who of us works for an account, and as what."""

    account = tenant_key(Account)
    user = tenant_key("accounts.User")
    role = models.CharField(_("role"), max_length=60)

    objects: ClassVar[TeamManager] = TeamManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account", "user"], name="team_once")
        ]
