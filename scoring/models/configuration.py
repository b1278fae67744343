from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantManager, TenantModel, tenant_key


class ScorecardQuerySet(models.QuerySet["Scorecard"]):
    def active(self) -> Self:
        """Published and switched on, the primary first."""
        return (
            self.filter(active=True, current_version__isnull=False)
            .select_related("current_version")
            .order_by("rank", "id")
        )

    def kept(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False).order_by("-archived_at", "id")

    def ranked(self) -> Self:
        return self.select_related("current_version").order_by("-active", "rank", "id")

    def arranged(self) -> Self:
        """In the order of the settings: all that are not archived, whether they count or not."""
        return self.kept().select_related("current_version").order_by("rank", "id")


class ScorecardManager(TenantManager["Scorecard"].from_queryset(ScorecardQuerySet)):  # type: ignore[misc]
    pass


class Scorecard(TenantModel):
    """One way of measuring accounts; what it says stands in its published version.

    `draft` is the document that is being edited, null where it says what is published; it began
    with the version of the number `draft_from`, null where there was none. `rank` counts, not
    what the version says of it: to arrange scorecards anew makes no versions. An archived one is
    switched off and out of sight; it keeps its key and its history, and can come back.
    """

    key = models.SlugField(_("key"), max_length=63, db_index=False)
    name = models.CharField(_("name"), max_length=200)
    rank = models.IntegerField(_("rank"), default=1)
    active = models.BooleanField(_("switched on"), default=True)
    draft = models.JSONField(null=True)
    draft_from = models.PositiveIntegerField(null=True)
    current_version = tenant_key("scoring.ScorecardVersion", on_delete=models.RESTRICT, null=True)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ScorecardManager] = ScorecardManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="scorecard_key_once")
        ]

    def __str__(self) -> str:
        return self.name


class ScorecardVersion(TenantModel):
    """A published configuration. Immutable: the application's role may not update or delete it.

    `document` is the document of the contract; `bands` are those that its scheme had when it was
    published, so that a later change of the scheme changes nothing that was shown.
    """

    scorecard = tenant_key(Scorecard)
    number = models.PositiveIntegerField()
    document = models.JSONField()
    bands = models.JSONField()
    note = models.TextField(blank=True, default="")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "scorecard", "number"], name="version_number_once"
            )
        ]


class Scheme(TenantModel):
    """A grading scheme of the workspace's own: 2 to 12 bands, beside the three that ship."""

    key = models.SlugField(_("key"), max_length=63, db_index=False)
    name = models.CharField(_("name"), max_length=200)
    bands = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="scheme_key_once")
        ]
