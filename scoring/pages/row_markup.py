"""The line of a metric among the reasons, as HTML: a scorecard has dozens of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.templatetags.ui import icon
from scoring.markup import band, change, earned, joined, points, safe, sparkline, use
from scoring.pages.reasons import MetricRow, Reasons

STATUSES = {
    "missing": ("", "ring"),
    "error": ("bad", "cross"),
    "expired": ("warn", "hourglass"),
    "not_applicable": ("", "bar"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in every line, in the active language."""

    language: str
    weight: str
    share: str
    not_counted: str
    set: str
    details: str


@lru_cache(maxsize=16)
def _words(language: str) -> Words:
    return Words(
        language,
        weight=_("weight %(weight)s"),
        share=_("of %(share)s"),
        not_counted=_("not counted"),
        set=_("Set"),
        details=_("Details of %(name)s"),
    )


def line(row: MetricRow, reasons: Reasons, can_set: bool) -> SafeString:
    """Without the detail that opens below it."""
    value, words = _value(row), _words(get_language() or "")
    return joined(
        (
            f'<tr class="depth-{row.depth}"><th scope="row">',
            *_name(row, value),
            f'</th><td class="n hide-s value">{_short(row, value)}</td><td>',
            *_health(row),
            '</td><td class="earned-cell">',
            *_points(row, reasons, words),
            f'</td><td class="n hide-s">{_change(row, reasons)}</td><td class="hide-s">',
            sparkline(row.spark, tone=row.metric.band.tone),
            f'</td><td class="fit">{_opener(row, can_set, words)}</td></tr>',
        )
    )


def closed(row: MetricRow, reasons: Reasons, can_set: bool) -> SafeString:
    return joined((f'<tbody id="{safe(row.id)}">', line(row, reasons, can_set), "</tbody>"))


def _name(row: MetricRow, value: str) -> Iterator[str]:
    name = safe(row.metric.name)
    if row.definition:
        tip = f"tip-{row.id}"
        yield (
            f'<button class="term" type="button" popovertarget="{tip}" aria-describedby="{tip}">'
            f'{name}</button><div class="tip" popover id="{tip}" role="tooltip">'
        )
        yield from (f"<p><b>{safe(title)}</b>{safe(text)}</p>" for title, text in row.definition)
        yield "</div>"
    else:
        yield name
    yield f'<span class="sub show-s">{value}</span>'
    yield f'<span class="sub">{safe(row.source)}</span>'


def _value(row: MetricRow) -> str:
    told = safe(row.metric.text)
    return f'<a href="{safe(row.other_url)}">{told}</a>' if row.other_url else told


def _short(row: MetricRow, value: str) -> str:
    """Of another scorecard its score alone."""
    other = row.metric.other
    if not row.other_url or not other:
        return value
    told = band(other.band, other.score, word=False)
    return f'<a href="{safe(row.other_url)}">{told}</a>'


def _health(row: MetricRow) -> Iterator[str]:
    metric = row.metric
    if metric.counts:
        yield band(metric.band, metric.score)
    if metric.status in STATUSES:
        tone, shape = STATUSES[metric.status]
        css = f"pill tone-{tone}" if tone else "pill"
        yield f' <span class="{css}">{use(shape)}{safe(row.note)}</span>'
    if metric.reason:
        yield f'<span class="sub">{safe(metric.reason)}</span>'
    if row.change:
        yield f'<span class="sub show-s">{change(row.change.points)}</span>'


def _points(row: MetricRow, reasons: Reasons, words: Words) -> Iterator[str]:
    metric = row.metric
    weight = words.weight % {"weight": f"{metric.weight:g}"}
    if row.at_stake:
        share = words.share % {"share": points(row.at_stake, language=words.language)}
        yield (
            f'<span class="num">{points(metric.earned, language=words.language)} <span class="sub inline">{share}'
            f'<span class="hide-s"> · {weight}</span></span></span>'
        )
    elif metric.counts:
        yield f'<span class="sub">{weight}</span>'
    else:
        yield f'<span class="sub">{words.not_counted} · {weight}</span>'
    yield earned(metric.earned, row.at_stake, reasons.longest, tone=metric.band.tone)


def _change(row: MetricRow, reasons: Reasons) -> str:
    if row.change:
        return change(row.change.points)
    return '<span class="same num">0.0</span>' if reasons.changed_days else "–"


def _opener(row: MetricRow, can_set: bool, words: Words) -> str:
    """What opens the detail or closes it; of a metric that is set by hand, what sets it."""
    url, name = safe(row.url), safe(row.metric.name)
    asks = (
        f'id="open-{row.id}" href="{url}#{row.id}" hx-get="{url}" hx-target="#{row.id}"'
        ' hx-swap="outerHTML" hx-push-url="true"'
    )
    if can_set and row.metric.by_hand and not row.open:
        return f'<a class="btn s" {asks}>{words.set}<span class="vh"> {name}</span></a>'
    label = safe(words.details % {"name": row.metric.name})
    return (
        f'<a class="btn s quiet icon-only" {asks} aria-expanded="{str(row.open).lower()}"'
        f' aria-label="{label}">{icon("close" if row.open else "chevron")}</a>'
    )
