"""Values of usage measures in templates."""

from django import template

from scoring.explorer import texts
from usage.measures import Measure

register = template.Library()


@register.filter
def figure(value: int | None, measure: Measure) -> str:
    return texts.figure(measure, value)


@register.filter
def axis(value: int, measure: Measure) -> str:
    return texts.axis(measure, value)
