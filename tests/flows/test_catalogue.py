"""An admin makes a scorecard out of a template, copies it, and puts the copy away."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.flows.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

LIST = "/w/empty/settings/scorecards/"
STRANGER = "stranger@other.example"


def names(page: Page) -> list[str]:
    return page.locator(".scorecards .row-link").all_inner_texts()


def more(page: Page, name: str, action: str) -> None:
    page.get_by_label(f"More for “{name}”").click()
    page.locator("details[open]").get_by_text(action, exact=True).click()


def test_template_is_created_duplicated_arranged_and_archived(visitors: Visitors) -> None:
    page = visitors.open(STRANGER)
    page.goto(LIST)
    page.get_by_role("link", name="New scorecard").first.click()
    expect(page.get_by_role("heading", name="Inside: Customer health")).to_be_visible()
    page.get_by_role("radio", name=re.compile("^Onboarding")).check(force=True)
    expect(page.get_by_role("heading", name="Inside: Customer health")).to_be_hidden()
    expect(page.get_by_text("Kick-off held")).to_be_visible()
    page.get_by_role("button", name="Create the draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Onboarding")
    page.goto(LIST)
    expect(page.get_by_text("never published")).to_be_visible()

    more(page, "Onboarding", "Duplicate…")
    expect(page.get_by_role("heading", name="Inside: A copy of “Onboarding”")).to_be_visible()
    page.get_by_label("Name").fill("Onboarding, small accounts")
    page.get_by_role("button", name="Create the draft").click()
    page.goto(LIST)
    assert names(page) == ["Onboarding", "Onboarding, small accounts"]

    page.get_by_role("button", name="Move “Onboarding, small accounts” up").click()
    expect(page.locator(".scorecards .row-link").first).to_have_text("Onboarding, small accounts")
    page.reload()
    assert names(page) == ["Onboarding, small accounts", "Onboarding"]

    more(page, "Onboarding, small accounts", "Archive")
    expect(page.get_by_text("“Onboarding, small accounts” is archived.")).to_be_visible()
    assert names(page) == ["Onboarding"]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".scorecards .row-link")).to_have_count(2)
    more(page, "Onboarding, small accounts", "Archive")
    page.goto(LIST)
    page.get_by_text("1 archived scorecard").click()
    page.get_by_role("button", name="Bring “Onboarding, small accounts” back").click()
    expect(page.locator(".scorecards .row-link")).to_have_count(2)


def test_letters_are_drawn_as_they_are_typed(visitors: Visitors) -> None:
    page = visitors.open(STRANGER)
    page.goto("/w/empty/settings/new-scheme/")
    looks = page.locator("#looks .band-list li")
    page.get_by_label("Quickly, out of letters or words").fill("A B")
    page.get_by_role("button", name="Make bands").click()
    expect(looks).to_have_count(2)
    page.get_by_label("Name", exact=True).first.fill("Marks")
    page.get_by_label("Quickly, out of letters or words").fill("A B C D F")
    page.get_by_label("Quickly, out of letters or words").press("Enter")
    expect(looks).to_have_count(5)
    expect(page.locator('input[name="name"]')).to_have_value("Marks")
    minimum = page.locator('input[name="band-min"]').nth(4)
    minimum.fill("90")
    expect(looks.first).to_contain_text("90–100")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("“Marks” is saved.")).to_be_visible()
    expect(page.get_by_role("heading", name="Marks")).to_be_visible()
