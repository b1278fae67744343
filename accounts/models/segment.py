from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantModel


class Segment(TenantModel):
    """Accounts that have something in common: those for which all conditions hold, day by day.

    A condition names a field or an attribute, an operator and a value: {attribute, op, value}.
    """

    key = models.SlugField(_("key"), max_length=63, db_index=False)
    name = models.CharField(_("name"), max_length=200)
    conditions = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="segment_key_once")
        ]

    def __str__(self) -> str:
        return self.name
