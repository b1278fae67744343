from datetime import date, timedelta

import pytest

from scoring.engine.fixed import SCALE
from scoring.line_chart import BOTTOM, TOP, chart, scale

DAYS = [date(2026, 3, 1) + timedelta(days=n) for n in range(5)]


@pytest.mark.parametrize(
    ("greatest", "steps"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (100, [0, 50, 100]),
        (101, [0, 50, 100, 150]),
        (12_345, [0, 5_000, 10_000, 15_000]),
        (0.03, [0, 0.01, 0.02, 0.03]),
    ],
)
def test_scale_is_round_and_holds_every_value(greatest: float, steps: list[float]) -> None:
    assert scale([0, round(greatest * SCALE)]) == [round(step * SCALE) for step in steps]


def test_gap_breaks_the_line_and_what_is_alone_is_a_dot() -> None:
    drawn = chart(DAYS, [SCALE, 2 * SCALE, None, 4 * SCALE, None])
    assert drawn.lines == ("100,135 300,90",)
    assert [slot.day for slot in drawn.lone] == [DAYS[3]]
    assert drawn.end is not None
    assert (drawn.end.day, drawn.end.y) == (DAYS[3], TOP)
    assert drawn.slots[2].y is None


def test_band_goes_up_and_back_where_it_is_known() -> None:
    low, high = [0, 0, None, 0, 0], [SCALE, SCALE, None, SCALE, SCALE]
    drawn = chart(DAYS, [None] * 5, low=low, median=low, high=high)
    assert drawn.bands == ("100,0 300,0 300,180 100,180", "700,0 900,0 900,180 700,180")
    assert (drawn.end, BOTTOM - TOP) == (None, 180)
