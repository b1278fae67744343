from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from accounts.templatetags import ui

TODAY = date(2025, 11, 21)


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (8_400_000, "USD", "$84,000"),
        (8_400_050, "USD", "$84,000.50"),
        (-1_200, "EUR", "−€12"),
        (84_000, "JPY", "¥84,000"),
        (1_500, "KWD", "KWD\N{NO-BREAK SPACE}1.500"),
        (0, "USD", "$0"),
        (None, "USD", "–"),
    ],
)
def test_money_reads_minor_units(minor: int | None, currency: str, expected: str) -> None:
    assert ui.money(minor, currency) == expected


@pytest.mark.parametrize(
    ("minor", "expected"),
    [
        (98_000_000_000, "$980 M"),
        (980_000_000, "$9.8 M"),
        (99_999_999, "$1 M"),
        (64_000_000, "$640 k"),
        (990_000, "$9,900"),
        (None, "–"),
    ],
)
def test_money_short_is_for_headlines(minor: int | None, expected: str) -> None:
    assert ui.money_short(minor, "USD").replace("\N{NARROW NO-BREAK SPACE}", " ") == expected


def test_number_follows_the_language() -> None:
    assert ui.number(Decimal("-1234.55"), 1) == "−1,234.6"
    with translation.override("de"):
        assert ui.number(1234.5, 1) == "1.234,5"
        assert ui.money(8_400_000, "USD") == "$84.000"


def test_percent_reads_ten_thousandths() -> None:
    assert ui.percent(9_400) == "94\N{NARROW NO-BREAK SPACE}%"
    assert ui.percent(None) == "–"


def test_day_leaves_out_the_year_of_as_of() -> None:
    assert ui.day(date(2025, 1, 23)) == "23 Jan 2025"
    assert ui.day(date(2025, 1, 23), TODAY) == "23 Jan"
    assert ui.day(date(2026, 1, 23), TODAY) == "23 Jan 2026"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2025, 11, 21), "today"),
        (date(2025, 11, 22), "tomorrow"),
        (date(2025, 11, 20), "yesterday"),
        (date(2026, 1, 23), "in 63 days"),
        (date(2026, 4, 20), "in 5 months"),
        (date(2028, 11, 21), "in 3 years"),
        (date(2025, 11, 9), "12 days ago"),
        (None, "–"),
    ],
)
def test_relative_day_counts_from_as_of(value: date | None, expected: str) -> None:
    assert ui.relative_day(value, TODAY) == expected


@pytest.mark.parametrize(
    ("query", "state", "link"),
    [
        ("", "none", "?sort=-score"),
        ("sort=-score&q=con&after=9", "descending", "?sort=score&amp;q=con"),
        ("sort=score", "ascending", "?sort=-score"),
    ],
)
def test_sort_header_turns_and_keeps_the_filters(query: str, state: str, link: str) -> None:
    request = RequestFactory().get(f"/?{query}")
    template = Template('{% load ui %}{% sort_header "Score" "score" descending=True %}')
    html = template.render(Context({"request": request}))
    assert html.count(f'aria-sort="{state}"') == 1
    assert html.count(f'href="{link}"') == 1
