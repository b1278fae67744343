"""An entry of the timeline as HTML: a page has dozens of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts import markdown
from accounts.templatetags.ui import day as day_text
from accounts.templatetags.ui import icon
from scoring.markup import change, joined, safe, use
from scoring.timeline.entries import Entry

SHORT, BEGINNING = 220, 140


@dataclass(frozen=True, slots=True)
class Around:
    """`can_edit` says who reads may change touchpoints here; `answer` that it was just changed."""

    slug: str
    key: str
    today: date | None
    can_edit: bool
    answer: bool


def entry(told: Entry, around: Around) -> SafeString:
    """One that is not removed."""
    tone = f" tone-{told.band.tone}" if told.band else ""
    label = safe(told.label)
    return joined(
        (
            f'<li class="entry{" touch" if told.is_touchpoint else ""}" id="{told.id}">\n',
            f'<span class="dot{tone}" title="{label}">',
            use(told.band.shape) if told.band else icon(told.icon),
            f'<span class="vh">{label}</span></span>\n<div class="said"><div class="head"><h3>',
            _title(told, around),
            f" {change(told.points)}" if told.points is not None else "",
            f'</h3><time class="sub" datetime="{told.day.isoformat()}">',
            f"{safe(day_text(told.day, around.today))}</time></div>\n",
            *_below(told, around, label),
            *_prose(told.body),
            "</div>\n</li>",
        )
    )


def _title(told: Entry, around: Around) -> str:
    title = safe(told.title)
    if told.kind != "alert" and not told.band:
        return title
    url = reverse("account_scorecard", args=[around.slug, around.key])
    day = told.day.isoformat()
    query = f"?day={day}"
    if told.kind == "alert":
        since = told.since.isoformat() if told.since else ""
        query += f"&amp;from={since}&amp;to={day}#reasons"
    return f'<a href="{safe(url)}{query}">{title}</a>'


def _below(told: Entry, around: Around, label: str) -> Iterator[str]:
    if told.is_touchpoint:
        yield f'<div class="sub">{label}'
        if told.contacts:
            names = ", ".join(told.contacts)
            yield f" {safe(_('with %(names)s') % {'names': names})}"
        yield f" · {safe(told.who)}" if told.who else ""
        yield f" · {_('edited')}" if told.edited else ""
        yield from _editing(told, around)
        yield "</div>\n"
    elif told.sub or told.who:
        yield f'<div class="sub">{" · ".join(safe(t) for t in (told.sub, told.who) if t)}</div>\n'


def _editing(told: Entry, around: Around) -> Iterator[str]:
    if not around.can_edit:
        return
    url = safe(reverse("edit_touchpoint", args=[around.slug, told.place.id]))
    yield (
        f'<span class="no-print"> · <a class="link" id="edit-{told.id}" href="{url}"'
        f' hx-get="{url}" hx-target="#{told.id}" hx-swap="outerHTML"'
        f"{' data-focus' if around.answer else ''}>{_('Edit')}"
        f'<span class="vh"> {safe(told.title)}</span></a></span>'
    )


def _prose(text: str) -> Iterator[str]:
    """As components/prose.html."""
    if not text:
        return
    words, whole = markdown.plain(text), f'<div class="prose">{markdown.rendered(text)}</div>'
    if len(words) < SHORT:
        yield whole
        return
    beginning = safe(Truncator(words).chars(BEGINNING))
    yield (
        f'<details class="more"><summary><span class="beginning">{beginning}</span>'
        f' <span class="link-like">{_("more")}</span></summary>{whole}</details>'
    )
