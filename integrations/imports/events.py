import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from integrations.imports.fields import Around, As, Field, Flaw, Kind, Stored, Values
from usage.csv_events import parsed
from usage.events import Source
from usage.services.ingest import ingest_events


def build(values: Values) -> dict[str, Any]:
    """An event as the API takes it; without an id of its own, one made of all that it says."""
    event = {**values, "occurred_at": values["occurred_at"].isoformat()}
    if "properties" in event:
        event["properties"] = parsed(event["properties"])
    if "event_id" not in event:
        said = msgspec.json.encode(event, order="deterministic")
        event["event_id"] = hashlib.sha256(said).hexdigest()
    return event


def store(rows: Sequence[dict[str, Any]], around: Around) -> Stored:
    done = ingest_events(
        workspace=around.workspace,
        events=rows,
        moment=around.moment,
        source=Source(name="import"),
    )
    stored = Stored(accepted=done.accepted, duplicates=done.duplicates)
    for bad in done.rejected:
        name, _colon, message = bad.message.partition(": ")
        known = name in {field.name for field in KIND.fields}
        stored.flaws[bad.index] = [Flaw(name, message) if known else Flaw("", bad.message)]
    return stored


KIND = Kind(
    name="events",
    fields=(
        Field(
            "occurred_at",
            _("Time"),
            As.MOMENT,
            required=True,
            others=("time", "timestamp", "date", "datetime", "when", "event_time", "occurred"),
            help=_("Without a time zone it is one of the workspace's."),
        ),
        Field(
            "account",
            _("Account"),
            required=True,
            others=(
                "account_key",
                "account_id",
                "customer_id",
                "company_id",
                "group_id",
                "customer",
                "company",
            ),
            help=_("The key of the account."),
        ),
        Field(
            "user",
            _("User"),
            required=True,
            others=("user_id", "username", "user_email", "email", "person"),
            help=_("What your product calls the person."),
        ),
        Field(
            "type",
            _("Event"),
            required=True,
            also="event",
            others=("event_name", "event_type", "action", "name", "what"),
            help=_("“login”, “feature”, or a name of your own."),
        ),
        Field(
            "feature",
            _("Feature"),
            others=("feature_name", "module", "page"),
            help=_("Needed where the event is “feature”."),
        ),
        Field(
            "duration_seconds",
            _("Duration, seconds"),
            As.NUMBER,
            others=("duration", "seconds", "session_seconds", "duration_s"),
        ),
        Field("count", _("Count"), As.WHOLE, others=("times", "quantity", "uses")),
        Field("properties", _("Properties"), As.JSON, others=("props", "json")),
        Field(
            "event_id",
            _("Event id"),
            others=("id", "uuid", "message_id", "eventid"),
            help=_("Without one, two rows that say the same count once."),
        ),
    ),
    batch=5000,
    build=build,
    store=store,
)
