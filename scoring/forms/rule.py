from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from scoring.drafts import Node, key_for
from scoring.forms.choices import Choices
from scoring.forms.metric import number_field
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
    direction = forms.ChoiceField(label=_("The score"), choices=DIRECTIONS, required=False)
    points = number_field(_("by at least, points"), required=False, initial=10)
    days = forms.IntegerField(label=_("within, days"), required=False, min_value=1, initial=30)
    way = forms.ChoiceField(label=_("The band changed"), choices=WAYS, required=False)
    scorecard = forms.ChoiceField(label=_("Of the scorecard"), required=False)
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
            required=False,
            choices=[("", _("the account's primary one")), *scorecards],
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("kind") == "score_change":
            for name in ("points", "days"):
                if given.get(name) is None and name not in self.errors:
                    self.add_error(name, ValidationError(_("This field is required.")))
        return given

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
        return node | ({"scorecard": given["scorecard"]} if given["scorecard"] else {})

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
        name: rule[name]
        for name in ("name", "scorecard", "severity", "cooldown_days")
        if name in rule
    }
    initial |= {"kind": when["type"]}
    if when["type"] == "score_change":
        return initial | {
            name: when[name] for name in ("direction", "points", "days") if name in when
        }
    return initial | {"way": when.get("direction", "worse")}
