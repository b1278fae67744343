from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.imports.fields import Kind
from integrations.imports.mapping import ATTRIBUTE, IGNORE, Columns
from integrations.models import ImportKind

KIND_TEXTS = {
    ImportKind.ACCOUNTS: gettext_lazy("Customer companies: owner, value, renewal, any attributes."),
    ImportKind.CONTACTS: gettext_lazy("People at the accounts, known by their e-mail address."),
    ImportKind.MEASUREMENTS: gettext_lazy("Values of metrics that are set by hand."),
    ImportKind.EVENTS: gettext_lazy("What users did in your product, and when."),
}


class ImportForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What is in the file?"),
        choices=ImportKind.choices,
        error_messages={"required": gettext_lazy("Choose what is in the file.")},
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.gz,.xlsx"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
        },
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > settings.IMPORT_FILE_LIMIT:
            message = _("The file is larger than %(size)s. Split it, or import it on the server.")
            shown = filesizeformat(settings.IMPORT_FILE_LIMIT)
            raise ValidationError(message % {"size": shown})
        return file

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """As components/levels.html wants them."""
        return [
            {"key": kind.value, "label": kind.label, "help": KIND_TEXTS[kind], "score": None}
            for kind in ImportKind
        ]

    @property
    def chosen(self) -> str:
        return str(self["kind"].value() or ImportKind.ACCOUNTS)


def targets(kind: Kind) -> list[tuple[str, str]]:
    """What a column may be."""
    rest = [(ATTRIBUTE, _("An attribute of its name"))] if kind.spare else []
    fields = [
        (field.name, f"{field.label} *" if field.required else str(field.label))
        for field in kind.fields
    ]
    return [(IGNORE, _("Leave out")), *rest, *fields]


def chosen_columns(given: QueryDict, kind: Kind, count: int) -> Columns:
    """By the place of the column; what is none of the choices is left out."""
    known = {value for value, _label in targets(kind)}
    told = [given.get(f"column-{index}", IGNORE) for index in range(count)]
    return [target if target in known else IGNORE for target in told]
