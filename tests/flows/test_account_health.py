"""The upper half of an account's page as a CSM reads it: header, health, reasons, trend, key metrics."""

import json
import re
import urllib.request
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.flows.installation import Installation, manage
from tests.flows.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

ACCOUNTS, LAYOUT = "/w/demo/accounts/", "/w/demo/settings/account-page/"


def open_first(page: Page, query: str) -> str:
    """The first account of the list; its key."""
    page.goto(f"{ACCOUNTS}{query}")
    page.locator("table.portfolio .row-link").first.click()
    page.wait_for_url(re.compile(rf"{ACCOUNTS}[^/?]+/"))
    return page.url.split("?")[0].rstrip("/").rpartition("/")[2]


def shown_score(page: Page) -> str:
    return page.locator(".score-big .value").inner_text()


def reason(page: Page, name: str) -> Locator:
    return page.locator("table.reasons tbody").filter(has=page.get_by_role("rowheader", name=name))


def health_of(installation: Installation, account: str) -> Any:
    made = manage(installation.home, "create_api_key", "demo", "--scopes", "read")
    request = urllib.request.Request(  # noqa: S310 (the tests' own server)
        f"{installation.address}/api/v1/accounts/{account}/health/",
        headers={"Authorization": f"Bearer {made.stdout.strip()}"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def metrics_in(groups: list[Any]) -> Iterator[Any]:
    for group in groups:
        yield from group["metrics"]
        yield from metrics_in(group["groups"])


def one_place(number: str) -> str:
    return str(Decimal(number).quantize(Decimal("0.1"), ROUND_HALF_UP))


@pytest.fixture
def layout(visitors: Visitors) -> Iterator[Page]:
    """An admin at the arrangement of the page, which is as usual again afterwards."""
    page = visitors.open("admin")
    page.goto(LAYOUT)
    yield page
    page.goto(LAYOUT)
    page.get_by_role("button", name="Back to the usual page").click()
    expect(page.get_by_label("As usual: contract")).to_be_checked()


def test_header_tells_the_facts_and_follows_the_admin_at_once(
    visitors: Visitors, layout: Page
) -> None:
    page = visitors.open("csm")
    open_first(page, "?sort=renewal&renewal=90&stage=live")
    facts = page.get_by_label("Facts")
    expect(page.locator(".page-head")).to_contain_text("customer since")
    for label in ("Contract", "Renewal", "Owner"):
        expect(facts).to_contain_text(label)
    renewal = facts.locator(".tone-warn, .tone-bad")
    expect(renewal).to_contain_text(re.compile(r"Renewal\s*(in|today|tomorrow|overdue)"))
    layout.get_by_label("As usual: contract").uncheck()
    for box in layout.locator("input[name^=fact-][name$=-shown]").all():
        box.uncheck()
    for what, place in (("Customer since", "1"), ("Plan", "2")):
        layout.get_by_label(f"Show {what}").check()
        layout.get_by_label(f"Place of {what}").fill(place)
    layout.get_by_role("button", name="Save").click()
    expect(layout.get_by_label("Show Plan")).to_be_checked()
    page.reload()
    expect(facts.locator("dt")).to_have_text(["Customer since", "Plan"])


def test_health_is_that_of_the_api_with_its_reasons_in_a_sentence(
    visitors: Visitors, installation: Installation
) -> None:
    page = visitors.open("csm")
    key = open_first(page, "?sort=change")
    told = health_of(installation, key)
    assert shown_score(page) == str(told["shown"])
    hero = page.get_by_role("region", name="Health", exact=True)
    expect(hero.locator(".score-big")).to_contain_text(told["label"])
    expect(hero.locator(".score-big")).to_contain_text(f"Customer health v{told['version']}")
    share = int(Decimal(told["coverage"]) * 100 + Decimal("0.5"))
    expect(hero.locator(".score-big")).to_contain_text(re.compile(rf"coverage {share}\s%"))
    expect(hero.locator(".why")).to_contain_text(re.compile(r"Down \d+ in 30 days: "))
    hero.get_by_role("link", name="Product adoption").click()
    expect(page.locator(".score-big")).to_contain_text("Product adoption")


def test_reasons_show_points_weight_source_and_help_and_fold_what_does_not_count(
    visitors: Visitors, installation: Installation
) -> None:
    page = visitors.open("csm")
    key = open_first(page, "?sort=name&q=a")
    for metric in metrics_in(health_of(installation, key)["groups"]):
        line = reason(page, metric["name"])
        if metric["earned"] is not None and float(metric["share"]):
            at_stake = Decimal(metric["earned"]) + Decimal(metric["missed"])
            expect(line.locator(".earned-cell")).to_contain_text(
                f"{one_place(metric['earned'])} of {one_place(str(at_stake))}"
                f" · weight {metric['weight']:g}"
            )
            expect(line.locator(".band .vh, .band .word").last).to_be_attached()
    usage = reason(page, "License utilization")
    expect(usage).to_contain_text("usage until")
    expect(usage.locator("svg.earned, svg.spark")).to_have_count(2)
    term = usage.get_by_role("button", name="License utilization")
    term.hover()
    expect(usage.get_by_text("How it is graded")).to_be_visible()
    page.mouse.move(0, 0)
    expect(usage.get_by_text("How it is graded")).to_be_hidden()
    term.click()
    expect(usage.get_by_text("How it is graded")).to_be_visible()
    reason(page, "NPS").get_by_role("link", name="Set").click()
    page.get_by_role("checkbox", name="Does not apply").check()
    page.get_by_role("textbox", name="Comment").fill("They do not answer surveys.")
    page.get_by_role("button", name="Set", exact=True).click()
    fold = page.locator("#reasons .folded")
    expect(fold.get_by_text("did not count")).to_be_visible()
    expect(reason(page, "NPS")).to_be_hidden()
    fold.get_by_text("did not count").click()
    expect(reason(page, "NPS")).to_contain_text("They do not answer surveys.")


def test_trend_opens_weeks_and_days_and_compares_any_two_points(visitors: Visitors) -> None:
    page = visitors.open("csm")
    open_first(page, "?sort=change")
    page.get_by_label("Timeline").get_by_text("Log a touchpoint").click()
    page.get_by_label("In a few words").fill("Talked about the fall")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("heading", name="Talked about the fall")).to_be_visible()
    page.reload()
    trend = page.locator(".trend")
    marks = trend.locator(".sign[aria-label*='Call: Talked about the fall']")
    expect(marks).to_have_count(1)
    weeks = trend.locator("a.week")
    weeks.nth(-6).click()
    expect(page.get_by_role("heading", name="Why in the week to")).to_be_visible()
    expect(weeks.nth(-6)).to_have_attribute("aria-current", "date")
    weeks.nth(-2).click(modifiers=["Shift"])
    expect(page.get_by_role("heading", name="Why between")).to_be_visible()
    expect(trend.locator("a.week[aria-current]")).to_have_count(2)
    expect(page.locator("#reasons .why")).to_be_visible()
    page.locator("#reasons").get_by_text("The ledger").click()
    expect(page.locator("#reasons table.ledger")).to_be_visible()
    page.get_by_role("link", name="Day by day").click()
    expect(page.get_by_role("heading", name="Health by day")).to_be_visible()
    expect(trend.locator(".box")).to_have_count(42)
    day = weeks.nth(-5)
    label = day.get_attribute("aria-label") or ""
    name, score = re.fullmatch(r"(.+): (\d+), .+", label).groups()  # type: ignore[union-attr]
    day.click()
    expect(page.get_by_role("heading", name=f"and {name}")).to_be_visible()
    page.get_by_role("link", name=f"The page as of {name}").click()
    expect(page.get_by_text(f"As of {name}", exact=True)).to_be_visible()
    assert shown_score(page) == score


def test_key_metrics_open_their_days_and_are_chosen_by_an_admin(
    visitors: Visitors, layout: Page
) -> None:
    page = visitors.open("csm")
    # Not the one whose NPS does not apply any more.
    open_first(page, "?sort=-name&stage=live")
    keys = page.get_by_role("region", name="Key metrics")
    expect(keys.locator(".mini")).to_have_count(3)
    expect(keys.locator(".mini svg.spark")).to_have_count(3)
    expect(keys.get_by_role("columnheader")).to_have_text(
        ["Metric", "Value", "Change", "All accounts"]
    )
    expect(keys.get_by_role("row").nth(1)).to_contain_text("median")
    name = keys.locator(".mini .sub").first.inner_text()
    keys.locator(".mini").first.click()
    expect(keys.get_by_role("heading", name=f"{name}, 180 days")).to_be_visible()
    expect(keys.locator(".line-chart a.week")).to_have_count(180)
    keys.get_by_role("link", name="Close").click()
    expect(keys.locator(".line-chart")).to_have_count(0)
    layout.get_by_label("As usual: the heaviest").uncheck()
    for box in layout.locator("input[name^=metric-]:is([name$=-shown], [name$=-chart])").all():
        box.uncheck()
    for what, place in (("NPS", "1"), ("Active days", "2")):
        layout.get_by_label(f"Show {what}").check()
        layout.get_by_label(f"Place of {what}").fill(place)
    layout.get_by_label("Draw NPS as a chart").check()
    layout.get_by_role("button", name="Save").click()
    expect(layout.get_by_label("Show NPS")).to_be_checked()
    page.reload()
    expect(keys.locator(".mini")).to_have_count(1)
    expect(keys.get_by_role("rowheader")).to_contain_text(["NPS", "Active days"])
