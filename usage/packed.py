"""Query results as arrays: each column comes packed in one value, not as millions of Python rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import connection

from usage.windows import Ints


def columns(select: str, parameters: Mapping[str, Any], names: str) -> list[Ints]:
    """The named integer columns of a SELECT, in its order."""
    wanted = names.split()
    packed = ", ".join(f"string_agg(int8send({name}::bigint), ''::bytea)" for name in wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {packed} FROM ({select}) AS selected", parameters)
        row = cursor.fetchone()
    return [np.frombuffer(value or b"", ">i8").astype(np.int64) for value in row or ()]


def literal(numbers: Ints | list[int]) -> str:
    """An array of integers as PostgreSQL reads it fastest: one text to cast."""
    return "{" + ",".join(map(str, numbers)) + "}"
