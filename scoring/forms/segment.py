from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from scoring.drafts import Node, key_for
from scoring.forms.choices import OPS, Choices
from scoring.forms.problems import in_words, place_problems
from scoring.forms.rows import Row, Rows
from scoring.forms.sheet import plain_text, typed_list, typed_plain

COLUMNS = ("attribute", "op", "value")
USUAL = ("eq", "in")
COMPARISONS: Choices = sorted(
    [*OPS, ("in", _("is one of"))], key=lambda choice: choice[0] not in USUAL
)
FIELDS = ("stage", "status", "renewal_on", "created_on", "contract_value")
MOST_ROWS = 20


class SegmentForm(forms.Form):
    """Conditions as rows; all of them must hold."""

    name = forms.CharField(label=_("Name"), max_length=200)
    key = forms.SlugField(
        label=_("Key"),
        max_length=63,
        required=False,
        help_text=_("For documents and the API; it stays. Left empty, it is made from the name."),
    )

    def __init__(
        self, data: QueryDict | None, *, taken: Collection[str], segment: Node | None = None
    ) -> None:
        super().__init__(data, initial={"name": segment["name"]} if segment else None)
        self.taken, self.segment = taken, segment
        conditions = segment["conditions"] if segment else []
        self.conditions = (
            Rows.of("when", COLUMNS, [_texts(condition) for condition in conditions])
            if data is None
            else Rows.posted("when", COLUMNS, data)
        )
        # The comparison is chosen in empty rows, too: they hold nothing for that.
        self.conditions.rows = [row for row in self.conditions.rows if _typed(row)]
        if segment is not None:
            del self.fields["key"]

    def clean_key(self) -> str:
        name = self.cleaned_data.get("name", "")
        key = str(self.cleaned_data["key"]) or key_for(name, self.taken)
        if key in self.taken:
            raise ValidationError(_("Another segment has this key."))
        return key

    def node(self) -> Node:
        key = self.segment["key"] if self.segment else self.cleaned_data["key"]
        return {"key": key, "name": self.cleaned_data["name"].strip(), "conditions": self.nodes()}

    def nodes(self) -> list[Node]:
        return [_node(row) for row in self.conditions.rows]

    def place(self, problems: Mapping[str, list[str]]) -> None:
        told = {path: [in_words(m) for m in messages] for path, messages in problems.items()}
        place_problems(self, told, rows={"conditions": self.conditions})


def _typed(row: Row) -> bool:
    return any(row[column].value.strip() for column in ("attribute", "value"))


def _texts(condition: Node) -> dict[str, str]:
    value = condition["value"]
    items = value if isinstance(value, list) else [value]
    text = ", ".join(plain_text(item) for item in items)
    return {"attribute": condition["attribute"], "op": condition["op"], "value": text}


def _node(row: Row) -> dict[str, Any]:
    op, text = row["op"].value, row["value"].value.strip()
    node: Node = {"attribute": row["attribute"].value.strip(), "op": op}
    if op == "in":
        return node | {"value": [typed_plain(part) for part in typed_list(text)]}
    return node | ({"value": typed_plain(text)} if text else {})
