"""What was posted, as messages; one that cannot be read spoils no other."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from msgspec import UNSET, Raw, UnsetType

from accounts.api.bodies import BOM
from accounts.api.errors import Malformed, TooLarge, not_json

LARGEST_MESSAGE = 1024 * 1024
MILLISECONDS_FROM = 10**11
SURROGATE = re.compile("[\ud800-\udfff]")
SECRETS = {"writeKey", "api_key", "token"}
"""Where a body that is one message has the key, which is to be kept nowhere."""


class Head(msgspec.Struct):
    """The part of a body that is not a message; a body without `batch` is one."""

    batch: list[Raw] | UnsetType = UNSET
    sentAt: Any = None
    sent_at: Any = None
    writeKey: Any = None
    api_key: Any = None
    token: Any = None
    historical_migration: Any = None


@dataclass(frozen=True)
class Envelope:
    """`sent` is when the client says that it sent this, None where that says nothing."""

    messages: Sequence[object]
    sent: object
    key: str | None


def read_envelope(body: bytes) -> Envelope:
    body = body.removeprefix(BOM)
    head, messages = _strictly(body) or _loosely(body)
    key = next((k for k in (head.writeKey, head.api_key, head.token) if isinstance(k, str)), None)
    sent = None if head.historical_migration else head.sentAt or head.sent_at
    return Envelope(messages, sent, key)


def key_in(body: bytes) -> str | None:
    """The write key of a body; None also where the body cannot be read."""
    try:
        return read_envelope(body).key
    except Malformed:
        return None


def _strictly(body: bytes) -> tuple[Head, Sequence[object]] | None:
    try:
        head = msgspec.json.decode(body, type=Head)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if head.batch is not UNSET:
        return head, head.batch
    if len(body) > LARGEST_MESSAGE:
        raise TooLarge
    return head, [Raw(body)]


def _loosely(body: bytes) -> tuple[Head, Sequence[object]]:
    """As clients write it that know NaN, cut a surrogate pair or do not escape a control."""
    try:
        read = json.loads(body.decode(errors="replace"), strict=False, parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        raise not_json(error) from error
    if not isinstance(read, dict):
        raise Malformed(_("The body is not a JSON object."))
    batch = read.get("batch", [read])
    if not isinstance(batch, list):
        raise Malformed(_("“batch” is not a list."))
    head = {name: value for name, value in read.items() if name != "batch"}
    return msgspec.convert(head, Head), batch


def _nothing(constant: str) -> None:
    """NaN and the infinities have no place in JSON."""


def read_message(given: object) -> dict[str, Any]:
    """A message as an object that can be stored; ValueError or RecursionError where it is none."""
    if isinstance(given, Raw):
        given = _decoded(bytes(given))
    if not isinstance(given, dict):
        raise ValueError(_("not a JSON object"))  # noqa: TRY004
    return {storable(name): storable(value) for name, value in given.items() if name not in SECRETS}


def _decoded(text: bytes) -> object:
    if len(text) > LARGEST_MESSAGE:
        raise ValueError(_("larger than %(limit)s kB") % {"limit": LARGEST_MESSAGE // 1024})
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(text.decode(errors="replace"), strict=False, parse_constant=_nothing)


def storable(value: Any) -> Any:
    """Without what a column cannot hold: NUL, half of a surrogate pair, no number."""
    if isinstance(value, str):
        text = value.replace("\0", "")
        return text if text.isascii() else SURROGATE.sub("\ufffd", text)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {storable(name): storable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def moment_of(value: object) -> datetime | None:
    """A time as text, or as seconds or milliseconds since 1970; None where it is none."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value.strip())
            return read if read.tzinfo else read.replace(tzinfo=UTC)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) >= MILLISECONDS_FROM else value
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
