"""Query results as arrays: each column comes packed in one value, not as millions of Python rows."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from django.db import connection

from usage.windows import Ints

# A row of each day and account lies on a page of its own, which accounts of one slice share: read
# page after page they cost half of what they cost account after account. The planner knows no better.
PAGE_BY_PAGE = "SET LOCAL enable_indexscan = off"
AS_BEFORE = "SET LOCAL enable_indexscan TO DEFAULT"


def columns(
    select: str, parameters: Mapping[str, Any], names: str, *, by_page: bool = False
) -> list[Ints]:
    """The named integer columns of a SELECT, in its order."""
    wanted = names.split()
    packed = ", ".join(f"string_agg(int8send({name}::bigint), ''::bytea)" for name in wanted)
    sql = f"SELECT {packed} FROM ({select}) AS selected"
    with connection.cursor() as cursor:
        cursor.execute(f"{PAGE_BY_PAGE}; {sql}" if by_page else sql, parameters)
        row = cursor.fetchone()
        if by_page:
            cursor.execute(AS_BEFORE)
    return [np.frombuffer(value or b"", ">i8").astype(np.int64) for value in row or ()]


def literal(values: Iterable[object]) -> str:
    """An array of numbers, days or times as PostgreSQL reads it fastest: one text to cast."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"
