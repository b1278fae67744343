"""The list of accounts in use: columns, filters with chips, saved views, files, search as you type."""

import csv
import io
import re

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.flows.test_pages import barriers, sticking_out
from tests.flows.visitors import Visitors, names

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

LIST = "/w/demo/accounts/"


def heads(page: Page) -> list[str]:
    return page.locator("table.portfolio thead th:not(.pick)").all_inner_texts()


def cells(page: Page, column: str) -> list[str]:
    place = heads(page).index(column)
    rows = page.locator("table.portfolio tbody tr")
    return [row.locator("th, td:not(.pick)").nth(place).inner_text().strip() for row in rows.all()]


def choose_columns(page: Page, *labels: str) -> None:
    page.locator("summary").filter(has_text="Columns").click()
    form = page.locator("form#columns")
    for label in labels:
        form.get_by_label(label, exact=True).check()
    form.get_by_role("button", name="Show these columns").click()
    page.wait_for_url(re.compile("columns="))


def test_columns_are_chosen_sorted_and_saved_with_the_view(visitors: Visitors) -> None:
    page = visitors.open("csm")
    page.goto(f"{LIST}?view=all")
    usual = heads(page)
    choose_columns(page, "Coverage", "region")
    assert heads(page) == [*usual, "Coverage", "region"]
    page.locator("thead").get_by_role("link", name="region").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("region")
    regions = [region for region in cells(page, "region") if region]
    assert (regions, len(set(regions)) > 1) == (sorted(regions, key=str.lower), True)
    assert (sticking_out(page), barriers(page)) == ([], [])
    page.locator("summary").filter(has_text="View").click()
    page.get_by_label("Save what is shown as").fill("By region")
    page.get_by_role("button", name="Save the view").click()
    expect(page.locator("summary").filter(has_text="View: By region")).to_be_visible()
    shown = names(page)
    again = visitors.open("csm", width=1024)
    again.goto("/w/demo/views/by-region/")
    assert (heads(again), names(again)) == ([*usual, "Coverage", "region"], shown)


def test_columns_are_chosen_and_moved_without_scripts(visitors: Visitors) -> None:
    page = visitors.open("csm", java_script_enabled=False)
    page.goto(f"{LIST}?columns=stage,owner")
    page.locator("summary").filter(has_text="Columns").click()
    page.get_by_role("link", name="Choose the columns").click()
    page.get_by_role("button", name="Owner further to the front").click()
    page.get_by_role("button", name="Show these columns").click()
    assert heads(page) == ["Account", "Owner", "Stage"]


def test_filters_have_chips_and_files_hold_what_is_shown(visitors: Visitors) -> None:
    page = visitors.open("manager")
    page.goto(f"{LIST}?view=all&columns=score,value,attr:region")
    everybody = names(page)
    page.locator("summary").filter(has_text="Attribute").click()
    page.locator("#attribute").get_by_role("link", name="region").click()
    value = page.locator("form#attribute .picks label").first
    region = value.inner_text().strip()
    value.click()
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("link", name=f"region: {region}, remove")).to_be_visible()
    assert set(cells(page, "region")) == {region}
    page.locator("summary").filter(has_text="Renewal").click()
    page.get_by_label("To", exact=True).fill("3650")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("link", name="Renewal: Within 3650 days, remove")).to_be_visible()
    shown = names(page)
    assert 0 < len(shown) < len(everybody)
    told = list(csv.reader(io.StringIO(download(page, "CSV").decode())))
    assert told[0] == [
        *("account", "name", "score", "band", "notes", "contract_value", "currency", "region"),
    ]
    assert [row[1] for row in told[1:]] == shown
    book = openpyxl.load_workbook(io.BytesIO(download(page, "Excel")))
    assert [row[1] for row in book["accounts"].iter_rows(values_only=True)][1:] == shown
    for chip in ("Renewal: ", "region: "):
        page.get_by_role("link", name=re.compile(f"^{chip}")).click()
        expect(page.get_by_role("link", name=re.compile(f"^{chip}"))).to_have_count(0)
    assert names(page) == everybody


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as found:
        page.get_by_role("link", name=name).click()
    return found.value.path().read_bytes()


def test_search_answers_while_it_is_typed_and_keeps_the_filters(visitors: Visitors) -> None:
    page = visitors.open("csm")
    page.goto(f"{LIST}?view=all&sort=name&columns=score,stage")
    whole = names(page)
    word = whole[-1].split()[0]
    page.keyboard.press("/")
    page.keyboard.type(word.lower())
    wanted = [name for name in whole if word.lower() in name.lower()]
    expect(page.locator("table.portfolio .row-link")).to_have_text(wanted)
    expect(page).to_have_url(re.compile(f"q={word.lower()}"))
    assert heads(page) == ["Account", "Score", "Stage"]
    expect(page.get_by_role("link", name=f"Search: “{word.lower()}”, remove")).to_be_visible()
    page.get_by_role("searchbox").fill("nobody is called so")
    expect(page.get_by_role("heading", name="No account matches")).to_be_visible()
    page.get_by_role("link", name="Show all accounts").click()
    expect(page.locator("table.portfolio .row-link").first).to_be_visible()
    page.get_by_role("link", name="My team’s").click()
    expect(page.locator("[aria-current]", has_text="My team’s")).to_be_visible()
