"""The lines of a ledger as HTML: each metric that moved a score has one."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from scoring.changes import NamedEntry
from scoring.markup import joined, safe, signed

Words = Mapping[str, str]


def rows(entries: Iterable[NamedEntry]) -> SafeString:
    words = _words(get_language() or "")
    return joined(
        f'<tr><th scope="row">{_name(entry, words)}</th><td>{_kind(entry, words)}</td>'
        f'<td class="n">{signed(entry.points, 4)}</td></tr>'
        for entry in entries
    )


@lru_cache(maxsize=16)
def _words(language: str) -> Words:
    """In a language: kinds, then statuses of lost data, then what stands for a name."""
    told = {
        "behaviour": _("behaviour"),
        "data": _("data"),
        "configuration": _("configuration"),
        "exception": _("exception"),
        "override": _("override"),
        "held": _("band held"),
        "is ok": _("came back"),
        "is missing": _("missing"),
        "is error": _("failed"),
        "is expired": _("expired"),
        "is other": _("does not apply"),
        "named override": _("Set by hand"),
        "named held": _("The band"),
    }
    return {key: safe(text) for key, text in told.items()}


def _name(entry: NamedEntry, words: Words) -> str:
    return safe(entry.name) if entry.name else words.get(f"named {entry.kind}", "–")


def _kind(entry: NamedEntry, words: Words) -> str:
    kind = words.get(entry.kind, words["held"])
    if entry.kind != "data" or not entry.status:
        return kind
    return f"{kind} · {words.get(f'is {entry.status}', words['is other'])}"
