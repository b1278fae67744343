"""Several QuerySets in one statement, so that a page pays one round trip for all of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators


def together(*querysets: QuerySet[Any]) -> list[list[Any]]:
    """The rows of each, in its order; annotations, binary fields and prefetches are not for here."""
    compilers = [queryset.query.get_compiler(connection=connection) for queryset in querysets]
    statements = [compiler.as_sql(with_col_aliases=True) for compiler in compilers]
    parts = [
        f"(SELECT coalesce(json_agg(found), '[]') FROM ({sql}) AS found)"
        for sql, _given in statements
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(parts)}", [value for _sql, given in statements for value in given]
        )
        found = cursor.fetchone()
    return [
        list(_instances(compiler, rows)) for compiler, rows in zip(compilers, found, strict=True)
    ]


def _instances(compiler: Any, rows: Sequence[dict[str, Any]]) -> Iterator[Model]:
    select, info = compiler.select, compiler.klass_info
    fields = [expression.output_field for expression, _sql, _alias in select]
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [expression.target.attname for expression, _sql, _alias in select[first:last]]
    related = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
    for row in rows:
        # The columns are called col1, col2 … in the order of the selection.
        told = [row[f"col{n}"] for n in range(1, len(fields) + 1)]
        values = [
            None if value is None else field.to_python(value)
            for field, value in zip(fields, told, strict=True)
        ]
        instance = info["model"].from_db(connection.alias, names, values[first:last])
        for populator in related:
            populator.populate(values, instance)
        yield instance
