"""An admin changes a scorecard, sees what that does, publishes it, and takes it back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.flows.test_pages import barriers, sticking_out
from tests.flows.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

CARD = "/w/demo/settings/scorecards/adoption"
PUBLISHED = re.compile(r"Version (\d+) is published")


def change_weight(page: Page, weight: str) -> None:
    """Of the first metric, in the document."""
    page.goto(f"{CARD}/document/")
    text = page.locator("textarea").first.input_value()
    metrics = text.index("metrics:")
    changed = re.sub(r"weight: [\d.]+", f"weight: {weight}", text[metrics:], count=1)
    page.locator("textarea").first.fill(text[:metrics] + changed)
    page.get_by_role("button", name="Import as draft").click()
    expect(page.get_by_text("changes not published")).to_be_visible()


def publish(page: Page, note: str) -> int:
    page.get_by_label("What changed, and why?").fill(note)
    page.get_by_role("button", name="Publish", exact=True).click()
    told = page.get_by_text(PUBLISHED)
    expect(told).to_be_visible()
    found = PUBLISHED.search(told.inner_text())
    assert found
    return int(found[1])


def test_draft_is_looked_at_published_compared_and_taken_back(visitors: Visitors) -> None:
    page = visitors.open("admin", reduced_motion="reduce")
    change_weight(page, "97")
    page.get_by_role("link", name="Publish…").click()
    expect(page.locator(".headline")).to_contain_text(re.compile("account"))
    sentence = page.locator(".what .changes li").first.inner_text()
    assert re.search(r"Weight of .+ → 97 \(", sentence)
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert (width, sticking_out(page), barriers(page)) == (width, [], [])
    page.set_viewport_size({"width": 1440, "height": 900})
    cell = page.locator("table.moves td a").first
    if cell.count():
        count = int(cell.locator("b").inner_text())
        cell.click()
        expect(page.locator("#listed small").first).to_contain_text(f"{count} account")
        expect(page.locator("#listed tbody tr")).to_have_count(count)
    number = publish(page, "One thing counts most.")
    expect(page.get_by_role("heading", name=f"Version {number}")).to_be_visible()
    expect(page.locator(".changes")).to_contain_text("→ 97 (")
    page.get_by_role("link", name="Versions").click()
    before = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name=f"Version {number - 1}", exact=True)
    )
    before.get_by_role("link", name="Compare with the one in force").click()
    expect(page.locator(".changes")).to_contain_text("→ 97 (")
    page.go_back()
    before.get_by_role("button", name="Restore as draft").click()
    expect(page.locator(".what .changes")).to_contain_text(re.compile(r"Weight of .+ 97 →"))
    assert publish(page, "Back.") == number + 1
    expect(page.locator(".changes")).to_contain_text(re.compile(r"Weight of .+ 97 →"))


def test_without_javascript_a_cell_opens_its_accounts(visitors: Visitors) -> None:
    page = visitors.open("admin", java_script_enabled=False)
    change_weight(page, "89")
    page.get_by_role("link", name="Publish…").click()
    expect(page.get_by_role("heading", name="Who changes band")).to_be_visible()
    cell = page.locator("table.moves td a").first
    if cell.count():
        count = int(cell.locator("b").inner_text())
        cell.click()
        expect(page.locator("#listed tbody tr")).to_have_count(count)
    page.get_by_role("button", name="Discard", exact=True).first.click()
