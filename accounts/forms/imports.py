from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_BYTES = 20 * 1024 * 1024


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy(
            "One line per account, with a column “key”. Comma, semicolon or tab; also gzipped."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.gz"}),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            message = _("The file is larger than %(size)s. Use “manage.py import_accounts” for it.")
            raise ValidationError(message % {"size": filesizeformat(MOST_BYTES)})
        return file
