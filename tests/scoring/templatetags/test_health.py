from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from scoring import bands, markup
from scoring.engine.schemes import SHIPPED
from scoring.templatetags import health

LETTERS = bands.look(SHIPPED["letter"])
RYG = bands.look(SHIPPED["ryg"])


def render(source: str, **context: Any) -> str:
    return Template("{% load health %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("fixed", "score", "points", "signed"),
    [
        (401_228, "40", "40.1", "+40.1"),
        (504_999, "50", "50.5", "+50.5"),
        (505_000, "51", "50.5", "+50.5"),
        (84_500, "8", "8.5", "+8.5"),
        (-71_000, "−7", "−7.1", "−7.1"),
        (400, "0", "0.0", "0.0"),
        (-400, "0", "0.0", "0.0"),
        (None, "–", "–", "–"),
        ("", "–", "–", "–"),
    ],
)
def test_scores_are_rounded_half_up_where_they_are_shown(
    fixed: markup.Fixed, score: str, points: str, signed: str
) -> None:
    assert health.score(fixed) == score
    assert markup.points(fixed) == points
    assert markup.signed(fixed) == signed


def test_points_follow_the_language() -> None:
    with translation.override("de"):
        assert markup.points(82_000) == "8,2"


def test_direction_is_that_of_what_is_shown() -> None:
    assert [markup.direction(value) for value in (-71_000, -400, 0, None, 500)] == [
        "down",
        "same",
        "same",
        "same",
        "up",
    ]


def test_band_shows_shape_number_and_word() -> None:
    html = render("{% band look 540000 %}", look=RYG[1])
    assert html.count("#s-diamond") == 1
    assert html.count("<span>54</span>") == 1
    assert html.count('<span class="word">At risk</span>') == 1


def test_band_of_letters_shows_the_letter_in_place_of_the_number() -> None:
    html = render("{% band look 540000 %}", look=LETTERS[0])
    assert html.count("<span>F</span>") == 1
    assert html.count("54") == 0


def test_band_without_its_word_keeps_it_for_listeners() -> None:
    html = render("{% band look 540000 word=False %}", look=RYG[1])
    assert html.count('<span class="vh">At risk</span>') == 1


def test_band_of_nothing_is_unknown() -> None:
    html = render("{% band look %}", look=None)
    assert html.count("#s-ring") == 1
    assert html.count("Unknown") == 1


def test_delta_has_an_arrow_a_sign_and_its_days() -> None:
    html = render("{% delta change 30 %}", change=-120_000)
    assert html.count("#s-triangle-down") == 1
    assert html.count("<span>−12</span>") == 1
    assert html.count("in 30 days") == 1


def test_delta_of_nothing_is_a_dash_without_days() -> None:
    html = render("{% delta change 30 %}", change=None)
    assert html.count("–") == 1
    assert html.count("in 30 days") == 0


def test_chart_coordinates_ignore_the_language() -> None:
    with translation.override("de"):
        html = render("{% earned 82000 200000 240000 %}")
        spark = render("{% sparkline values %}", values=[400_000, 600_000, 500_000])
    assert html.count('width="34.17%"') == 1
    assert html.count("8,2 ") == 2
    assert spark.count('cx="94.0"') == 1


def test_earned_of_what_is_not_counted_says_so() -> None:
    assert render("{% earned got of %}", got=None, of=0).count('aria-label="not counted"') == 1
