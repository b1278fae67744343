from datetime import date, datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.tenancy import TenantManager, TenantModel, tenant_key


class TaskState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")


class TaskSource(models.TextChoices):
    HAND = "", _("By hand")
    PATH = "path", _("Path to green")
    ALERT = "alert", _("Alert")
    PLAYBOOK = "playbook", _("Playbook")


class TaskQuerySet(models.QuerySet["Task"]):
    def kept(self) -> Self:
        return self.filter(removed_at=None)

    def open(self) -> Self:
        return self.kept().filter(state=TaskState.OPEN)

    def done(self) -> Self:
        return self.kept().filter(state=TaskState.DONE)

    def open_at(self, moment: datetime) -> Self:
        """Those that were there and not done; of those removed since nothing is told."""
        undone = Q(state=TaskState.OPEN) | Q(done_at__gt=moment)
        return self.kept().filter(undone, created_at__lte=moment)

    def for_account(self, account: Account) -> Self:
        return self.filter(account=account)

    def assigned_to(self, user_id: int) -> Self:
        return self.filter(assignee_id=user_id)

    def due_until(self, day: date) -> Self:
        return self.filter(due_on__lte=day)

    def by_due(self) -> Self:
        """Those without a day come last."""
        return self.order_by("due_on", "id")

    def latest_done(self) -> Self:
        return self.order_by("-done_at", "-id")

    def told(self) -> Self:
        """With all that a task's line says."""
        return self.select_related("account", "assignee", "done_by")


class TaskManager(TenantManager["Task"].from_queryset(TaskQuerySet)):  # type: ignore[misc]
    pass


class Task(TenantModel):
    """Work to do for an account; `metric` is what it should raise where it came from the path.

    A removed one is out of sight and can be brought back for some days.
    """

    account = tenant_key(Account)
    title = models.CharField(_("title"), max_length=200)
    note = models.TextField(_("note"), blank=True, default="")
    due_on = models.DateField(_("due"), null=True, blank=True)
    assignee = tenant_key("accounts.User", on_delete=models.SET_NULL, null=True, blank=True)
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    source = models.CharField(
        max_length=10, choices=TaskSource.choices, default=TaskSource.HAND, blank=True
    )
    metric = models.CharField(max_length=63, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    removed_at = models.DateTimeField(null=True)

    objects: ClassVar[TaskManager] = TaskManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account", "due_on", "id"], name="task_of_account"),
            models.Index(
                fields=["workspace", "due_on", "id"],
                name="task_open_by_due",
                condition=Q(state="open", removed_at=None),
            ),
            models.Index(
                fields=["workspace", "assignee", "due_on", "id"],
                name="task_open_of_assignee",
                condition=Q(state="open", removed_at=None),
            ),
            models.Index(
                fields=["workspace", "-done_at", "-id"],
                name="task_done_latest",
                condition=Q(state="done", removed_at=None),
            ),
            models.Index(
                fields=["workspace", "removed_at"],
                name="task_removed",
                condition=Q(removed_at__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="open", done_at=None) | Q(state="done", done_at__isnull=False),
                name="task_done_at_a_moment",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="task_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_done(self) -> bool:
        return self.state == TaskState.DONE
