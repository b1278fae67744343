from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

from accounts.spreadsheets import csv_text


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no place in an answer")


_encoder = msgspec.json.Encoder(enc_hook=_plain)


def encode(data: Any) -> bytes:
    return _encoder.encode(data)


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else encode(data)


class CsvRenderer(BaseRenderer):
    """The rows of a list; the next page stands in the `Link` header."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        plain = msgspec.to_builtins(data, enc_hook=_plain)
        return csv_text(plain["results"])
