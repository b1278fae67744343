"""The four kinds of imports."""

from collections.abc import Mapping

from integrations.imports import accounts, contacts, events, measurements
from integrations.imports.fields import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (accounts.KIND, contacts.KIND, measurements.KIND, events.KIND)
}
