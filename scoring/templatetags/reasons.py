"""The lines of an account's reasons."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from scoring.changes import NamedEntry
from scoring.pages import ledger_markup, row_markup
from scoring.pages.reasons import MetricRow, Reasons

register = template.Library()


@register.simple_tag
def reason_row(row: MetricRow, reasons: Reasons, can_set: bool | str) -> SafeString:
    """One that is not open: as scoring/account/row.html."""
    return row_markup.closed(row, reasons, bool(can_set))


@register.simple_tag
def ledger_rows(entries: Iterable[NamedEntry]) -> SafeString:
    return ledger_markup.rows(entries)


@register.simple_tag
def reason_line(row: MetricRow, reasons: Reasons, can_set: bool | str) -> SafeString:
    return row_markup.line(row, reasons, bool(can_set))
