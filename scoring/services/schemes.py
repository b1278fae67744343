from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import User
from scoring.models import Scheme, Scorecard
from scoring.services.arrangement import score_soon
from scoring.services.configuration import publish_scorecard
from scoring.versions import published_document

DEFAULT = "ryg"


def users_of(scheme: Scheme) -> list[Scorecard]:
    """Scorecards that show their scores by this scheme, published or in a draft."""
    return users_by_scheme().get(scheme.key, [])


def users_by_scheme() -> dict[str, list[Scorecard]]:
    found: dict[str, list[Scorecard]] = {}
    for scorecard in Scorecard.objects.select_related("current_version").order_by("name", "id"):
        for key in _schemes_of(scorecard):
            found.setdefault(key, []).append(scorecard)
    return found


def _schemes_of(scorecard: Scorecard) -> set[str]:
    version = scorecard.current_version
    documents = [scorecard.draft, version.document if version else None]
    return {
        document.get("scheme") or DEFAULT
        for document in documents
        if document is not None and not document.get("bands")
    }


def behind(scheme: Scheme, users: Iterable[Scorecard]) -> list[Scorecard]:
    """Those whose published version still shows earlier bands of the scheme."""
    return [
        scorecard
        for scorecard in users
        if scorecard.current_version is not None
        and scorecard.current_version.document.get("scheme") == scheme.key
        and scorecard.current_version.bands != scheme.bands
    ]


@transaction.atomic
def take_new_bands(*, scheme: Scheme, by: User, today: date, moment: datetime) -> list[Scorecard]:
    """Publishes again what is behind, as it is; drafts stay drafts, and no score changes."""
    renewed = [s for s in behind(scheme, users_of(scheme)) if s.archived_at is None]
    note = _("New bands of the scheme “%(name)s”.") % {"name": scheme.name}
    for scorecard in renewed:
        document = published_document(scorecard)
        publish_scorecard(document=document, by=by, moment=moment, note=note)
    if renewed:
        score_soon(today)
    return renewed


@transaction.atomic
def remove_scheme(*, scheme: Scheme) -> None:
    """Published versions keep their bands; a scorecard that uses it now could not be published."""
    users = users_of(scheme)
    if users:
        names = ", ".join(f"“{scorecard.name}”" for scorecard in users)
        message = _("It is used by %(names)s: choose another scheme there first.")
        raise InvalidInput.at("", message % {"names": names})
    scheme.delete()
