"""Pages in use: opened, wrong, walked through by key, and still while they load."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.flows.looking import SHIFTS, barriers, barriers_inside, sticking_out
from tests.flows.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

LIST = "/w/demo/accounts/"
OPENING = "details:not(details details), dialog[popover]"
PAGES = {
    "portfolio": LIST,
    "account": f"{LIST}{{account}}/",
    "alerts": "/w/demo/alerts/",
    "movers": "/w/demo/movers/",
    "scorecards": "/w/demo/settings/scorecards/",
    "components": "/w/demo/settings/components/",
}
WRONG = {
    "account": ("/w/demo/new-account/", "Add account"),
    "touchpoint": ("/w/demo/new-touchpoint/{account}/", "Log it"),
    "rule": ("/w/demo/settings/new-rule/", "Save"),
    "member": ("/w/demo/settings/members/", "Add"),
}


@pytest.fixture(scope="module")
def account(every_visitor: Visitors) -> str:
    page = every_visitor.open("admin")
    page.goto(f"{LIST}?sort=change")
    href = page.locator(".row-link").first.get_attribute("href") or ""
    return href.rstrip("/").rpartition("/")[2]


def looked_at(visitors: Visitors, path: str, width: int = 1440) -> Page:
    page = visitors.open("admin", width=width, reduced_motion="reduce")
    page.goto(path)
    return page


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("width", [1440, 390])
def test_whatever_opens_shuts_nobody_out(
    visitors: Visitors, account: str, path: str, width: int
) -> None:
    page = looked_at(visitors, path.format(account=account), width)
    assert barriers_inside(page, OPENING) == []


@pytest.mark.parametrize(("path", "button"), WRONG.values(), ids=WRONG)
def test_wrong_form_says_where(visitors: Visitors, account: str, path: str, button: str) -> None:
    page = looked_at(visitors, path.format(account=account), 390)
    page.locator("main form").first.evaluate("form => form.noValidate = true")
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    wrong = page.locator("[aria-invalid=true]").first
    told = re.compile(r"This field is required\.|Say in a few words what it was\.")
    expect(wrong).to_have_accessible_description(told)
    assert (sticking_out(page), barriers(page)) == ([], [])


@pytest.mark.parametrize("path", [LIST, f"{LIST}{{account}}/"], ids=["list", "account"])
def test_nothing_moves_while_a_page_loads(visitors: Visitors, account: str, path: str) -> None:
    page = visitors.open("admin")
    page.add_init_script(SHIFTS)
    page.goto(path.format(account=account), wait_until="networkidle")
    assert page.evaluate("window.shifted") < 0.01


def test_first_key_skips_to_the_content(visitors: Visitors) -> None:
    page = looked_at(visitors, LIST)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
