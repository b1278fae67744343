from datetime import date, timedelta

from scoring.stacked_chart import BOTTOM, TOP, stacked_chart

DAYS = [date(2026, 3, 1) + timedelta(days=7 * n) for n in range(2)]
NAMES = ("daily", "frequent", "inactive")


def test_parts_stand_on_each_other_and_fill_the_whole() -> None:
    shares = [(250_000, 250_000, 500_000), (0, 1_000_000, 0)]
    drawn = stacked_chart(DAYS, shares, NAMES, goal=500_000, urls=["?a", "?b"])
    first, second = drawn.columns
    assert [(part.name, part.y, part.height) for part in first.parts] == [
        ("daily", 169, 45),
        ("frequent", 124, 45),
        ("inactive", 34, 90),
    ]
    assert [(part.name, part.y, part.height) for part in second.parts] == [
        ("frequent", TOP, BOTTOM - TOP)
    ]
    assert (drawn.goal, first.url, second.left) == (124, "?a", 50)
