"""What the product around the engine can do; a document that asks for more is refused, never half obeyed."""

from collections.abc import Iterator
from dataclasses import dataclass

from scoring.engine import card
from scoring.engine.measures import MEASURES
from scoring.engine.problems import Problems, gettext_noop, join


@dataclass(frozen=True)
class Available:
    measures: frozenset[str]
    segments: bool = True


ALL = Available(
    measures=frozenset(MEASURES),
)
NOW = Available(
    measures=frozenset(MEASURES) - {"feature_users", "frequency"},
    segments=False,
)
NOT_YET = gettext_noop("is not available yet")


def refuse_unavailable(scorecard: card.Scorecard, able: Available, problems: Problems) -> None:
    for path, metric in card.metrics_of(scorecard.groups):
        _refuse_metric(path, metric, able, problems)
    by_segment = scorecard.applies_to is not None and bool(scorecard.applies_to.segment)
    problems.check(able.segments or not by_segment, "applies_to.segment", NOT_YET)


def _refuse_metric(path: str, metric: card.Metric, able: Available, problems: Problems) -> None:
    source = metric.source
    for at, usage in _usages(source, join(path, "source")):
        known = usage.measure in able.measures or usage.measure not in MEASURES
        problems.check(known, join(at, "measure"), NOT_YET)


def _usages(source: card.Source, path: str) -> Iterator[tuple[str, card.Usage]]:
    if isinstance(source, card.Growth):
        yield from _usages(source.source, join(path, "source"))
    elif isinstance(source, card.Milestone) and source.when is not None:
        yield from _usages(source.when.source, join(path, "when.source"))
    elif isinstance(source, card.Usage):
        yield path, source
