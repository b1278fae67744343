from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import query
from accounts.api.schema import documented, page_of
from accounts.api.views import ListView
from usage.intake import came_in, key_names, starts_of


class IntakeQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The last 48 hours, or the last 30 days of the workspace's time zone."""

    step: Literal["hour", "day"] = "hour"


class Intake(msgspec.Struct):
    """What one key (its first letters) sent from one source in an hour or a day; no key for files."""

    from_: datetime = msgspec.field(name="from")
    key: str | None
    key_name: str | None
    source: str
    accepted: int
    duplicates: int
    rejected: int
    last_at: datetime


class IntakeView(ListView):
    scopes: ClassVar = {"GET": "read"}

    @documented(
        "What came in by hour or day, the latest first",
        answer=page_of(Intake),
        query=IntakeQuery,
        tag="Data in",
        csv=True,
    )
    def get(self, request: Request) -> Response:
        asked, moment = query(request, IntakeQuery), timezone.now()
        starts = starts_of(asked.step, moment, self.workspace().zone)
        rows = came_in(starts, moment)
        keys = key_names([row.sender for row in rows])
        found: list[Any] = []
        for row in rows:
            key, counts = keys.get(row.sender.api_key_id or 0), row.counts
            found.append(
                msgspec.to_builtins(
                    Intake(
                        starts[row.number],
                        key.prefix if key else None,
                        key.name if key else None,
                        row.sender.source,
                        counts.accepted,
                        counts.duplicates,
                        counts.rejected,
                        row.last_at,
                    )
                )
            )
        return Response({"results": found, "next": None})
