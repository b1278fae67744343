"""Documents in a request and in an answer, in JSON or in YAML."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from accounts.api.bodies import content, decode, refuse_nul
from accounts.api.errors import Malformed
from accounts.api.rendering import CsvRenderer, JsonRenderer
from accounts.errors import InvalidInput
from scoring.documents import read_document, write_documents

JSON_OR_YAML = ("application/json", "application/yaml")
YAML = {"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"}


class YamlRenderer(BaseRenderer):
    """One document, or those of a list with “---” between them."""

    media_type = "application/yaml"
    format = "yaml"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        return write_documents(data if isinstance(data, list) else [data])


class TextYamlRenderer(YamlRenderer):
    media_type = "text/yaml"


DOCUMENT_RENDERERS = [JsonRenderer, YamlRenderer, TextYamlRenderer]
LIST_RENDERERS = [JsonRenderer, CsvRenderer, YamlRenderer, TextYamlRenderer]


def wants_yaml(request: Request) -> bool:
    return bool(request.accepted_renderer.format == YamlRenderer.format)


def read(request: Request) -> dict[str, Any]:
    """The body as plain data, whichever of the two languages it is written in."""
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if media_type not in YAML:
        return decode(request, dict[str, Any])
    try:
        text = content(request).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(_("The body is not valid UTF-8.")) from error
    document: dict[str, Any] = read_document(text)
    refuse_nul(document)
    return document


def keyed(document: dict[str, Any], key: str) -> dict[str, Any]:
    """The document with the address' key, which it may leave out but not contradict."""
    if document.setdefault("key", key) != key:
        raise InvalidInput.at("key", _("The key differs from the one in the address."))
    return document
