"""What is stored of an explanation reads back as it was, in few bytes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.detail import PLAIN, RECORD, Packed, pack, records, repacked, unpack
from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.document import parse
from scoring.engine.fixed import HUNDRED, LARGEST
from scoring.engine.regrade import regraded
from tests.scoring.engine.strategies import cards

FEW = settings(max_examples=100, deadline=None)
NUMBERS = st.one_of(
    st.integers(0, 100).map(lambda whole: whole * 10_000),
    st.integers(-(2**15) - 2, 2**15 + 2).map(lambda whole: whole * 10_000),
    st.integers(-(2**31) - 2, 2**31 + 2),
    st.integers(-LARGEST, LARGEST),
)
ROW = st.tuples(NUMBERS, st.integers(-1, HUNDRED), st.integers(0, 4), st.integers(-1, 3_652_059))


def drawn(data: st.DataObject) -> tuple[Compiled, Any]:
    """Some known scores follow from the value, as almost all do."""
    card = compile_card(parse(data.draw(cards())))
    width = len(card.metrics)
    rows = data.draw(st.lists(st.lists(ROW, min_size=width, max_size=width), max_size=4))
    numbers = np.array(rows, np.int64).reshape(len(rows), width, 4)
    value, known, status, measured = np.moveaxis(numbers, 2, 0)
    follows = data.draw(st.booleans())
    own = regraded(card, value) if follows else known.astype(np.int32)
    return card, records(value, own, status.astype(np.uint8), measured.astype(np.int32))


@FEW
@given(st.data())
def test_rows_read_back_as_they_were(data: st.DataObject) -> None:
    card, rows = drawn(data)
    assert unpack(card, pack(card, rows)).tolist() == rows.tolist()


@FEW
@given(st.data())
def test_rows_chosen_and_put_together_again_are_the_same(data: st.DataObject) -> None:
    card, rows = drawn(data)
    packed = pack(card, rows)
    again = Packed.of([packed[i] for i in range(len(packed))][::-1])
    assert unpack(card, again).tolist() == rows[::-1].tolist()
    chosen = np.arange(len(rows))[::2]
    assert unpack(card, packed.chosen(chosen)).tolist() == rows[::2].tolist()


@FEW
@given(st.data())
def test_rows_of_the_plain_format_are_read_among_the_others(data: st.DataObject) -> None:
    card, rows = drawn(data)
    packed = pack(card, rows)
    plain = [bytes([PLAIN]) + row.tobytes() for row in rows]
    mixed = [plain[i] if i % 2 else packed[i] for i in range(len(rows))]
    assert unpack(card, Packed.of(mixed)).tolist() == rows.tolist()
    assert [repacked(card, row) for row in plain] == [packed[i] for i in range(len(rows))]


@pytest.mark.parametrize(
    ("value", "known", "size"),
    [(0, 0, 2), (120_000, 217_391, 4), (123_456, 232_417, 6), (123_456, 5, 9)],
)
def test_a_metric_takes_few_bytes(value: int, known: int, size: int) -> None:
    """With a score that follows from the value: the format, its head and the value."""
    metric = {
        "key": "m",
        "name": "M",
        "weight": 1,
        "source": {"type": "usage", "measure": "logins"},
        "grade": {"type": "linear", "worst": 7, "best": 30},
    }
    group = {"key": "g", "name": "G", "weight": 1, "metrics": [metric]}
    card = compile_card(parse({"key": "c", "name": "C", "groups": [group]}))
    rows = np.array([[(value, known, 0, -1)]], RECORD)
    assert len(pack(card, rows)[0]) == size
