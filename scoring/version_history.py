"""The versions of a scorecard with what each changed, and how long it was in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from scoring.differences.nodes import Difference
from scoring.differences.whole import Configuration, differences
from scoring.engine.schemes import Band
from scoring.models import Scorecard, ScorecardVersion
from scoring.versions import document_of


@dataclass(frozen=True)
class PastVersion:
    """`until` is when the next one was published, None for the one in force."""

    version: ScorecardVersion
    until: datetime | None
    differences: list[Difference]

    @property
    def current(self) -> bool:
        return self.until is None


def configuration_of(version: ScorecardVersion) -> Configuration:
    return Configuration(document_of(version), msgspec.convert(version.bands, tuple[Band, ...]))


def past_versions(
    scorecard: Scorecard, *, before: int | None = None, count: int = 20
) -> list[PastVersion]:
    """The newest first, from the one under the number `before` on."""
    every = ScorecardVersion.objects.filter(scorecard=scorecard).select_related("published_by")
    found = every if before is None else every.filter(number__lt=before)
    rows = list(found.order_by("-number")[: count + 1])
    return with_differences(rows[:count], rows[count:])


def with_differences(
    versions: Sequence[ScorecardVersion], earlier: Sequence[ScorecardVersion] = ()
) -> list[PastVersion]:
    """Consecutive versions, the newest first; `earlier` is the one before the last of them."""
    if not versions:
        return []
    later = ScorecardVersion.objects.filter(
        scorecard=versions[0].scorecard_id, number__gt=versions[0].number
    )
    until = later.order_by("number").values_list("published_at", flat=True).first()
    ends = [until, *(version.published_at for version in versions)]
    before: list[ScorecardVersion | None] = [*versions[1:], *earlier, None]
    return [
        PastVersion(version, end, difference_from(other, version))
        for version, end, other in zip(versions, ends, before, strict=False)
    ]


def difference_from(before: ScorecardVersion | None, after: ScorecardVersion) -> list[Difference]:
    return differences(configuration_of(before) if before else None, configuration_of(after))


def one_version(version: ScorecardVersion) -> PastVersion:
    before = ScorecardVersion.objects.filter(
        scorecard=version.scorecard_id, number__lt=version.number
    )
    (found,) = with_differences([version], list(before.order_by("-number")[:1]))
    return found
