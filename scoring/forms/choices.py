"""What a person chooses from, in words: sources, measures, gradings, policies."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Texts = dict[str, str | Promise]
Choices = list[tuple[str, str | Promise]]

MEASURE_TEXTS: Texts = {
    "logins": _("Log-ins"),
    "active_users": _("Active users"),
    "unique_logins": _("Users who logged in"),
    "active_days": _("Active days"),
    "stickiness": _("Stickiness"),
    "session_minutes": _("Minutes per session"),
    "minutes_per_active_user": _("Minutes per user"),
    "feature_uses": _("Uses of features"),
    "feature_users": _("Users of features"),
    "features_adopted": _("Features adopted"),
    "license_utilization": _("License utilization"),
    "frequency": _("Users by how often they come"),
    "days_since_last_login": _("Days since the last log-in"),
}
PERCENTAGES = ("stickiness", "features_adopted", "license_utilization", "frequency")
SOURCE_TEXTS: dict[str, tuple[str | Promise, str | Promise]] = {
    "usage": (_("Usage"), _("Counted from the events of the product.")),
    "manual": (_("A person's judgement"), _("Set by the CSM or by the API; can grow old.")),
    "attribute": (_("A field of the account"), _("A number, a date or yes/no.")),
    "milestone": (_("A milestone"), _("Done or not done.")),
    "growth": (_("Growth"), _("Usage or a field, now against some time before.")),
    "scorecard": (_("Another scorecard"), _("Its score, as one part of this one.")),
}
GRADE_TEXTS: dict[str, tuple[str | Promise, str | Promise]] = {
    "linear": (_("On a line"), _("0 at the worst value, 100 at the best, straight between.")),
    "steps": (_("In steps"), _("From each minimum on, the score beside it.")),
    "ratio": (_("The value is the score"), _("A percentage, cut off at 0 and 100.")),
    "level": (_("Named levels"), _("A choice of levels, each with its score and a help text.")),
    "number": (_("A number from 0 to 100"), _("What is entered is the score.")),
    "boolean": (_("Yes or no"), _("One score for yes and one for no.")),
    "growth": (_("By growth"), _("Unchanged is 50, doubled is 100, gone is 0.")),
    "percentile": (_("Among the accounts"), _("Better than 80 % of them is 80.")),
}
GRADES_OF: dict[str, tuple[str, ...]] = {
    "usage": ("linear", "steps", "ratio", "percentile"),
    "manual": ("level", "number"),
    "attribute": ("linear", "steps", "ratio", "boolean", "percentile"),
    "milestone": ("boolean",),
    "growth": ("growth", "linear", "steps", "percentile"),
    "scorecard": ("ratio", "linear", "steps", "percentile"),
}
OF_TEXTS: Choices = [("usage", _("Usage")), ("attribute", _("A field of the account"))]
FREQUENCIES: Choices = [
    ("daily", _("daily")),
    ("frequent", _("at least frequently")),
    ("occasional", _("at least occasionally")),
]
OPS: Choices = [
    ("lt", _("is under")),
    ("lte", _("is at most")),
    ("eq", _("is")),
    ("ne", _("is not")),
    ("gte", _("is at least")),
    ("gt", _("is over")),
]
BY_TEXTS: Choices = [
    ("", _("the same for every account")),
    ("stage", _("others in some stages")),
    ("age_months", _("others from an age on")),
]
EFFECTS: Choices = [
    ("set", _("The score is")),
    ("cap", _("The score is at most")),
    ("floor", _("The score is at least")),
    ("shift", _("The band moves by")),
]
DISTANCES: Choices = [
    ("value", _("its value")),
    ("days_until", _("days until this date")),
    ("days_since", _("days since this date")),
]
LOST: Choices = [
    ("exclude", _("Leave it out: the others weigh more")),
    ("neutral", _("Count it as 50")),
    ("zero", _("Count it as 0")),
]
STALE: Choices = [
    *LOST,
    ("keep", _("Keep counting it, marked as expired")),
    ("fade", _("Let it fade to 50")),
]
ROLLUPS: Choices = [
    ("weighted_mean", _("the weighted mean")),
    ("minimum", _("the lowest score")),
    ("maximum", _("the highest score")),
    ("conditions", _("poor if any is poor, good if all are good")),
]
FIELDS_OF_ACCOUNT = ("renewal_on", "created_on", "contract_value")


def measure_choices() -> Choices:
    return [
        (measure, format_lazy("{}, %", text) if measure in PERCENTAGES else text)
        for measure, text in MEASURE_TEXTS.items()
    ]


def frequency_choices(limits: Mapping[str, int], days: str) -> Choices:
    """With the limits of the workspace; `days` are those of the window, as typed."""
    pattern = _("{how}: on {least} or more of the last {days} days")
    return [
        (key, format_lazy(pattern, how=how, least=limits[key], days=days or "…"))
        for key, how in FREQUENCIES
    ]


def sources() -> list[str]:
    return list(SOURCE_TEXTS)


def grades_of(source: str) -> list[str]:
    """The usual one first."""
    return list(GRADES_OF[source])
