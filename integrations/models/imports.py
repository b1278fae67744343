from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantFact, TenantManager, TenantModel, tenant_key


class ImportKind(models.TextChoices):
    ACCOUNTS = "accounts", _("Accounts")
    CONTACTS = "contacts", _("Contacts")
    MEASUREMENTS = "measurements", _("Measurements")
    EVENTS = "events", _("Usage events")


class ImportState(models.TextChoices):
    """From DRAFT and CHECKED a person leads on; the workers lead on from CHECKING to RUNNING."""

    DRAFT = "draft", _("Columns to choose")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked, not imported")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


WORKED = (ImportState.CHECKING, ImportState.QUEUED, ImportState.RUNNING)


class ImportQuerySet(models.QuerySet["Import"]):
    def at_work(self) -> Self:
        return self.filter(state__in=WORKED)

    def newest_first(self) -> Self:
        return self.order_by("-id")


class ImportManager(TenantManager["Import"].from_queryset(ImportQuerySet)):  # type: ignore[misc]
    pass


class Import(TenantModel):
    """A file on its way in. Its ids and those of runs are one sequence: both are jobs of the API.

    `at` is the next batch: it moves in the batch's own transaction.
    """

    kind = models.CharField(max_length=20, choices=ImportKind.choices)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.DRAFT)
    dry_run = models.BooleanField(default=False)
    file_name = models.CharField(max_length=200)
    file_size = models.BigIntegerField()
    by = tenant_key("accounts.User", on_delete=models.SET_NULL, null=True)
    who = models.CharField(max_length=254)
    header = models.JSONField()
    sample = models.JSONField()
    columns = models.JSONField()
    encoding = models.CharField(max_length=20)
    decimal_comma = models.BooleanField(default=False)
    escaped = models.BooleanField(default=False)
    batches = models.IntegerField(null=True)
    at = models.IntegerField(default=0)
    attempts = models.SmallIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    error = models.TextField(default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[ImportManager] = ImportManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "state"], name="import_by_state"),
        ]

    @property
    def at_work(self) -> bool:
        return self.state in WORKED

    @property
    def good(self) -> int:
        """Rows that are, or would be, stored."""
        return self.created + self.updated + self.unchanged + self.accepted + self.duplicates


class ImportPart(TenantFact):
    """A piece of the file as it was sent, until it is read."""

    pk = models.CompositePrimaryKey("workspace_id", "import_id", "number")
    import_id = models.BigIntegerField()
    number = models.IntegerField()
    content = models.BinaryField()


class ImportBatch(TenantFact):
    """Rows that one transaction stores, compressed; those that wait for a parent come once more."""

    pk = models.CompositePrimaryKey("workspace_id", "import_id", "number")
    import_id = models.BigIntegerField()
    number = models.IntegerField()
    round = models.SmallIntegerField(default=0)
    first_line = models.BigIntegerField()
    lines = models.BinaryField()


class ImportKey(TenantFact):
    """What a row is about: the second row of one name is found by it, and a parent further down."""

    pk = models.CompositePrimaryKey("workspace_id", "import_id", "key")
    import_id = models.BigIntegerField()
    key = models.TextField(db_collation="C")
    line = models.BigIntegerField()


class ImportReject(TenantFact):
    """A row that is not stored: `flaws` are pairs of column and message, `cells` the row as it was."""

    pk = models.CompositePrimaryKey("workspace_id", "import_id", "line")
    import_id = models.BigIntegerField()
    line = models.BigIntegerField()
    flaws = models.JSONField()
    cells = models.JSONField()
