from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext_lazy as _

from accounts.inputs import Key
from integrations.imports.fields import Around, As, Field, Kind, Stored, Values
from integrations.imports.leaving_out import leaving_out
from scoring.services.measurements import MeasurementRow, record_measurements

Text = Annotated[str, msgspec.Meta(max_length=2000)]


class Told(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    account: Key
    metric: Key
    value: float | int | str | bool | None = None
    scorecard: Key | None = None
    measured_at: datetime | None = None
    comment: Text = ""
    reason: Text = ""


def build(values: Values) -> MeasurementRow:
    told = msgspec.convert(values, Told)
    return MeasurementRow(**msgspec.structs.asdict(told))


def store(rows: Sequence[MeasurementRow], around: Around) -> Stored:
    stored = Stored()

    def record(left: Sequence[Any]) -> None:
        stored.created = record_measurements(
            workspace=around.workspace,
            rows=list(left),
            moment=around.moment,
            by=around.by,
            source=around.source,
        )
        stored.unchanged = len(left) - stored.created

    stored.flaws = leaving_out(rows, record)
    return stored


KIND = Kind(
    name="measurements",
    fields=(
        Field(
            "account",
            _("Account"),
            required=True,
            others=("account_key", "account_id", "key", "customer_id", "company_id", "customer"),
            help=_("The key of the account."),
        ),
        Field(
            "metric",
            _("Metric"),
            required=True,
            others=("metric_key", "measure", "kpi"),
            help=_("The key of a metric that is set by hand."),
        ),
        Field(
            "value",
            _("Value"),
            As.VALUE,
            required=True,
            others=("score", "level", "rating", "result"),
            help=_("A number, a level's key, yes or no; empty with a reason: not applicable."),
        ),
        Field("scorecard", _("Scorecard"), others=("scorecard_key", "card")),
        Field(
            "measured_at",
            _("Measured at"),
            As.MOMENT,
            others=("date", "day", "time", "measured_on", "timestamp", "when"),
            help=_("Left out, it is the time of the import."),
        ),
        Field("comment", _("Comment"), others=("note", "notes", "remark")),
        Field("reason", _("Reason"), others=("why", "not_applicable_because")),
    ),
    batch=1000,
    build=build,
    store=store,
)
