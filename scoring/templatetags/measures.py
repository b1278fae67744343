"""Values of usage measures in templates."""

from django import template

from scoring.engine.card import Growth, Metric
from scoring.explorer import texts
from scoring.wording import plain
from usage.measures import Measure

register = template.Library()


@register.filter
def figure(value: int | None, measure: Measure | Metric) -> str:
    if isinstance(measure, Metric):
        return "–" if value is None else _of_metric(measure, value)
    return texts.figure(measure, value)


@register.filter
def axis(value: int, measure: Measure | Metric) -> str:
    return _of_metric(measure, value) if isinstance(measure, Metric) else texts.axis(measure, value)


def _of_metric(metric: Metric, value: int) -> str:
    return f"{plain(value)} %" if isinstance(metric.source, Growth) else plain(value)
