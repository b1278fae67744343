"""Markdown that people write, as HTML that cannot harm who reads it."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)
HEADING = "h4"
TAGS = {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", HEADING}
SCHEMES = {"http", "https", "mailto"}


def rendered(text: str) -> SafeString:
    """Every heading is one below those of the page; there are no pictures, which would tell on readers."""
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = HEADING
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308


def plain(text: str) -> str:
    """The words alone, in one line."""
    parts = [part for token in _parser.parse(text) for part in (*(token.children or [token]), None)]
    words = (" " if part is None or part.type.endswith("break") else part.content for part in parts)
    return " ".join("".join(words).split())
