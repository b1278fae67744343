"""The doors that events come through, by the names of people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SOURCES: dict[str, str | Promise] = {
    "api": _("API"),
    "segment": _("Segment"),
    "rudderstack": _("RudderStack"),
    "posthog": _("PostHog"),
    "import": _("File"),
    "demo": _("Demo"),
}


def source_name(source: str) -> str:
    return str(SOURCES.get(source, source))
