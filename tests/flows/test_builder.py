"""The builder as an admin meets it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.flows.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]


def begin(page: Page, name: str) -> None:
    """A scorecard with nothing in it."""
    page.goto("/w/demo/settings/new-scorecard/")
    page.locator('input[name="starter"][value=""]').check()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create the draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def add_group(page: Page, name: str) -> None:
    page.locator("#tree footer").get_by_role("link", name="Group").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add the group").click()
    expect(page.get_by_role("heading", level=2, name=name)).to_be_visible()


def add_metric(page: Page, name: str, source: str) -> None:
    page.locator("#tree footer").get_by_role("link", name="Metric").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("radio", name=re.compile(f"^{source}")).check()
    page.get_by_role("button", name="Add the metric").click()
    expect(page.get_by_role("heading", level=2, name=name)).to_be_visible()


def in_tree(page: Page, name: str) -> Locator:
    return page.locator("#tree tr[data-node]").filter(
        has=page.get_by_role("link", name=name, exact=True)
    )


def test_scorecard_is_built_from_nothing(visitors: Visitors) -> None:
    page = visitors.open("admin")
    begin(page, "Built")
    add_group(page, "Use")
    add_metric(page, "Log-ins", "Usage")
    expect(page).to_have_url(re.compile("/metrics/log-ins/$"))
    expect(page.locator("#histogram")).to_contain_text("accounts today")
    assert page.locator("#histogram .bar").count() > 1
    add_metric(page, "Sponsor", "A person's judgement")
    expect(in_tree(page, "Log-ins").locator(".share")).to_contain_text("50 % of group")
    page.get_by_label("Weight of Log-ins").fill("3")
    expect(in_tree(page, "Log-ins").locator(".share")).to_contain_text("75 % of group")
    expect(page.get_by_label("Weight of Log-ins")).to_be_focused()
    expect(page.locator("#effect")).to_contain_text("By this draft; nothing is published yet.")


def test_overlap_is_told_while_it_is_typed(visitors: Visitors) -> None:
    page = visitors.open("admin")
    page.goto("/w/demo/settings/scorecards/health/metrics/licenses/")
    expect(page.locator("#effect")).to_contain_text("As published.")
    zones = page.locator("#histogram .zone")
    before = zones.count()
    field = page.locator("#step-3-min")
    field.fill("20")
    expect(page.get_by_text("Overlaps: two steps begin at 20.").first).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#effect")).to_contain_text("once what is marked is mended")
    assert before > 1
    expect(zones).to_have_count(0)
    field.fill("55")
    expect(page.locator("#step-3-min-found")).to_be_empty()
    expect(page.locator("#effect .moves")).to_be_visible()
    expect(page.get_by_text("changes not published")).to_be_visible()
    page.reload()
    expect(page.locator("#step-3-min")).to_have_value("55")


def test_address_names_what_is_edited_and_back_returns(visitors: Visitors) -> None:
    page = visitors.open("admin")
    page.goto("/w/demo/settings/scorecards/health/")
    page.locator("#tree").get_by_role("link", name="NPS").click()
    expect(page).to_have_url(re.compile("/metrics/nps/$"))
    expect(page.locator("#tree").get_by_role("link", name="NPS")).to_be_focused()
    expect(page.locator("#tree [aria-current]")).to_have_text("NPS")
    page.locator("#tree").get_by_role("link", name="Exceptions").click()
    expect(page.get_by_role("heading", level=2, name="Exceptions")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=2, name="NPS")).to_be_visible()


def test_another_source_shows_its_own_fields(visitors: Visitors) -> None:
    page = visitors.open("admin")
    page.goto("/w/demo/settings/scorecards/adoption/")
    page.locator("#tree tr.metric a").first.click()
    page.get_by_role("radio", name="A field of the account").check()
    expect(page.get_by_label("Field of the account", exact=True)).to_be_visible()
    expect(page.get_by_role("radio", name="A field of the account")).to_be_focused()
    page.get_by_label("Field of the account", exact=True).fill("open_tickets")
    page.get_by_label("Field of the account", exact=True).press("Tab")
    expect(page.locator("#histogram .bar").first).to_be_visible()
    expect(page.locator("#sentence")).to_contain_text("open_tickets")


def test_without_javascript_a_scorecard_is_built(visitors: Visitors) -> None:
    page = visitors.open("admin", java_script_enabled=False)
    begin(page, "Plain")
    add_group(page, "Use")
    add_metric(page, "Log-ins", "Usage")
    page.get_by_label("Score 100 at").fill("0")
    page.get_by_label("Score 0 at").fill("0")
    page.get_by_role("button", name="Save in the draft").last.click()
    expect(page.get_by_text("The values for 0 and for 100 must differ.").first).to_be_visible()
    page.get_by_label("Score 100 at").fill("20")
    page.get_by_role("button", name="Save in the draft").last.click()
    expect(page.locator("#e-best-found")).to_be_empty()
    page.get_by_label("Weight of Log-ins").fill("2")
    page.get_by_role("button", name="Save the weights").click()
    expect(page.get_by_label("Weight of Log-ins")).to_have_value("2")
    page.get_by_role("link", name="Work it out").click()
    expect(page.locator("#effect")).to_contain_text(re.compile(r"\d+ accounts"))
    page.get_by_role("button", name=re.compile("^Leave .* out$")).first.click()
    expect(page.locator(".watched li")).to_have_count(3)
