"""Changes told in words: “54, down 12 in 30 days: logins −9, NPS expired −3.”"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scoring.engine.fixed import SCALE, divide_half_up, shown

KINDS = {
    "data": _lazy("(share)"),
    "configuration": _lazy("(configuration)"),
    "exception": _lazy("(exception)"),
}
ALONE = {"override": _lazy("set by hand"), "held": _lazy("band held")}
"""What no metric and no exception did."""
STATUSES = {
    "ok": _lazy("measured"),
    "missing": _lazy("missing"),
    "error": _lazy("failed"),
    "expired": _lazy("expired"),
    "not_applicable": _lazy("not applicable"),
}


def signed(points: int) -> str:
    """With its sign and at most one place: −9, −7.1, +0.4, 0."""
    return _signed(int(divide_half_up(points, SCALE // 10)), get_language() or "")


@lru_cache(maxsize=4096)
def _signed(tenths: int, _language: str) -> str:
    if tenths == 0:
        return "0"
    digits = number_format(abs(tenths) / 10, decimal_pos=0 if tenths % 10 == 0 else 1)
    return f"{'+' if tenths > 0 else '−'}{digits}"


def score_text(score: int | None) -> str:
    return _("unknown") if score is None else str(shown(score))


def change_text(before: int | None, after: int | None, days: int) -> str:
    """“54, down 12 in 30 days”; both scores are compared as they are shown."""
    if after is None:
        return _("No score yet")
    if before is None:
        return _("%(score)s, without a score %(days)s before") % {
            "score": score_text(after),
            "days": days_text(days),
        }
    points = int(divide_half_up(abs(after - before), SCALE))
    values = {"score": score_text(after), "points": points, "days": days_text(days)}
    if points == 0:
        return _("%(score)s, unchanged in %(days)s") % values
    if after > before:
        return _("%(score)s, up %(points)s in %(days)s") % values
    return _("%(score)s, down %(points)s in %(days)s") % values


def moved_text(before: int | None, after: int | None, days: int) -> str:
    """“Down 12 in 30 days”, where the score itself stands beside it."""
    if after is None:
        return _("No score")
    if before is None:
        return _("No score %(days)s before") % {"days": days_text(days)}
    points = int(divide_half_up(abs(after - before), SCALE))
    values = {"points": points, "days": days_text(days)}
    if points == 0:
        return _("Unchanged in %(days)s") % values
    return (
        _("Up %(points)s in %(days)s") if after > before else _("Down %(points)s in %(days)s")
    ) % values


def days_text(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {
        "days": number_format(days, force_grouping=True)
    }


def reasons_text(reasons: Sequence[Mapping[str, Any]]) -> str:
    """“logins −9, NPS expired −3”: what the portfolio shows as the one reason."""
    told = [reason for reason in reasons if abs(reason["points"]) >= SCALE // 20]
    return ", ".join(reason_text(reason) for reason in told)


def reason_words(reason: Mapping[str, Any]) -> str:
    """The name, and why it moved where that is not its own doing: “NPS expired”."""
    kinds = reason["kinds"]
    alone = ALONE.get(kinds[0]) if kinds and not reason["name"] else None
    if alone:
        return str(alone)
    words = [str(reason["name"] or "")]
    status = STATUSES.get(reason.get("status") or "")
    if status and "data" in kinds:
        words.append(str(status))
    elif "behaviour" not in kinds:
        words += [str(KINDS[kind]) for kind in kinds if kind in KINDS]
    return " ".join(word for word in words if word)


def reason_text(reason: Mapping[str, Any]) -> str:
    return f"{reason_words(reason)} {signed(reason['points'])}"


def sentence(
    before: int | None, after: int | None, days: int, reasons: Sequence[Mapping[str, Any]]
) -> str:
    told = reasons_text(reasons)
    change = change_text(before, after, days)
    return f"{change}: {told}." if told else f"{change}."
