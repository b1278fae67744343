"""A metric of a draft as a form: everything that a person edits, into a node of the document and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from scoring.drafts import Document, Node, groups_of, key_for, keys
from scoring.engine.measures import TAKE_FEATURES, TAKE_MIN_USES
from scoring.forms.choices import (
    DISTANCES,
    GRADE_TEXTS,
    LOST,
    SOURCE_TEXTS,
    STALE,
    measure_choices,
)
from scoring.forms.problems import place_problems
from scoring.forms.rows import Rows, plain_number

STEP_COLUMNS = ("min", "score")
LEVEL_COLUMNS = ("label", "score", "help", "key")
HELPS = ("what", "graded", "why", "improve")
GROWS_OLD = ("manual", "milestone")
SHOWN_BY_SOURCE = {
    "usage": ("measure", "window_days"),
    "manual": ("expired",),
    "attribute": ("attribute", "distance"),
    "milestone": ("expired",),
}
SHOWN_BY_GRADE = {"linear": ("worst", "best"), "boolean": ("when_true", "when_false")}
CONDITIONAL = {
    "grade",
    *(name for names in (*SHOWN_BY_SOURCE.values(), *SHOWN_BY_GRADE.values()) for name in names),
}
FIELDS = {
    "source.type": "source",
    "source.measure": "measure",
    "source.window_days": "window_days",
    "source.features": "features",
    "source.min_uses": "min_uses",
    "source.attribute": "attribute",
    "grade.type": "grade",
    "grade.worst": "worst",
    "grade.best": "best",
    "grade.when_true": "when_true",
    "grade.when_false": "when_false",
}


class LongText(forms.CharField):
    """A help text: some lines, at most as long as a document allows."""

    def __init__(self, label: Any, help_text: Any = "") -> None:
        widget = forms.Textarea(attrs={"rows": 2})
        super().__init__(
            label=label, help_text=help_text, required=False, max_length=5000, widget=widget
        )


def number_field(label: Any, **options: Any) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"step": "any"})
    return forms.DecimalField(label=label, widget=widget, max_digits=18, **options)


class MetricForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    key = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=63,
        help_text=_("For the API and for exports. Left empty, it is made from the name."),
    )
    group = forms.ChoiceField(label=_("Group"))
    weight = number_field(_("Weight"), min_value=0, initial=1)
    source = forms.ChoiceField(
        label=_("Where does the value come from?"),
        choices=[(key, texts[0]) for key, texts in SOURCE_TEXTS.items()],
        initial="usage",
    )
    measure = forms.ChoiceField(label=_("Measure"), choices=measure_choices)
    window_days = forms.IntegerField(label=_("Over the last … days"), min_value=1, initial=30)
    features = forms.CharField(
        label=_("Features"),
        required=False,
        max_length=2000,
        help_text=_("Their keys, with commas between. Left empty, all of them count."),
    )
    min_uses = forms.IntegerField(
        label=_("Adopted from this many uses on"), required=False, min_value=1, initial=1
    )
    attribute = forms.CharField(
        label=_("Field of the account"),
        max_length=200,
        widget=forms.TextInput(attrs={"list": "attributes", "autocomplete": "off"}),
    )
    distance = forms.ChoiceField(label=_("Taken as"), choices=DISTANCES)
    grade = forms.ChoiceField(
        label=_("How is it graded?"),
        choices=[(key, texts[0]) for key, texts in GRADE_TEXTS.items()],
        initial="linear",
    )
    worst = number_field(_("Score 0 at"))
    best = number_field(_("Score 100 at"))
    when_true = number_field(_("Score for yes"), initial=100)
    when_false = number_field(_("Score for no"), initial=0)
    validity_days = forms.IntegerField(
        label=_("Valid for, days"),
        required=False,
        min_value=1,
        help_text=_("Left empty, a judgement never grows old."),
    )
    missing = forms.ChoiceField(label=_("Where there is no value"), choices=LOST)
    expired = forms.ChoiceField(label=_("When it has expired"), choices=STALE)
    what = LongText(_("What is it?"))
    graded = LongText(_("How is it graded?"))
    why = LongText(_("Why does it matter?"))
    improve = LongText(_("How can it be improved?"))

    def __init__(
        self, data: QueryDict | None, *, document: Document, metric: Node | None, group: str = ""
    ) -> None:
        super().__init__(data, initial=initial_of(metric, group))
        self.metric = metric
        self.kept = kept_as_it_is(metric)
        self.taken = set(keys(document, "metrics")) - {metric["key"] if metric else ""}
        self.fields["group"] = forms.ChoiceField(
            label=_("Group"),
            choices=[
                (place.node["key"], f"{'– ' * place.depth}{place.node['name']}")
                for place in groups_of(document)
            ],
            initial=group,
        )
        grade = (metric or {}).get("grade", {})
        if data is None:
            self.steps = Rows.of("step", STEP_COLUMNS, grade.get("steps", []))
            self.levels = Rows.of("level", LEVEL_COLUMNS, grade.get("levels", []))
        else:
            self.steps = Rows.posted("step", STEP_COLUMNS, data)
            self.levels = Rows.posted("level", LEVEL_COLUMNS, data)
        if self.kept:
            self.fields["source"].required = False

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"]) or key_for(
            self.cleaned_data.get("name", ""), self.taken
        )
        if key in self.taken:
            raise ValidationError(_("Another metric has this key."))
        return key

    def full_clean(self) -> None:
        """What was typed into fields that the chosen source and grade do not show is ignored."""
        ignored = CONDITIONAL - self.shown()
        for name in ignored:
            self.fields[name].required = False
        super().full_clean()
        for name in ignored:
            self.fields[name].required = True
            self.errors.pop(name, None)

    def shown(self) -> set[str]:
        if self.kept:
            return {"expired"}
        source = str(self.data.get("source", ""))
        grade = "boolean" if source == "milestone" else str(self.data.get("grade", ""))
        choose = set() if source == "milestone" else {"grade"}
        return {*SHOWN_BY_SOURCE.get(source, ()), *SHOWN_BY_GRADE.get(grade, ())} | choose

    def chosen_grade(self) -> str:
        """A milestone is done or not done: there is nothing to choose."""
        given = self.cleaned_data
        return "boolean" if given.get("source") == "milestone" else str(given.get("grade") or "")

    def node(self) -> Node:
        """The metric as the document writes it. Cells that hold no number are marked."""
        given = self.cleaned_data
        node: Node = {
            "key": given["key"],
            "name": given["name"].strip(),
            "weight": plain_number(given["weight"]),
        }
        if self.kept and self.metric is not None:
            node["source"] = self.metric["source"]
            node |= {"grade": self.metric["grade"]} if "grade" in self.metric else {}
        else:
            node["source"] = source_node(given)
            node["grade"] = self.grade_node()
        if given.get("validity_days") and node["source"]["type"] in GROWS_OLD:
            node |= {
                "validity_days": given["validity_days"],
                "expired": given["expired"] or "exclude",
            }
        node |= {"missing": given["missing"], "error": (self.metric or {}).get("error", "exclude")}
        helps = {name: given[name].strip() for name in HELPS if given[name].strip()}
        return node | ({"help": helps} if helps else {})

    def grade_node(self) -> Node:
        given, kind = self.cleaned_data, self.chosen_grade()
        node: Node = {"type": kind}
        if kind == "linear":
            node |= {name: plain_number(given[name]) for name in ("worst", "best")}
        elif kind == "boolean":
            node |= {name: plain_number(given[name]) for name in ("when_true", "when_false")}
        elif kind == "steps":
            node["steps"] = [
                {column: self.steps.number(row, column) for column in STEP_COLUMNS}
                for row in self.steps.filled
            ]
        elif kind == "level":
            node["levels"] = self.level_nodes()
        return node

    def level_nodes(self) -> list[Node]:
        nodes: list[Node] = []
        taken: set[str] = {row["key"].value for row in self.levels.filled}
        for row in self.levels.filled:
            key = row["key"].value.strip() or key_for(row["label"].value, taken)
            taken.add(key)
            node = {
                "key": key,
                "label": row["label"].value.strip(),
                "score": self.levels.number(row, "score"),
            }
            text = row["help"].value.strip()
            nodes.append(node | ({"help": text} if text else {}))
        return nodes

    def place(self, problems: Mapping[str, Iterable[str]]) -> None:
        """Problems of the document under this metric, beside what they are about."""
        rows = {"grade.steps": self.steps, "grade.levels": self.levels}
        of_date = self.cleaned_data.get("source") == "attribute"
        fields = FIELDS | ({"source.measure": "distance"} if of_date else {})
        fields |= {f"help.{name}": name for name in HELPS}
        place_problems(self, problems, fields=fields, rows=rows)

    @property
    def sound(self) -> bool:
        return not self.errors and self.steps.valid and self.levels.valid


def source_node(given: Mapping[str, Any]) -> Node:
    kind = given["source"]
    node: Node = {"type": kind}
    if kind == "usage":
        measure = given["measure"]
        node |= {"measure": measure, "window_days": given["window_days"]}
        features = [part.strip() for part in given["features"].split(",") if part.strip()]
        if features and measure in TAKE_FEATURES:
            node["features"] = features
        if given["min_uses"] and measure in TAKE_MIN_USES:
            node["min_uses"] = given["min_uses"]
    elif kind == "attribute":
        node["attribute"] = given["attribute"].strip()
        node |= {"measure": given["distance"]} if given["distance"] != "value" else {}
    return node


def initial_of(metric: Node | None, group: str) -> dict[str, Any]:
    if metric is None:
        return {"group": group}
    source, grade = metric["source"], metric.get("grade", {})
    initial = {name: metric.get(name, "exclude") for name in ("missing", "expired")}
    initial |= {name: metric.get(name) for name in ("key", "name", "weight", "validity_days")}
    initial |= {"group": group, "source": source["type"], "grade": grade.get("type", "boolean")}
    for name in ("window_days", "min_uses", "attribute"):
        initial |= {name: source[name]} if name in source else {}
    initial["features"] = ", ".join(source.get("features", []))
    part = "distance" if source["type"] == "attribute" else "measure"
    initial[part] = source.get("measure", "")
    for name in ("worst", "best", "when_true", "when_false"):
        initial |= {name: grade[name]} if name in grade else {}
    help_texts: dict[str, Any] = metric.get("help", {})
    return initial | help_texts


def kept_as_it_is(metric: Node | None) -> bool:
    """What the document can say and the form can not: it is left untouched."""
    if metric is None:
        return False
    source, grade = metric["source"], metric.get("grade", {})
    plain_source = source["type"] in SOURCE_TEXTS and not {"when", "frequency"} & source.keys()
    plain_grade = grade.get("type", "boolean") in GRADE_TEXTS and "by" not in grade
    return not (plain_source and plain_grade)
