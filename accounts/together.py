"""Several QuerySets in one statement, so that a page pays one round trip for all of them."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, connections
from django.db.models import (
    BooleanField,
    CharField,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    QuerySet,
    TextField,
)
from django.db.models.query import get_related_populators

from accounts.tenancy import current_workspace_id, entered

KEPT = 256
AS_TOLD = (BooleanField, CharField, IntegerField, JSONField, TextField)
"""What JSON tells as Python has it."""

Build = Callable[..., Sequence[QuerySet[Any]]]
Found = list[list[Any]]


def together(*querysets: QuerySet[Any]) -> Found:
    """The rows of each, in its order; annotations, binary fields and prefetches are not for here."""
    joined = _joined(querysets)
    return joined.found(joined.given)


def kept_together(build: Build, *shape: Hashable, **values: Any) -> Found:
    """Those of `build(*shape, **values)`, whose SQL is kept: compiling it costs more than the rest.

    Only the shape may decide what is asked; of a value only the type and whether it is None."""
    named = {**values, "workspace_id": current_workspace_id()}
    kinds = tuple((name, type(value)) for name, value in values.items())
    joined, places = _kept(build, shape, kinds)
    pairs = zip(joined.given, places, strict=True)
    return joined.found([named[name] if name else constant for constant, name in pairs])


@lru_cache(maxsize=KEPT)
def _kept(
    build: Build, shape: tuple[Hashable, ...], kinds: tuple[tuple[str, type], ...]
) -> tuple["Joined", list[str]]:
    """Compiled with values that nothing else has, and the name of each among the parameters."""
    stand_ins = {name: _stand_in(n, kind) for n, (name, kind) in enumerate(kinds, 1)}
    workspace_id = _stand_in(0, int)
    with entered(workspace_id):
        joined = _joined(build(*shape, **stand_ins))
    names = {
        (type(value), value): name
        for name, value in {**stand_ins, "workspace_id": workspace_id}.items()
        if value is not None
    }
    places = [_name_of(value, names) for value in joined.given]
    if lost := {*names.values()} - {*places}:
        raise ValueError(f"{build.__qualname__} does not hand on {', '.join(sorted(lost))} as is.")
    return joined, places


def _name_of(value: Any, names: Mapping[tuple[type, Any], str]) -> str:
    """Empty for what is the same every time."""
    return names.get((type(value), value), "") if isinstance(value, Hashable) else ""


def _stand_in(n: int, kind: type) -> Any:
    return {
        int: lambda: 2_000_111_000 + n,
        str: lambda: f"\x1astands in for {n}",
        date: lambda: date(1801, 1, 1) + timedelta(days=n),
        datetime: lambda: datetime(1801, 1, 1, tzinfo=UTC) + timedelta(seconds=n),
        type(None): lambda: None,
    }[kind]()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Joined:
    """`given` are the parameters of the statement, `readers` tell the rows of its parts."""

    sql: str
    given: list[Any]
    readers: list["Reader"]

    def found(self, given: Sequence[Any]) -> Found:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, given)
            parts = cursor.fetchone()
        return [
            list(reader.instances(rows)) for reader, rows in zip(self.readers, parts, strict=True)
        ]


def _joined(querysets: Sequence[QuerySet[Any]]) -> Joined:
    # Not the proxy of it, which would look for it in the thread at every name that is quoted.
    database = connections[connection.alias]
    compilers = [queryset.query.get_compiler(connection=database) for queryset in querysets]
    statements = [compiler.as_sql(with_col_aliases=True) for compiler in compilers]
    parts = [
        f"(SELECT coalesce(json_agg(found), '[]') FROM ({sql}) AS found)"
        for sql, _given in statements
    ]
    return Joined(
        sql=f"SELECT {', '.join(parts)}",
        given=[value for _sql, given in statements for value in given],
        readers=[_reader(compiler) for compiler in compilers],
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """`columns` are in the order of the selection, `own` those of the model itself."""

    model: type[Model]
    columns: list[str]
    converted: list[tuple[int, Callable[[Any], Any]]]
    own: slice
    names: list[str]
    related: list[Any]

    def instances(self, rows: Sequence[dict[str, Any]]) -> Iterator[Model]:
        for row in rows:
            values = [row[column] for column in self.columns]
            for place, convert in self.converted:
                if values[place] is not None:
                    values[place] = convert(values[place])
            instance = self.model.from_db(connection.alias, self.names, values[self.own])
            for populator in self.related:
                populator.populate(values, instance)
            yield instance


def _reader(compiler: Any) -> Reader:
    select, info = compiler.select, compiler.klass_info
    fields = [expression.output_field for expression, _sql, _alias in select]
    own = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
    return Reader(
        model=info["model"],
        # They are called col1, col2 …
        columns=[f"col{n}" for n in range(1, len(fields) + 1)],
        converted=[(n, field.to_python) for n, field in enumerate(fields) if not _as_told(field)],
        own=own,
        names=[expression.target.attname for expression, _sql, _alias in select[own]],
        related=get_related_populators(info, select, connection.alias),  # type: ignore[call-arg]
    )


def _as_told(field: "Field[Any, Any]") -> bool:
    return isinstance(field.target_field if isinstance(field, ForeignKey) else field, AS_TOLD)
