"""The trend as HTML: the drawing, whose boxes open their week or day, and the same as a table."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.templatetags.ui import day as day_text
from scoring.markup import KEPT, band, delta, joined, points, safe
from scoring.trend import Box, Month, Sign, Trend, Week, Zone


def weekly_trend(trend: Trend, target: str, label: str) -> SafeString:
    return joined([*_drawing(trend, target, label), *_table(trend)])


def week_text(week: Week, daily: bool) -> str:
    band_label = str(week.band.label)
    text = _week_text(get_language() or "", week.day, week.score, band_label, daily)
    return f"{text}, {week.note}" if week.note else text


@lru_cache(maxsize=KEPT)
def _week_text(language: str, day: date, score: int | None, band_label: str, daily: bool) -> str:
    told = {"day": day_text(day), "score": points(score, 0), "band": band_label}
    text = _("%(day)s: %(score)s, %(band)s") if daily else _("Week to %(day)s: %(score)s, %(band)s")
    return text % told


def _drawing(trend: Trend, target: str, label: str) -> Iterator[str]:
    spoken = label
    if trend.first and trend.end:
        ends = points(trend.first.week.score, 0), points(trend.end.week.score, 0)
        spoken = f"{label}: {ends[0]} – {ends[1]}"
    yield f'<div class="trend{"" if trend.detailed else " many"}" data-roving>'
    yield from _axis(trend)
    yield f'<svg height="{trend.height}" role="group" aria-label="{safe(spoken)}">'
    yield from map(_zone, trend.zones)
    for sign in trend.signs:
        yield (
            f'<line class="stem" x1="{sign.x}%" x2="{sign.x}%" y1="{sign.y}" y2="{trend.sign_row}"/>'
        )
    yield (
        f'<svg y="{trend.top}" width="100%" height="{trend.plot}" viewBox="0 0 1000 {trend.plot}"'
        ' preserveAspectRatio="none" aria-hidden="true">'
    )
    yield from (f'<polyline class="line" points="{line}"/>' for line in trend.lines)
    yield "</svg>"
    for at, box in enumerate(trend.boxes):
        yield from _box(trend, box, target, last=at == len(trend.boxes) - 1)
    yield from (_sign(trend, sign) for sign in trend.signs)
    yield '<g aria-hidden="true">'
    yield from (_month(trend, month) for month in trend.months)
    if trend.end:
        yield (
            f'<g class="now"><text x="{trend.end.x}%" y="{trend.end.y}" dx="8" dy="-9">'
            f"{points(trend.end.week.score, 0)}</text></g>"
        )
    yield "</g></svg></div>"


def _axis(trend: Trend) -> Iterator[str]:
    yield f'<svg class="axis" height="{trend.height}" aria-hidden="true">'
    yield f'<text x="30" y="{trend.top}" dy="4">100</text>'
    for zone in trend.zones:
        if zone.line and zone.line > 30:
            yield f'<text x="30" y="{zone.line}" dy="4">{zone.band.minimum}</text>'
    yield "</svg>"


def _zone(zone: Zone) -> str:
    return (
        f'<g class="tone-{zone.band.tone}"><rect class="zone" y="{zone.y}" width="100%"'
        f' height="{zone.height}"/></g>'
    )


def _box(trend: Trend, box: Box, target: str, last: bool) -> Iterator[str]:
    week, text = box.week, safe(week_text(box.week, trend.daily))
    tone = f"week tone-{week.band.tone}"
    if week.url:
        url = safe(week.url)
        yield f'<a class="{tone}" href="{url}" data-day="{week.day.isoformat()}"'
        if target:
            yield f' hx-get="{url}" hx-target="#{target}" hx-swap="outerHTML" hx-push-url="true"'
        stop = week.current or (last and not trend.has_current)
        current = ' aria-current="date"' if week.current else ""
        yield f'{current} tabindex="{0 if stop else -1}" aria-label="{text}">'
    else:
        yield f'<g class="{tone}">'
    yield f"<title>{text}</title>"
    yield (
        f'<rect class="hit" x="{box.left}%" y="4" width="{box.width}%"'
        f' height="{trend.hit_height}" rx="3"/><rect class="box" x="{box.left}%"'
        f' y="{trend.strip}" width="{box.width}%" height="16" rx="3"/>'
    )
    yield from _signs_of(trend, box)
    yield "</a>" if week.url else "</g>"


def _signs_of(trend: Trend, box: Box) -> Iterator[str]:
    """The shape of its band, and its place on the line."""
    marked = box.week.current or box is trend.end
    if trend.detailed:
        yield (
            f'<use class="glyph{" minor" if trend.crowded else ""}"'
            f' href="#s-{box.week.band.shape}" x="{box.x}%" y="{trend.glyph_row}" width="8"'
            ' height="8" transform="translate(-4)"/>'
        )
    if box.y is not None and (trend.detailed or marked):
        minor = " minor" if trend.crowded and not marked else ""
        yield f'<circle class="dot{minor}" cx="{box.x}%" cy="{box.y}" r="{5 if marked else 3}"/>'


def _sign(trend: Trend, sign: Sign) -> str:
    label = safe("; ".join(sign.labels))
    role = "" if sign.url else f' role="img" aria-label="{label}"'
    drawn = (
        f'<g class="sign"{role}><title>{label}</title><circle cx="{sign.x}%"'
        f' cy="{trend.sign_row}" r="9"/><text x="{sign.x}%" y="{trend.sign_row}" dy="3.5">'
        f"{safe(sign.glyph)}</text></g>"
    )
    return f'<a href="{safe(sign.url)}" aria-label="{label}">{drawn}</a>' if sign.url else drawn


def _month(trend: Trend, month: Month) -> str:
    minor = ' class="minor"' if month.minor else ""
    if trend.daily:
        text = str(day_text(month.day, month.day))
    else:
        text = date_format(month.day, "Y" if month.with_year else "M")
    return f'<text{minor} x="{month.x}%" y="{trend.month_row}">{safe(text)}</text>'


def _table(trend: Trend) -> Iterator[str]:
    title = _("Days as a table") if trend.daily else _("Weeks as a table")
    first = _("Day") if trend.daily else _("Week to")
    yield format_html(
        '<details class="fold trend-table"><summary>{}</summary><div class="scroll-x">'
        '<table class="compact"><thead><tr><th scope="col">{}</th><th scope="col">{}</th>'
        '<th scope="col" class="n">{}</th><th scope="col">{}</th></tr></thead><tbody>',
        title,
        first,
        _("Health"),
        _("Change"),
        _("What happened"),
    )
    for box in trend.newest:
        week = box.week
        day = safe(day_text(week.day))
        head = f'<a href="{safe(week.url)}">{day}</a>' if week.url else day
        told = "; ".join(filter(None, [week.note, *(mark.label for mark in box.marks)]))
        yield (
            f'<tr{" class=on" if week.current else ""}><th scope="row">{head}</th>'
            f'<td>{band(week.band, week.score)}</td><td class="n">{delta(box.change)}</td>'
            f"<td>{safe(told)}</td></tr>"
        )
    yield "</tbody></table></div></details>"
