"""A file's whole way in, as a manager goes it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flows.visitors import Visitors
from tests.integrations.imported import csv_file, xlsx_file

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]


def rows(prefix: str) -> list[list[str]]:
    good = [[f"{prefix}-{n}", f"{prefix} {n}", "500"] for n in range(3)]
    return [["Customer ID", "Title", "ARR"], *good, [f"{prefix}-bad", "", "much"]]


def go_through(page: Page, file: Path) -> None:
    page.goto("/w/demo/accounts/")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_role("radio", name="Accounts Customer").check()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label("Customer ID")).to_have_value("key")
    page.get_by_label("Title").select_option(label="Name")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="What the file would do")).to_be_visible()
    expect(page.get_by_text("“much” is no number.").first).to_be_visible()
    page.get_by_role("button", name="Import 3 rows").click()
    # A worker of the installation does it; the page follows by itself, without JavaScript too.
    expect(page.get_by_role("heading", name="What was imported")).to_be_visible(timeout=60_000)


def test_import_with_javascript(visitors: Visitors, tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    file.write_bytes(csv_file(rows("Plain")))
    page = visitors.open("admin")
    go_through(page, file)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert text.splitlines() == [
        "import_row,import_column,import_message,Customer ID,Title,ARR",
        "5,ARR,“much” is no number.,Plain-bad,,much",
    ]
    page.get_by_role("link", name="See the accounts").click()
    page.goto("/w/demo/accounts/?q=Plain")
    expect(page.get_by_role("link", name="Plain 2")).to_be_visible()


def test_import_without_javascript(visitors: Visitors, tmp_path: Path) -> None:
    file = tmp_path / "sheet.xlsx"
    file.write_bytes(xlsx_file(rows("Sheet")))
    page = visitors.open("admin", java_script_enabled=False)
    go_through(page, file)
    page.goto("/w/demo/imports/")
    expect(page.get_by_role("link", name="sheet.xlsx")).to_be_visible()
