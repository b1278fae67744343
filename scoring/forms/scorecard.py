from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

LARGEST_UPLOAD = 1024 * 1024


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
