"""What the product around the engine can do; a document that asks for more is refused, never half obeyed."""

from collections.abc import Iterator

from scoring.engine import card
from scoring.engine.problems import Problems, gettext_noop, join

PLANNED_MEASURES = frozenset({"feature_users", "frequency"})
NOT_YET = gettext_noop("is not available yet")
NOT_MEASURED = gettext_noop("%(measure)s can not be measured yet; choose another measure")


def refuse_unavailable(scorecard: card.Scorecard, problems: Problems) -> None:
    for path, metric in card.metrics_of(scorecard.groups):
        for at, usage in _usages(metric.source, join(path, "source")):
            able = usage.measure not in PLANNED_MEASURES
            problems.check(able, join(at, "measure"), NOT_MEASURED, measure=usage.measure)


def _usages(source: card.Source, path: str) -> Iterator[tuple[str, card.Usage]]:
    if isinstance(source, card.Growth):
        yield from _usages(source.source, join(path, "source"))
    elif isinstance(source, card.Milestone) and source.when is not None:
        yield from _usages(source.when.source, join(path, "when.source"))
    elif isinstance(source, card.Usage):
        yield path, source
