"""Keyset pages: stable while rows are written, as fast at the end as at the beginning."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import msgspec
from django.core.exceptions import FieldError, ValidationError
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import InvalidInput

M = TypeVar("M", bound=Model)


class ListQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The parameters of every list; a list's own filters are fields of a subclass."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    cursor: str = ""
    ordering: str = ""


@dataclass(frozen=True)
class Column:
    """What a list may be ordered by. A nullable one has its empty rows last in both directions."""

    field: str
    nullable: bool = False


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """Where the page before ended."""

    ordering: str
    value: int | float | str | bool | None
    kind: str
    last: int | str


LONGEST_DECIMAL = 100


def _decimal(text: str) -> Decimal:
    """Of a size that a column may have: the digits of 1e999999999 would fill the memory."""
    value = Decimal(text)
    if not value.is_finite() or abs(value.adjusted()) > LONGEST_DECIMAL:
        raise ValueError(text)
    return value


KINDS: dict[str, Callable[[Any], Any]] = {
    "plain": lambda value: value,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "Decimal": _decimal,
}


def paginate(
    request: Request,
    queryset: QuerySet[M, Any],
    *,
    query: ListQuery,
    columns: Mapping[str, str | Column],
    default: str,
    row: Callable[[Any], Any],
    key: str = "pk",
) -> Response:
    """One page: `{"results": [row(object)…], "next": cursor or null}`.

    `columns` maps the names of `ordering` to fields (also of joined models or annotations); `default`
    is the ordering where none is asked for, such as "-score". `key` must be unique and not null.
    """
    ordering = query.ordering or default
    column = _column(ordering, columns)
    descending = ordering.startswith("-")
    found = queryset.annotate(keyset_value=F(column.field), keyset_key=F(key))
    if query.cursor:
        cursor = _decode(query.cursor, ordering)
        found = _after(found, column, descending, cursor)
    rows = _fetch(found.order_by(*_order(column, descending))[: query.limit + 1])
    page = rows[: query.limit]
    following = _encode(ordering, page[-1]) if len(rows) > query.limit else None
    return page_response(request, [row(item) for item in page], following)


def page_response(request: Request, results: list[Any], following: str | None) -> Response:
    """`following` is the cursor of the next page; a `Link` header says it where the answer is CSV."""
    response = Response({"results": results, "next": following})
    if following:
        response["Link"] = f'<{_address(request, following)}>; rel="next"'
    return response


def _column(ordering: str, columns: Mapping[str, str | Column]) -> Column:
    column = columns.get(ordering.removeprefix("-"))
    if column is None:
        raise InvalidInput.at(
            "ordering",
            _("Order by one of: %(names)s; with “-” descending.") % {"names": ", ".join(columns)},
        )
    return column if isinstance(column, Column) else Column(column)


def _order(column: Column, descending: bool) -> list[Any]:
    last = True if column.nullable else None
    value, key = F("keyset_value"), F("keyset_key")
    if descending:
        return [value.desc(nulls_last=last), key.desc()]
    return [value.asc(nulls_last=last), key.asc()]


def _after(
    queryset: QuerySet[M, Any], column: Column, descending: bool, cursor: Cursor
) -> QuerySet[M, Any]:
    beyond = "lt" if descending else "gt"
    tie = Q(**{f"keyset_key__{beyond}": cursor.last})
    try:
        if cursor.value is None:
            return queryset.filter(tie, keyset_value__isnull=True)
        value = KINDS[cursor.kind](cursor.value)
        after = Q(**{f"keyset_value__{beyond}": value}) | (Q(keyset_value=value) & tie)
        # The redundant bound is what the index can be searched by.
        bounded = after & Q(**{f"keyset_value__{beyond}e": value})
        return queryset.filter(
            bounded | Q(keyset_value__isnull=True) if column.nullable else bounded
        )
    except (ValueError, TypeError, ArithmeticError, ValidationError, FieldError) as error:
        raise _bad_cursor() from error


def _fetch(queryset: QuerySet[M, Any]) -> list[Any]:
    return list(queryset)


def _encode(ordering: str, item: Any) -> str:
    value, last = (
        (item["keyset_value"], item["keyset_key"])
        if isinstance(item, dict)
        else (item.keyset_value, item.keyset_key)
    )
    kind = type(value).__name__ if type(value).__name__ in KINDS else "plain"
    packed = msgspec.json.encode((ordering, value, kind, last))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _decode(cursor: str, ordering: str) -> Cursor:
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        decoded = msgspec.json.decode(packed, type=Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise _bad_cursor() from error
    foreign = decoded.ordering != ordering or decoded.kind not in KINDS
    if foreign or any(
        "\0" in text for text in (decoded.value, decoded.last) if isinstance(text, str)
    ):
        raise _bad_cursor()
    return decoded


def _bad_cursor() -> InvalidInput:
    return InvalidInput.at(
        "cursor", _("Use the cursor of the page before, with the same ordering.")
    )


def _address(request: Request, cursor: str) -> str:
    parameters = request.query_params.copy()
    parameters["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")
