"""The clients for Python as their makers publish them: only the host is ours."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import posthog
import rudderstack.analytics.client as rudder
import segment.analytics.client as segment

from tests.sdks.cases import Case


def segment_like(client: Any, case: Case) -> None:
    client.identify(case.user, case.traits, timestamp=case.at(0))
    client.group(case.user, case.account, case.group_traits, timestamp=case.at(1))
    client.track(case.user, "Signed In", {"by": "password"}, timestamp=case.at(2))
    client.page(case.user, "Reports", "Weekly", {"path": "/weekly"}, timestamp=case.at(3))
    for number in range(case.clicks):
        client.track(case.user, "Clicked", {"number": number}, timestamp=case.at(4 + number))
    client.shutdown()


def segment_python(case: Case, address: str, key: str, failed: Callable[..., None]) -> None:
    zipped = case.encoding == "gzip"
    segment_like(segment.Client(key, host=address, gzip=zipped, on_error=failed), case)


def rudder_python(case: Case, address: str, key: str, failed: Callable[..., None]) -> None:
    zipped = case.encoding == "gzip"
    segment_like(rudder.Client(key, host=address, gzip=zipped, on_error=failed), case)


def posthog_python(case: Case, address: str, key: str, failed: Callable[..., None]) -> None:
    client = posthog.Posthog(key, host=address, gzip=case.encoding == "gzip", on_error=failed)

    def capture(event: str, at: datetime, properties: dict[str, Any]) -> None:
        client.capture(
            event,
            distinct_id=case.user,
            properties=properties,
            timestamp=at,
            groups={"company": case.account},
        )

    client.set(distinct_id=case.user, properties=case.traits, timestamp=case.at(0))
    client.group_identify("company", case.account, case.group_traits, timestamp=case.at(1))
    capture("Signed In", case.at(2), {"by": "password"})
    capture("$pageview", case.at(3), {"$pathname": "/weekly"})
    for number in range(case.clicks):
        capture("Clicked", case.at(4 + number), {"number": number})
    client.shutdown()


CLIENTS = {
    "segment-python": segment_python,
    "rudder-python": rudder_python,
    "posthog-python": posthog_python,
}
