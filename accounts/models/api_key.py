from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantManager, TenantModel, tenant_key


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def newest_first(self) -> "ApiKeyQuerySet":
        return self.order_by("-created_at")


class ApiKeyManager(TenantManager["ApiKey"].from_queryset(ApiKeyQuerySet)):  # type: ignore[misc]
    pass


class ApiKey(TenantModel):
    """A key of one workspace. Only the SHA-256 of its 256 random bits is stored."""

    SCOPES = ("ingest", "read", "write", "admin")

    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(max_length=12)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = models.CharField(_("scopes"), max_length=60)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = tenant_key("accounts.User", on_delete=models.SET_NULL, null=True)

    objects: ClassVar[ApiKeyManager] = ApiKeyManager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at"])]

    @property
    def scope_list(self) -> list[str]:
        return self.scopes.split()

    def usable(self, moment: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > moment)
