"""How a product that uses a public client sends its events here: only the host changes."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.views.settings.sections import show
from usage.intake import last_seen

KEY = "sk_…"

SEGMENT_PYTHON = """\
from segment.analytics import Client

analytics = Client("{key}", host="{host}", gzip=True)
analytics.track("ann", "Report Exported", context={{"groupId": "acme"}})
"""
SEGMENT_NODE = """\
import {{ Analytics }} from "@segment/analytics-node";

const analytics = new Analytics({{ writeKey: "{key}", host: "{host}" }});
analytics.track({{ userId: "ann", event: "Report Exported", context: {{ groupId: "acme" }} }});
"""
RUDDER_PYTHON = """\
import rudderstack.analytics as analytics

analytics.write_key = "{key}"
analytics.dataPlaneUrl = "{host}"
analytics.track("ann", "Report Exported", context={{"groupId": "acme"}})
"""
RUDDER_NODE = """\
import Analytics from "@rudderstack/rudder-sdk-node";

const analytics = new Analytics("{key}", {{ dataPlaneUrl: "{host}" }});
analytics.track({{ userId: "ann", event: "Report Exported", context: {{ groupId: "acme" }} }});
"""
POSTHOG_PYTHON = """\
from posthog import Posthog

posthog = Posthog("{key}", host="{host}", gzip=True)
posthog.capture("Report Exported", distinct_id="ann", groups={{"company": "acme"}})
"""
POSTHOG_NODE = """\
import {{ PostHog }} from "posthog-node";

const posthog = new PostHog("{key}", {{ host: "{host}" }});
posthog.capture({{ distinctId: "ann", event: "Report Exported", groups: {{ company: "acme" }} }});
await posthog.shutdown(); // sends what waits; a server calls it when it stops
"""
CLIENTS = {
    "segment": ("Segment", SEGMENT_PYTHON, SEGMENT_NODE),
    "rudderstack": ("RudderStack", RUDDER_PYTHON, RUDDER_NODE),
    "posthog": ("PostHog", POSTHOG_PYTHON, POSTHOG_NODE),
}


@dataclass(frozen=True)
class Snippet:
    language: str
    code: str


@dataclass(frozen=True)
class Client:
    key: str
    name: str
    snippets: list[Snippet]
    last_at: datetime | None


@dataclass(frozen=True)
class Mapped:
    """What is sent, by the words of Segment and of PostHog, and what becomes of it."""

    segment: str
    posthog: str
    becomes: str


@require_safe
@admins_only
def connect(request: WorkspaceRequest, slug: str) -> HttpResponse:
    host = request.build_absolute_uri("/").rstrip("/")
    context = {
        "host": host,
        "clients": clients(host),
        "mapped": mapped(),
        "logins": list(filter(None, map(str.strip, request.workspace.login_names.splitlines()))),
        "plain": request.build_absolute_uri(reverse("api-events")),
    }
    return show(request, "integrations/connect.html", context, current="connect")


def clients(host: str) -> list[Client]:
    seen: dict[str, datetime] = {}
    for sender, at in last_seen().items():
        seen[sender.source] = max(at, seen.get(sender.source, at))
    return [
        Client(
            key,
            name,
            [
                Snippet(language, code.format(key=KEY, host=host))
                for language, code in (("Python", python), ("Node", node))
            ],
            seen.get(key),
        )
        for key, (name, python, node) in CLIENTS.items()
    ]


def mapped() -> list[Mapped]:
    return [
        Mapped(
            "track",
            "capture",
            _("A use of the feature of that name; a log-in where the name is one of a log-in."),
        ),
        Mapped("page, screen", "$pageview, $screen", _("Activity of the user, no feature.")),
        Mapped("identify", "$identify, $set", _("Name, e-mail address and traits of the user.")),
        Mapped(
            "group",
            "$groupidentify",
            _(
                "The account: its name, contract value, renewal, seats, stage and status where a "
                "trait is called so, every other trait as an attribute."
            ),
        ),
        Mapped("alias", "$create_alias", _("Two ids are one user from then on.")),
        Mapped("userId, anonymousId", "distinct_id", _("The user.")),
        Mapped(
            "groupId, context.groupId",
            "$groups.company",
            _(
                "The account; also a group of the type account, organization, customer or team. A "
                "message without one belongs to the last group of its user."
            ),
        ),
        Mapped(
            "timestamp",
            "timestamp",
            _("When it happened, by our clock where the sender's is wrong."),
        ),
        Mapped("messageId", "uuid", _("What is sent again counts once.")),
    ]
