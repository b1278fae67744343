import re
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from scoring.bands import SHAPES
from scoring.drafts import key_for
from scoring.engine.schemes import SHIPPED
from scoring.forms.choices import Choices
from scoring.forms.rows import Rows

MOST_BANDS = 12
COLUMNS = ("min", "label", "color", "shape", "key")
COLORS: Choices = [
    ("", _("by its place")),
    ("red", _("Red")),
    ("orange", _("Orange")),
    ("amber", _("Amber")),
    ("lime", _("Lime")),
    ("green", _("Green")),
    ("blue", _("Blue")),
    ("grey", _("Grey")),
]
SHAPE_TEXTS = {
    "square": _("Square"),
    "triangle-down": _("Triangle, point down"),
    "cross": _("Cross"),
    "bar": _("Bar"),
    "diamond": _("Diamond"),
    "hourglass": _("Hourglass"),
    "half": _("Half circle"),
    "triangle": _("Triangle"),
    "plus": _("Plus"),
    "star": _("Star"),
    "square-ring": _("Open square"),
    "circle": _("Circle"),
}
SHAPE_CHOICES: Choices = [("", _("by its place")), *((name, SHAPE_TEXTS[name]) for name in SHAPES)]


class SchemeForm(forms.Form):
    """Bands as rows, the lowest first."""

    name = forms.CharField(label=_("Name"), max_length=200)
    key = forms.SlugField(
        label=_("Key"),
        max_length=63,
        required=False,
        help_text=_("For documents and the API; it stays. Left empty, it is made from the name."),
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        taken: Collection[str],
        initial: dict[str, Any] | None = None,
        bands: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.taken = taken
        self.bands = (
            Rows.of("band", COLUMNS, bands or [{"min": 0}])
            if data is None
            else Rows.posted("band", COLUMNS, data)
        )
        if initial is not None:
            del self.fields["key"]

    def clean_key(self) -> str:
        taken = {*self.taken, *SHIPPED}
        key = str(self.cleaned_data["key"]) or key_for(self.cleaned_data.get("name", ""), taken)
        if key in taken:
            raise ValidationError(_("Another scheme has this key."))
        return key

    def nodes(self) -> list[dict[str, Any]]:
        """The bands by their minima, however they were typed. Cells without a number are marked."""
        rows = self.bands.filled
        minima = {row.number: self.bands.number(row, "min") for row in rows}
        self.bands.rows = rows = sorted(rows, key=lambda row: minima[row.number])
        taken: set[str] = {row["key"].value for row in rows}
        nodes = []
        for row in rows:
            key = row["key"].value.strip() or key_for(row["label"].value, taken)
            taken.add(key)
            node: dict[str, Any] = {
                "key": key,
                "label": row["label"].value.strip(),
                "min": minima[row.number],
            }
            optional = {name: row[name].value for name in ("color", "shape") if row[name].value}
            nodes.append(node | optional)
        return nodes


LEAST_BANDS = 2
SIGNS = {"+": "-plus", "-": "-minus", "−": "-minus", "–": "-minus"}


def even_bands(text: str) -> list[dict[str, Any]]:
    """Bands out of their labels, the best first, such as “A B C D F”, at even distances.

    Raises ValidationError.
    """
    labels = [label for label in re.split(r"[\s,;/]+", text) if label]
    if not LEAST_BANDS <= len(labels) <= MOST_BANDS:
        raise ValidationError(
            _("Give 2 to 12 labels with spaces between them, the best first: A B C D F.")
        )
    if len({label.casefold() for label in labels}) < len(labels):
        raise ValidationError(_("Two of them are the same."))
    taken: set[str] = set()
    bands = []
    for place, label in enumerate(reversed(labels)):
        key = key_for(_spelled(label), taken)
        taken.add(key)
        bands.append({"key": key, "label": label, "min": _even(place, len(labels))})
    return bands


def _even(place: int, count: int) -> int:
    """Half up."""
    return (200 * place + count) // (2 * count)


def _spelled(label: str) -> str:
    """A+ and A− are different keys."""
    return label[:-1] + SIGNS[label[-1]] if len(label) > 1 and label[-1] in SIGNS else label
