"""The list of scorecards in the settings: what each measures, whom, and how the accounts stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Segment
from accounts.tenancy import current_workspace_id
from scoring.bands import BandLook, at, look
from scoring.drafts import Document, metrics_of
from scoring.models import Health, Scorecard
from scoring.services.drafts import document_of
from scoring.services.references import active_cards, needed_by
from scoring.versions import compiled_versions

BANDS = """
SELECT now.scorecard_id, now.version_id, now.band, count(*) FROM (
    SELECT DISTINCT ON (scorecard_id, account_id) scorecard_id, version_id, band
    FROM scoring_evaluation WHERE workspace_id = %s AND to_day >= %s
    ORDER BY scorecard_id, account_id, day DESC
) now GROUP BY 1, 2, 3
"""


@dataclass
class Line:
    """A scorecard as the list shows it; `bands` best first, of the accounts that it measures now.

    `primary_of`: of how many accounts its score is the health.
    """

    scorecard: Scorecard
    place: int
    scheme: str
    applies: str
    metrics: int
    primary_of: int = 0
    first: bool = False
    last: bool = False
    needed_by: list[str] = field(default_factory=list)
    bands: list[dict[str, Any]] = field(default_factory=list)

    @property
    def measured(self) -> int:
        return sum(row["count"] for row in self.bands)

    @property
    def counts(self) -> bool:
        return self.scorecard.active and self.scorecard.current_version_id is not None


def lines(scheme_names: Mapping[str, Any], today: date) -> list[Line]:
    scorecards = list(Scorecard.objects.arranged().select_related("current_version__published_by"))
    cards, bands, segments = active_cards(), bands_of_today(today), segment_names()
    primaries = primary_counts()
    found = [
        _line(scorecard, place, scheme_names, segments, bands.get(scorecard.pk, []))
        for place, scorecard in enumerate(scorecards, 1)
    ]
    for line in found:
        line.needed_by = needed_by(line.scorecard.key, cards) if line.counts else []
        line.primary_of = primaries.get(line.scorecard.pk, 0) if line.counts else 0
        line.first, line.last = line is found[0], line is found[-1]
    return found


def primary_counts() -> dict[int, int]:
    """By scorecard the accounts whose health it is."""
    counted = Health.objects.values_list("scorecard_id").annotate(n=Count("account_id"))
    return dict(counted.order_by("scorecard_id"))


def segment_names() -> dict[str, str]:
    return dict(Segment.objects.values_list("key", "name"))


def _line(
    scorecard: Scorecard,
    place: int,
    names: Mapping[str, Any],
    segments: Mapping[str, str],
    bands: list[dict[str, Any]],
) -> Line:
    document = document_of(scorecard)
    return Line(
        scorecard=scorecard,
        place=place,
        scheme=scheme_text(document, names),
        applies=applies_text(document.get("applies_to") or {}, segments),
        metrics=sum(1 for _place in metrics_of(document)),
        bands=bands if scorecard.active else [],
    )


def scheme_text(document: Document, names: Mapping[str, Any]) -> str:
    if document.get("bands"):
        return ", ".join(str(band["label"]) for band in reversed(document["bands"]))
    return str(names.get(document.get("scheme") or "ryg", "–"))


def applies_text(applies: Mapping[str, Any], segment_names: Mapping[str, str]) -> str:
    """Whom a scorecard measures, in words."""
    parts = []
    if stages := applies.get("stage"):
        pattern = ngettext("in the stage %(stages)s", "in the stages %(stages)s", len(stages))
        parts.append(pattern % {"stages": either(stages)})
    if segments := applies.get("segment"):
        pattern = ngettext(
            "in the segment %(segments)s", "in the segments %(segments)s", len(segments)
        )
        parts.append(
            pattern % {"segments": either([segment_names.get(key, key) for key in segments])}
        )
    for name, values in (applies.get("attributes") or {}).items():
        text = _("with %(field)s %(values)s")
        parts.append(text % {"field": name, "values": either(values)})
    if not parts:
        return _("Every account")
    return _("Accounts %(conditions)s") % {"conditions": ", ".join(parts)}


def either(values: Sequence[Any]) -> str:
    texts = [str(value) for value in values]
    if len(texts) == 1:
        return texts[0]
    return _("%(some)s or %(last)s") % {"some": ", ".join(texts[:-1]), "last": texts[-1]}


def bands_of_today(today: date) -> dict[int, list[dict[str, Any]]]:
    """By scorecard the accounts in each band, as of the last evaluation of today or yesterday."""
    with connection.cursor() as cursor:
        cursor.execute(BANDS, [current_workspace_id(), today - timedelta(days=1)])
        rows = cursor.fetchall()
    looks = {pk: look(card.bands) for pk, card in compiled_versions({r[1] for r in rows}).items()}
    counted: dict[int, dict[str, tuple[BandLook, int]]] = {}
    # Of the newest version last: its bands are the ones that are shown.
    for scorecard_id, version_id, band, count in sorted(rows, key=lambda row: row[1]):
        found = at(looks[version_id], band)
        by_key = counted.setdefault(scorecard_id, {})
        by_key[found.key] = (found, count + by_key.get(found.key, (found, 0))[1])
    return {
        scorecard_id: [
            {"band": band, "count": count}
            for band, count in sorted(
                by_key.values(), key=lambda pair: (pair[0].shape == "ring", -pair[0].minimum)
            )
        ]
        for scorecard_id, by_key in counted.items()
    }
