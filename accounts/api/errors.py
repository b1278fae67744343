"""Every error of the API in the one shape of the contract."""

import logging
from collections.abc import Iterator
from typing import Any, NamedTuple, TypedDict

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, MethodNotAllowed, ValidationError
from rest_framework.response import Response

from accounts.errors import InvalidInput, Problem

logger = logging.getLogger(__name__)

CODES = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    422: "unprocessable",
    429: "rate_limited",
    500: "error",
    503: "unavailable",
}
MOST_PROBLEMS = 100
LONGEST_MESSAGE = 500


class Malformed(APIException):
    """The body is no JSON, no gzip, or no text at all."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "malformed"


def not_json(error: Exception) -> Malformed:
    """Of the decoder's words only what they add."""
    reason = str(error).removeprefix("JSON is malformed: ")
    return Malformed(_("The body is not valid JSON: %(reason)s") % {"reason": reason})


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = gettext_lazy("The object was changed in the meantime.")


class LengthRequired(APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = gettext_lazy("Send the body with a Content-Length.")


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The body is too large; nothing was stored.")


class Unprocessable(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = gettext_lazy("The request contradicts an earlier one.")


class Unavailable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = gettext_lazy(
        "The database is not available. Nothing was stored; send the request again."
    )
    wait = 5


class ErrorBody(TypedDict):
    code: str
    message: str
    detail: str
    errors: list[dict[str, str]]


def error_body(code: str, message: str, problems: list[Problem] | None = None) -> ErrorBody:
    """Some public SDKs need `code` and `message`, others `detail`."""
    shown = [
        {"path": p.path, "message": p.message[:LONGEST_MESSAGE]}
        for p in (problems or [])[:MOST_PROBLEMS]
    ]
    short = message[:LONGEST_MESSAGE]
    return {"code": code, "message": short, "detail": short, "errors": shown}


class Refusal(NamedTuple):
    body: ErrorBody
    status: int
    headers: dict[str, str]


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """None lets an error of our own through to Django, which logs it and answers with `failed`."""
    refused = refusal_of(exc)
    return None if refused is None else Response(*refused[:2], headers=refused.headers)


def refusal_of(exc: Exception) -> Refusal | None:
    """What is answered where the request is at fault, or the database; None is an error of our own."""
    if isinstance(exc, InvalidInput):
        return Refusal(error_body("invalid", summary(exc.problems), exc.problems), 400, {})
    error = as_api_exception(exc)
    if error is None:
        return None
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    return Refusal(body_of(error), error.status_code, headers)


def as_api_exception(exc: Exception) -> APIException | None:
    match exc:
        case APIException():
            return exc
        case Http404():
            return refusal(404, _("There is no such object."))
        case PermissionDenied():
            return refusal(403, _("This is not allowed."))
        case SuspiciousOperation():
            return refusal(400, _("The request cannot be read."))
        case RecursionError():
            return Malformed(_("The body is nested too deeply."))
        case OperationalError() | InterfaceError():
            logger.error("The database did not answer", exc_info=exc)
            return Unavailable()
        case DataError() | UnicodeEncodeError():
            logger.warning("The database refused a value", exc_info=exc)
            return refusal(400, _("A value is too large or cannot be stored."))
    return None


def refusal(status_code: int, message: str) -> APIException:
    error = APIException(message)
    error.status_code = status_code
    return error


def body_of(error: APIException) -> ErrorBody:
    code = "malformed" if isinstance(error, Malformed) else CODES.get(error.status_code, "error")
    if isinstance(error, ValidationError):
        problems = list(flatten(error.detail))
        return error_body("invalid", summary(problems), problems)
    if isinstance(error, MethodNotAllowed):
        return error_body(code, _("This address does not answer to this method."))
    return error_body(code, force_str(error.detail))


def flatten(detail: Any, path: str = "") -> Iterator[Problem]:
    """Django REST framework's nested errors with our paths."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from flatten(inner, f"{path}.{own}".strip("."))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            leaf = isinstance(inner, (str, ErrorDetail))
            yield from flatten(inner, path if leaf else f"{path}[{index}]")
    else:
        yield Problem(path, str(detail))


def summary(problems: list[Problem]) -> str:
    if not problems:
        return _("The request is not valid; nothing was stored.")
    first = f"{problems[0].path}: {problems[0].message}".removeprefix(": ")
    if len(problems) == 1:
        return first
    return _("%(first)s (and %(more)s more; nothing was stored)") % {
        "first": first[: LONGEST_MESSAGE - 60],
        "more": len(problems) - 1,
    }


def failed(status_code: int, message: str) -> HttpResponse:
    """The same shape for what fails outside every view of the API."""
    return JsonResponse(error_body(CODES.get(status_code, "error"), message), status=status_code)
