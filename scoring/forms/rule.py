from collections.abc import Collection
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from scoring.drafts import Node, key_for
from scoring.forms.choices import Choices
from scoring.forms.numbers import number_field
from scoring.forms.rows import plain_number
from scoring.models import Severity

KINDS: Choices = [
    ("score_change", _("The score changed by some points")),
    ("band_change", _("The band changed")),
]
DIRECTIONS: Choices = [("drop", _("dropped")), ("rise", _("rose")), ("any", _("changed"))]
WAYS: Choices = [
    ("worse", _("to a worse one")),
    ("better", _("to a better one")),
    ("any", _("to any other")),
]
PRIMARY = "-"
SCORE_FIELDS = ("direction", "points", "days")
BAND_FIELDS = ("way",)
FIELDS = {
    "when.type": "kind",
    "when.points": "points",
    "when.days": "days",
    "scorecard": "scorecard",
}


class RuleForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("It stands above each of its alerts.")
    )
    kind = forms.ChoiceField(
        label=_("When"), choices=KINDS, widget=forms.RadioSelect, initial="score_change"
    )
    direction = forms.ChoiceField(label=_("The score"), choices=DIRECTIONS)
    points = number_field(_("by at least, points"), initial=10)
    days = forms.IntegerField(label=_("within, days"), min_value=1, initial=30)
    way = forms.ChoiceField(label=_("The band changed"), choices=WAYS)
    scorecard = forms.ChoiceField(label=_("Of the scorecard"))
    severity = forms.ChoiceField(label=_("It is"), choices=Severity.choices)
    cooldown_days = forms.IntegerField(
        label=_("Quiet for, days"),
        min_value=0,
        max_value=365,
        initial=7,
        help_text=_("How long the same account raises no second alert, unless it recovered."),
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        rule: Node | None,
        scorecards: Choices,
        taken: Collection[str],
    ) -> None:
        super().__init__(data, initial=initial_of(rule))
        self.rule, self.taken = rule or {}, taken
        self.fields["scorecard"] = forms.ChoiceField(
            label=_("Of the scorecard"),
            choices=[(PRIMARY, _("the account's primary one")), *scorecards],
        )

    def full_clean(self) -> None:
        """What was typed into the fields of the other kind is ignored."""
        ignored = SCORE_FIELDS if self.data.get("kind") == "band_change" else BAND_FIELDS
        for name in ignored:
            self.fields[name].required = False
        super().full_clean()
        for name in ignored:
            self.fields[name].required = True
            self.errors.pop(name, None)

    def node(self) -> Node:
        """What the form does not show stays as it is."""
        given = self.cleaned_data
        node = {
            **self.rule,
            "key": self.rule.get("key") or key_for(given["name"], self.taken),
            "name": given["name"].strip(),
            "when": self.when(),
            "severity": given["severity"],
            "cooldown_days": given["cooldown_days"],
        }
        node.pop("scorecard", None)
        chosen = given["scorecard"]
        return node if chosen == PRIMARY else {**node, "scorecard": chosen}

    def when(self) -> Node:
        given = self.cleaned_data
        before: Node = self.rule.get("when", {})
        if given["kind"] == "score_change":
            return {
                "type": "score_change",
                "direction": given["direction"] or "drop",
                "points": plain_number(given["points"]),
                "days": given["days"],
            }
        kept: Node = {name: before[name] for name in ("from_bands", "to_bands") if name in before}
        return {"type": "band_change", "direction": given["way"] or "worse", **kept}


def initial_of(rule: Node | None) -> dict[str, Any]:
    if rule is None:
        return {}
    when = rule["when"]
    initial: dict[str, Any] = {
        name: rule[name] for name in ("name", "severity", "cooldown_days") if name in rule
    }
    initial |= {"kind": when["type"], "scorecard": rule.get("scorecard", PRIMARY)}
    if when["type"] == "score_change":
        return initial | {
            name: when[name] for name in ("direction", "points", "days") if name in when
        }
    return initial | {"way": when.get("direction", "worse")}
