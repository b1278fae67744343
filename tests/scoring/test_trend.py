from datetime import date, timedelta

from scoring import bands
from scoring.engine.schemes import SHIPPED
from scoring.trend import BOTTOM, TOP, Mark, Week, trend

LOOKS = bands.look(SHIPPED["ryg"])
FIRST = date(2025, 6, 1)


def weeks(*scores: int | None) -> list[Week]:
    return [
        Week(FIRST + timedelta(weeks=at), None if score is None else score * 10_000)
        for at, score in enumerate(scores)
    ]


def test_trend_places_scores_between_its_scale_and_hundred() -> None:
    drawn = trend(weeks(100, 60), LOOKS)
    assert [box.x for box in drawn.boxes] == [25, 75]
    assert [box.y for box in drawn.boxes] == [TOP, 114.8]
    assert drawn.lines == ("250,0 750,100.8",)


def test_trend_leaves_gaps_open() -> None:
    drawn = trend(weeks(80, 70, None, 60), LOOKS)
    assert len(drawn.lines) == 1
    assert drawn.boxes[2].y is None
    assert drawn.end == drawn.boxes[3]


def test_trend_without_a_score_still_has_its_boxes() -> None:
    drawn = trend(weeks(None, None), LOOKS)
    assert (drawn.lines, drawn.end, len(drawn.boxes)) == ((), None, 2)


def test_trend_of_no_week_is_empty() -> None:
    assert trend([], LOOKS).boxes == ()


def test_trend_shows_the_zones_in_sight() -> None:
    drawn = trend(weeks(90, 85), LOOKS)
    assert [(zone.band.key, zone.line) for zone in drawn.zones] == [
        ("red", None),
        ("yellow", 137.5),
        ("green", 74.5),
    ]
    assert sum(zone.height for zone in drawn.zones) == BOTTOM - TOP


def test_trend_collects_the_marks_of_a_week() -> None:
    marks = [
        Mark(FIRST + timedelta(days=3), "$", "Contract +12,000"),
        Mark(FIRST + timedelta(days=7), "v4", "Version 4"),
        Mark(FIRST + timedelta(days=14), "v5", "Version 5", "/v5"),
        Mark(FIRST + timedelta(days=99), "$", "later than the chart"),
        Mark(FIRST - timedelta(days=7), "$", "earlier than the chart"),
    ]
    drawn = trend(weeks(80, 70, 60), LOOKS, marks)
    assert [(sign.glyph, sign.labels, sign.url) for sign in drawn.signs] == [
        ("2", ("Contract +12,000", "Version 4"), ""),
        ("v5", ("Version 5",), "/v5"),
    ]


def test_trend_leaves_out_month_names_that_would_collide() -> None:
    months = trend(weeks(*[50] * 104), LOOKS).months
    assert [(month.day.month, month.with_year) for month in months[:3]] == [
        (7, False),
        (10, False),
        (1, True),
    ]


def test_trend_gives_each_week_its_change() -> None:
    boxes = trend(weeks(80, 70, None, 60)).boxes
    assert [box.change for box in boxes] == [None, -100_000, None, None]


def test_trend_joins_marks_that_would_touch() -> None:
    marks = [
        Mark(FIRST + timedelta(weeks=150), "$", "Contract"),
        Mark(FIRST + timedelta(weeks=152), "v4", "Version 4"),
        Mark(FIRST + timedelta(weeks=160), "v5", "Version 5"),
    ]
    drawn = trend(weeks(*[50] * 200), LOOKS, marks)
    assert [sign.glyph for sign in drawn.signs] == ["2", "v5"]
