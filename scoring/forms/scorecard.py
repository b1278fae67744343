from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scoring.drafts import Document, Node, groups_of, key_for, keys
from scoring.forms.choices import ROLLUPS, Choices
from scoring.forms.numbers import number_field
from scoring.forms.rows import plain_number

IN_PLACE = "-"
LARGEST_UPLOAD = 1024 * 1024


class NewScorecardForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    key = forms.SlugField(
        label=_("Key"),
        max_length=63,
        required=False,
        help_text=_("For the API and for exports; it stays. Left empty, it is made from the name."),
    )

    def __init__(self, data: QueryDict | None, *, taken: Collection[str]) -> None:
        super().__init__(data)
        self.taken = taken

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"]) or key_for(
            self.cleaned_data.get("name", ""), self.taken
        )
        if key in self.taken:
            raise ValidationError(_("Another scorecard has this key."))
        return key


class ScorecardForm(forms.Form):
    """What concerns the scorecard as a whole."""

    name = forms.CharField(label=_("Name"), max_length=200)
    scheme = forms.ChoiceField(
        label=_("Grading scheme"), help_text=_("How a score is shown. It changes no score.")
    )
    rank = forms.IntegerField(
        label=_("Rank"),
        min_value=0,
        max_value=1_000_000,
        help_text=_("Of the scorecards that fit an account, the lowest rank is its health."),
    )
    min_coverage = number_field(
        _("Least coverage, %"),
        min_value=0,
        max_value=100,
        help_text=_("With less of the weight known, a score is provisional."),
    )
    trend_days = forms.IntegerField(
        label=_("Change over, days"),
        min_value=1,
        max_value=400,
        help_text=_("How far back a score is compared."),
    )
    stages = forms.CharField(
        label=_("Only accounts in these stages"),
        required=False,
        max_length=2000,
        help_text=_("With commas between. Left empty, it measures every account."),
    )

    def __init__(self, data: QueryDict | None, *, document: Document, schemes: Choices) -> None:
        applies = document.get("applies_to") or {}
        super().__init__(
            data,
            initial={
                "name": document["name"],
                "scheme": IN_PLACE if document.get("bands") else document.get("scheme", "ryg"),
                "rank": document.get("rank", 1),
                "min_coverage": document.get("min_coverage", 50),
                "trend_days": document.get("trend_days", 30),
                "stages": ", ".join(applies.get("stage", [])),
            },
        )
        own: Choices = [(IN_PLACE, _("Bands of its own"))] if document.get("bands") else []
        self.fields["scheme"] = forms.ChoiceField(
            label=_("Grading scheme"),
            choices=[*own, *schemes],
            help_text=_("How a score is shown. It changes no score."),
        )
        self.applies = {name: value for name, value in applies.items() if name != "stage"}

    def fields_of_document(self) -> dict[str, Any]:
        """As drafts.set_fields takes them."""
        given = self.cleaned_data
        stages = [part.strip() for part in given["stages"].split(",") if part.strip()]
        applies = self.applies | ({"stage": stages} if stages else {})
        scheme = {} if given["scheme"] == IN_PLACE else {"scheme": given["scheme"], "bands": None}
        return {
            "name": given["name"].strip(),
            "rank": given["rank"],
            "min_coverage": plain_number(given["min_coverage"]),
            "trend_days": given["trend_days"],
            "applies_to": applies or None,
            **scheme,
        }


class GroupForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    key = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=63,
        help_text=_("For the API and for exports. Left empty, it is made from the name."),
    )
    weight = number_field(_("Weight"), min_value=0, initial=1)
    rollup = forms.ChoiceField(label=_("Its score is"), choices=ROLLUPS)
    help = forms.CharField(
        label=_("What is it about?"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    parent = forms.ChoiceField(label=_("Inside the group"), required=False)

    def __init__(self, data: QueryDict | None, *, document: Document, group: Node | None) -> None:
        super().__init__(data, initial=group)
        self.taken = set(keys(document, "groups")) - {group["key"] if group else ""}
        self.parents: Choices = [
            (place.node["key"], place.node["name"]) for place in groups_of(document)
        ]
        self.fields["parent"] = forms.ChoiceField(
            label=_("Inside the group"),
            required=False,
            choices=[("", _("none, at the top")), *self.parents],
        )
        if group is not None or not self.parents:
            del self.fields["parent"]

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"]) or key_for(
            self.cleaned_data.get("name", ""), self.taken
        )
        if key in self.taken:
            raise ValidationError(_("Another group has this key."))
        return key

    def node(self) -> Node:
        """Empty where the document leaves a field out."""
        given = self.cleaned_data
        rollup, text = given["rollup"], given["help"].strip()
        node: Node = {
            "key": given["key"],
            "name": given["name"].strip(),
            "weight": plain_number(given["weight"]),
            "rollup": None if rollup == "weighted_mean" else rollup,
            "help": text or None,
        }
        return node if rollup == "conditions" else {**node, "points": None}


class DocumentForm(forms.Form):
    """A whole scorecard as YAML, pasted or uploaded; the file wins."""

    text = forms.CharField(
        label=_("Document"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "code"}),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )

    def clean_file(self) -> str:
        upload: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if upload is None:
            return ""
        if (upload.size or 0) > LARGEST_UPLOAD:
            raise ValidationError(_("The file is larger than 1 MB."))
        try:
            return str(upload.read(), "utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValidationError(_("The file is not text in UTF-8.")) from error

    @property
    def document_text(self) -> str:
        return str(self.cleaned_data["file"] or self.cleaned_data["text"])


def contents_text(metrics: int) -> str:
    """What goes with a group that is removed."""
    if not metrics:
        return gettext("It is empty.")
    text = ngettext("Its %(n)s metric goes with it.", "Its %(n)s metrics go with it.", metrics)
    return str(capfirst(text % {"n": metrics}))
