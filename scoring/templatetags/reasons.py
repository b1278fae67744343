"""The lines of an account's reasons."""

from django import template
from django.utils.safestring import SafeString

from scoring.pages import row_markup
from scoring.pages.reasons import MetricRow, Reasons

register = template.Library()


@register.simple_tag
def reason_line(row: MetricRow, reasons: Reasons, can_set: bool | str) -> SafeString:
    return row_markup.line(row, reasons, bool(can_set))
