from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

LARGEST_UPLOAD = 1024 * 1024


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """The texts of several files, as one with “---” between them."""

    def clean(self, data: Any, initial: Any = None) -> str:
        uploads: Iterable[UploadedFile[bytes]] = data or []
        return "\n---\n".join(self._text(upload) for upload in uploads)

    def _text(self, upload: "UploadedFile[bytes]") -> str:
        if (upload.size or 0) > LARGEST_UPLOAD:
            raise ValidationError(_("“%(name)s” is larger than 1 MB.") % {"name": upload.name})
        try:
            return str(upload.read(), "utf-8-sig").rstrip()
        except UnicodeDecodeError as error:
            message = _("“%(name)s” is not text in UTF-8.") % {"name": upload.name}
            raise ValidationError(message) from error


class ImportForm(forms.Form):
    """Documents of configuration, uploaded or pasted or both."""

    uploads = FilesField(
        label=_("Files"),
        required=False,
        widget=SeveralFiles(attrs={"accept": ".yaml,.yml,.json"}),
        help_text=_("One or several, YAML or JSON."),
    )
    text = forms.CharField(
        label=_("Or paste the documents"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 16, "spellcheck": "false", "class": "code", "wrap": "off"}
        ),
        help_text=_("Put a line with --- between several of them."),
    )

    @property
    def documents_text(self) -> str:
        parts = [self.cleaned_data["text"].rstrip(), self.cleaned_data["uploads"]]
        return "\n---\n".join(part for part in parts if part) + "\n"
