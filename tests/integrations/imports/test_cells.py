from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations.imports import cells


@pytest.mark.parametrize(
    ("text", "comma", "expected"),
    [
        ("12500", False, "12500"),
        ("12,500.50", False, "12500.50"),
        ("€ 12.500,50", True, "12500.50"),
        ("12.500", True, "12500"),
        ("12.500", False, "12.500"),
        ("1.234.567", False, "1234567"),
        ("12 500", False, "12500"),
        ("12’500", False, "12500"),
        ("1234,5", False, "1234.5"),
        ("$1,000", False, "1000"),
        ("-3", False, "-3"),
    ],
)
def test_amount_is_read_as_people_write_it(text: str, comma: bool, expected: str) -> None:
    assert cells.amount(text, decimal_comma=comma) == Decimal(expected)


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "12k", "1-2", "--1"])
def test_amount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        cells.amount(text, decimal_comma=False)


@pytest.mark.parametrize("text", ["1.5", "nan", "1e99", "Infinity"])
def test_part_of_a_seat_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="whole"):
        cells.whole(text, decimal_comma=False)


@pytest.mark.parametrize(
    "text",
    ["2025-11-18", "2025-11-18T10:00:00Z", "2025-11-18 10:00", "18.11.2025"],
)
def test_day_is_read(text: str) -> None:
    assert cells.day(text) == date(2025, 11, 18)


@pytest.mark.parametrize("text", ["11/12/2025", "2025-13-01", "31.02.2025", "soon", "20251118"])
def test_day_that_is_none_or_ambiguous_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no day"):
        cells.day(text)


@pytest.mark.parametrize(
    ("text", "comma", "expected"),
    [
        ("5", False, 5),
        ("-5.25", False, -5.25),
        ("5,25", True, 5.25),
        ("5,25", False, "5,25"),
        ("007", False, "007"),
        ("0", False, 0),
        ("1234567890123456", False, "1234567890123456"),
        ("yes", False, True),
        ("FALSE", False, False),
        ("18.11.2025", False, "2025-11-18"),
        ("11/12/2025", False, "11/12/2025"),
        ("1e5", False, "1e5"),
        ("Gold", False, "Gold"),
    ],
)
def test_attribute_is_what_it_looks_like(text: str, comma: bool, expected: Any) -> None:
    found = cells.value(text, decimal_comma=comma)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, True),
        (40.0, 40),
        (1.5, 1.5),
        (datetime(2026, 3, 9, tzinfo=UTC).replace(tzinfo=None), "2026-03-09"),
        (datetime(2026, 3, 9, 10, tzinfo=UTC).replace(tzinfo=None), "2026-03-09 10:00:00"),
        (timedelta(minutes=5), 300),
    ],
)
def test_typed_cell_stays_what_it_is(value: Any, expected: Any) -> None:
    found = cells.plain(value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    "text",
    ["2026-03-09T09:00:00Z", "2026-03-09 10:00", "2026-03-09T10:00:00+01:00", "09.03.2026 10:00"],
)
def test_time_without_a_zone_is_one_of_the_workspace(text: str) -> None:
    found = cells.moment(text, ZoneInfo("Europe/Berlin"))
    assert found == datetime(2026, 3, 9, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "10:00", "2026-13-01 10:00", "2026-03-09 25:00"])
def test_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        cells.moment(text, ZoneInfo("UTC"))


def test_error_of_a_spreadsheet_is_told() -> None:
    with pytest.raises(ValueError, match="#REF!"):
        cells.text("#REF!")
