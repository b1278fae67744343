from typing import Any

import pytest

from accounts.spreadsheets import csv_text, safe_cell, workbook_cell


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-x", "@SUM(A1)", "\tx", "\rx", "-1+2", "=-1"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_what_a_workbook_leaves_out_hides_no_formula() -> None:
    assert workbook_cell("\x01=1+1") == "'=1+1"
    assert workbook_cell("a\x01=b") == "a=b"
    assert workbook_cell(-3) == -3


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("-3.0000", "-3.0000"),
        ("+1", "+1"),
        (-3, -3),
        (None, ""),
        (True, "true"),
        (False, "false"),
        ("a=b", "a=b"),
        ({"a": "ü"}, '{"a": "ü"}'),
        ([1], "[1]"),
    ],
)
def test_other_values_stay_as_they_are(value: Any, cell: Any) -> None:
    assert safe_cell(value) == cell


def test_columns_are_those_of_all_rows() -> None:
    text = csv_text([{"a": 1}, {"a": 2, "=b": "x\ny"}])
    assert text == 'a,\'=b\r\n1,\r\n2,"x\ny"\r\n'
    assert csv_text([], columns=["a", "b"]) == "a,b\r\n"
