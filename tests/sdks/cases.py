"""What every client is made to say, and against which mishap."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

FAULTS = ("200", "500", "429", "broken", "killed", "refused")
PYTHON = ("segment-python", "rudder-python", "posthog-python")
# Segment's client for Node knows no compression.
VARIANTS = [
    *product((*PYTHON, "rudder-node", "posthog-node"), ("plain", "gzip")),
    ("segment-node", "plain"),
]
# In the past, so that no answer's delay has a part in it.
BEGIN = datetime(2026, 3, 1, 9, 30, 15, 250_000, tzinfo=UTC)
CLICKS = 25


@dataclass(frozen=True)
class Case:
    sdk: str
    encoding: str
    fault: str
    clicks: int = CLICKS

    @property
    def name(self) -> str:
        return f"{self.sdk}-{self.encoding}-{self.fault}"

    @property
    def user(self) -> str:
        return f"user of {self.name}"

    @property
    def account(self) -> str:
        return f"account of {self.name}"

    @property
    def traits(self) -> dict[str, Any]:
        return {"name": "Ann Lee", "email": f"{self.name}@example.com", "level": 3}

    @property
    def group_traits(self) -> dict[str, Any]:
        return {"name": f"Acme {self.name}", "plan": "pro", "employees": 42}

    def at(self, seconds: int) -> datetime:
        return BEGIN + timedelta(seconds=seconds)

    def told(self, address: str, key: str) -> dict[str, Any]:
        """For a client that is written in another language."""
        return {
            **asdict(self),
            "name": self.name,
            "user": self.user,
            "account": self.account,
            "traits": self.traits,
            "groupTraits": self.group_traits,
            "begin": BEGIN.isoformat(),
            "address": address,
            "key": key,
        }


CASES = [Case(sdk, encoding, fault) for (sdk, encoding), fault in product(VARIANTS, FAULTS)]
# Left out unless asked for: these take minutes of waiting.
LONG_CASES = [
    Case(sdk, encoding, fault, clicks=300)
    for (sdk, encoding), fault in product(VARIANTS, ("500", "429", "broken"))
]
