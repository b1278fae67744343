"""What was sent: read within a bound, inflated within a bound, decoded into typed structures."""

import re
import zlib
from collections.abc import Iterator
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from django.conf import settings
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from accounts.api.errors import MOST_PROBLEMS, LengthRequired, Malformed, TooLarge, not_json
from accounts.errors import InvalidInput, Problem, joined
from accounts.errors import problem_of as problem_of

T = TypeVar("T")

BOM = b"\xef\xbb\xbf"
GZIP = 31
# Each one copies the rest of the body.
MOST_MEMBERS = 100


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What may be sent; a field that is not named is refused."""


# -- Bytes ----------------------------------------------------------------------------------------


def read_body(request: Request, limit: int | None = None) -> bytes:
    """The raw body, never more of it than the limit."""
    return read_raw(request._request, settings.API_BODY_LIMIT if limit is None else limit)


def read_raw(http: HttpRequest, limit: int) -> bytes:
    if not hasattr(http, "_body"):
        chunked = "HTTP_TRANSFER_ENCODING" in http.META and not http.META.get("CONTENT_LENGTH")
        body = _read_chunked(http, limit) if chunked else _read_declared(http, limit)
        http._body = body
        http.META["CONTENT_LENGTH"] = str(len(body))
    if len(http.body) > limit:
        raise TooLarge
    return http.body


def _read_declared(http: HttpRequest, limit: int) -> bytes:
    try:
        declared = int(http.META.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise LengthRequired from error
    if declared > limit:
        raise TooLarge
    try:
        body = http.read(limit + 1)
    except (UnreadablePostError, OSError) as error:
        raise Malformed(_("The body ended too early.")) from error
    if len(body) < declared:
        raise Malformed(_("The body is shorter than its Content-Length."))
    return body


def _read_chunked(http: HttpRequest, limit: int) -> bytes:
    """Django takes a body without Content-Length for an empty one; a server that ends it says so."""
    if not http.META.get("wsgi.input_terminated"):
        raise LengthRequired
    try:
        body: bytes = http.META["wsgi.input"].read(limit + 1)
    except OSError as error:
        raise Malformed(_("The body ended too early.")) from error
    if len(body) > limit:
        raise TooLarge
    return body


def content(request: Request, limit: int | None = None) -> bytes:
    """The body as it was before its Content-Encoding."""
    body = read_body(request, limit)
    limit = settings.API_BODY_LIMIT if limit is None else limit
    return decoded(body, request.headers.get("Content-Encoding", ""), limit)


def decoded(body: bytes, encoding: str, limit: int) -> bytes:
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding in {"gzip", "x-gzip"}:
        return inflate(body, limit)
    raise UnsupportedMediaType(encoding, _("Send the body plain or with Content-Encoding: gzip."))


def inflate(body: bytes, limit: int) -> bytes:
    """A gzip body of one or more members; refuses what would become larger than the limit."""
    whole = b""
    for _member in range(MOST_MEMBERS):
        member = zlib.decompressobj(GZIP)
        try:
            whole += member.decompress(body, limit + 1 - len(whole))
        except zlib.error as error:
            raise Malformed(_("The body is not valid gzip.")) from error
        if len(whole) > limit:
            raise TooLarge
        if not member.eof:
            raise Malformed(_("The gzip body ends too early."))
        body = member.unused_data
        if not body:
            return whole
    raise Malformed(_("The gzip body has too many members."))


# -- Structures -----------------------------------------------------------------------------------


def decode(request: Request, type_: type[T]) -> T:
    """The JSON body as `type_`; InvalidInput names every bad element of a batch."""
    _require_json(request)
    return decode_json(content(request), type_)


def decode_json(text: bytes, type_: type[T]) -> T:
    text = text.removeprefix(BOM)
    if not text.strip():
        raise Malformed(_("The body is empty; JSON is expected."))
    try:
        decoded = msgspec.json.decode(text, type=type_)
        if b"\\u0000" in text:
            refuse_nul(msgspec.json.decode(text))
    except msgspec.ValidationError as error:
        raise InvalidInput(_every_problem(_untyped(text, error), type_, error)) from error
    except msgspec.DecodeError as error:
        raise not_json(error) from error
    except UnicodeDecodeError as error:
        raise Malformed(_("The body is not valid UTF-8.")) from error
    return decoded


def convert(raw: object, type_: type[T], *, strict: bool = True, prefix: str = "") -> T:
    """Plain objects (of YAML, of a query) as `type_`."""
    refuse_nul(raw)
    try:
        return msgspec.convert(raw, type_, strict=strict)
    except msgspec.ValidationError as error:
        problem = problem_of(error)
        raise InvalidInput.at(joined(prefix, problem.path), problem.message) from error


def query(request: Request, type_: type[T]) -> T:
    """The query parameters as `type_`; an empty one counts as not given."""
    lists = {
        field.encode_name
        for field in msgspec.structs.fields(type_)  # type: ignore[arg-type]
        if _element_type(field.type) is not None
    }
    given: dict[str, Any] = {}
    for name, values in request.query_params.lists():
        kept = [str(value) for value in values if value != ""]
        if kept and name != "format":
            given[name] = kept if name in lists else kept[-1]
    return convert(given, type_, strict=False)


def _require_json(request: Request) -> None:
    media_type, _semicolon, parameters = (request.content_type or "").partition(";")
    kind = media_type.strip().lower()
    charset = re.search(r"charset=\"?([\w-]+)", parameters.lower())
    right = kind in {"", "application/json"} or (
        kind.startswith("application/") and kind.endswith("+json")
    )
    if not right or (charset and charset[1] not in {"utf-8", "utf8", "us-ascii"}):
        raise UnsupportedMediaType(
            media_type, _("Send JSON in UTF-8 with Content-Type: application/json.")
        )


# -- Problems -------------------------------------------------------------------------------------


def _untyped(text: bytes, error: msgspec.ValidationError) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.ValidationError:
        raise InvalidInput([problem_of(error)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        # What comes after the first wrong value is not even JSON.
        raise not_json(broken) from error


def _every_problem(raw: object, type_: Any, first: msgspec.ValidationError) -> list[Problem]:
    """msgspec stops at the first problem; a batch is answered with all of its bad elements."""
    found: list[Problem] = []
    if isinstance(raw, dict) and isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        for field in msgspec.structs.fields(type_):
            element = _element_type(field.type)
            items = raw.get(field.encode_name)
            if element is not None and isinstance(items, list):
                found += _element_problems(items, element, field.encode_name)
    first_problem = problem_of(first)
    return found if any(p.path == first_problem.path for p in found) else [first_problem, *found]


def _element_problems(items: list[Any], element: Any, name: str) -> list[Problem]:
    found: list[Problem] = []
    for index, item in enumerate(items):
        try:
            msgspec.convert(item, element)
        except msgspec.ValidationError as error:
            problem = problem_of(error)
            found.append(Problem(joined(f"{name}[{index}]", problem.path), problem.message))
        if len(found) == MOST_PROBLEMS:
            break
    return found


def _element_type(type_: Any) -> Any:
    """`list[X]`, also annotated or optional → X."""
    if get_origin(type_) is list:
        return get_args(type_)[0]
    for inner in get_args(type_):
        if get_origin(inner) is list:
            return get_args(inner)[0]
    return None


def refuse_nul(raw: object) -> None:
    """PostgreSQL stores no NUL in text; say where it is."""
    for path, text in _texts(raw, ""):
        if "\0" in text:
            raise InvalidInput.at(path, _("NUL characters cannot be stored."))


def _texts(raw: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(raw, str):
        yield path, raw
    elif isinstance(raw, dict):
        for name, inner in raw.items():
            own = joined(path, str(name).replace("\0", "")[:100])
            yield own, str(name)
            yield from _texts(inner, own)
    elif isinstance(raw, list):
        for index, inner in enumerate(raw):
            yield from _texts(inner, f"{path}[{index}]")
