"""The list of accounts in use: columns, saved views, search as you type."""

import re

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
