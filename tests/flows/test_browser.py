"""The main flows as people meet them in a browser."""

import json
import re
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from scorecard_project.embedded.processes import wait_until
from tests.flows.installation import Installation, query
from tests.flows.visitors import Visitors, names, person, row

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

PORTFOLIO = "/w/demo/accounts/"
SECONDS = 60


def whole(text: str) -> int:
    """The number that a person reads: `▾ −12` is −12."""
    found = re.search(r"[−+-]?\d+", text)
    assert found, text
    return int(found[0].replace("−", "-"))


def settled(installation: Installation) -> None:
    """Until the worker has evaluated every account that was marked."""
    waiting = "SELECT count(*) FROM accounts_staleaccount"
    address = installation.url("DATABASE_OWNER_URL")
    assert wait_until(lambda: query(address, waiting) == [(0,)], seconds=SECONDS)


def reloaded_until(page: Page, done: Callable[[], bool]) -> None:
    def look() -> bool:
        page.reload()
        return done()

    assert wait_until(look, seconds=SECONDS), page.inner_text("main")


def open_account(page: Page, place: int) -> str:
    page.goto(f"{PORTFOLIO}?sort=name")
    name = names(page)[place]
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return name


def shown_score(page: Page) -> int:
    return whole(page.locator(".score-big .value").inner_text())


def metric(page: Page, name: str) -> Locator:
    return page.locator("table.reasons tbody").filter(has=page.get_by_role("rowheader", name=name))


# Sign in, and find an account


def test_sign_in_tells_a_wrong_password_and_takes_the_right_one(visitors: Visitors) -> None:
    page = visitors.open()
    page.goto(PORTFOLIO)
    page.get_by_label("E-mail").fill(person("csm"))
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("E-mail or password is wrong.")).to_be_visible()
    page.get_by_label("Password").fill("demo-scorecard")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accounts")
    expect(page).to_have_url(re.compile(f"{PORTFOLIO}$"))
    expect(page.locator(".page-head .sub")).to_contain_text(re.compile(r"^\s*\d+ accounts"))


def test_portfolio_is_sorted_filtered_and_searched(visitors: Visitors) -> None:
    page = visitors.open("csm")
    page.goto(PORTFOLIO)
    page.get_by_role("link", name="Change", exact=True).click()
    expect(page.get_by_role("columnheader", name="Change")).to_have_attribute(
        "aria-sort", "ascending"
    )
    # What was imported by another test and is not scored yet comes last, without a change.
    texts = [text.strip() for text in page.locator("td.change").all_inner_texts()]
    changes = [whole(text) for text in texts[: texts.index("") if "" in texts else None]]
    assert changes == sorted(changes)
    assert changes[0] < 0
    page.get_by_role("group", name="Filters").get_by_text("Health").click()
    page.get_by_role("link", name="At risk", exact=True).first.click()
    expect(page.get_by_role("link", name="Health: At risk, remove")).to_be_visible()
    scores = page.locator("td.score").all_inner_texts()
    assert scores
    assert all("At risk" in text for text in scores)
    page.get_by_role("link", name="Clear all").click()
    name = names(page)[3]
    page.get_by_role("searchbox", name="Search accounts").fill(name.lower())
    expect(page.locator("table.portfolio .row-link")).to_have_text([name])
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_member_of_another_workspace_finds_nothing(visitors: Visitors) -> None:
    page = visitors.open("stranger@other.example")
    for path in ("accounts/", "alerts/", "settings/members/", "accounts/amber-bank/"):
        answer = page.goto(f"/w/demo/{path}")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    page.goto("/workspaces/")
    expect(page.get_by_role("main")).to_contain_text("Empty")
    expect(page.get_by_role("main")).not_to_contain_text("Demo")


# An account, and why


def test_account_tells_the_score_of_the_portfolio_and_why(
    visitors: Visitors, installation: Installation
) -> None:
    settled(installation)
    page = visitors.open("viewer")
    page.goto(f"{PORTFOLIO}?sort=change")
    line = page.locator("tr.linked").first
    score, change = (whole(line.locator(f"td.{of}").inner_text()) for of in ("score", "change"))
    line.locator(".row-link").click()
    assert shown_score(page) == score
    expect(page.locator(".hero .why")).to_contain_text(f"Down {-change} in 30 days:")
    page.locator(".hero").get_by_text("The ledger").click()
    ledger = page.locator(".hero table.ledger tr").locator("td:last-child, th:last-child")
    points = [float(text.replace("−", "-")) for text in ledger.all_inner_texts()[1:]]
    assert round(sum(points[:-1]), 4) == points[-1]
    expect(page.get_by_role("link", name="Set", exact=True)).to_have_count(0)


def test_week_opens_its_reasons_and_a_past_day_its_page(visitors: Visitors) -> None:
    page = visitors.open("viewer")
    open_account(page, 0)
    week = page.locator("a.week").nth(-8)
    told = re.search(
        r"Week to (.+): (\d+), ", week.get_attribute("aria-label") or week.inner_text()
    )
    assert told
    day, score = told[1], int(told[2])
    week.click()
    expect(page.get_by_role("heading", name=f"Why in the week to {day}")).to_be_visible()
    assert whole(page.locator("#reasons .band").first.inner_text()) == score
    page.get_by_role("link", name=f"The page as of {day}").click()
    expect(page.get_by_text(f"As of {day}", exact=True)).to_be_visible()
    assert shown_score(page) == score
    page.get_by_role("link", name="Back to today").click()
    expect(page.get_by_text("As of today")).to_be_visible()
    past = datetime.now(UTC).date() - timedelta(days=40)
    page.get_by_text("As of today").click()
    page.get_by_label("Show the page as of").fill(past.isoformat())
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(f"day={past}"))
    as_of = re.compile(rf"^\s*As of {past.day} {past:%b}")
    expect(page.locator("summary").filter(has_text=as_of)).to_be_visible()
    assert 0 <= shown_score(page) <= 100


def choose_another_level(page: Page, comment: str) -> str:
    """In the open row of “Executive relationship”."""
    chosen = page.locator(".level:has(input:checked) .name")
    before = chosen.inner_text() if chosen.count() else ""
    level = "No contact" if before == "Active sponsor" else "Active sponsor"
    page.get_by_role("radio", name=level).check()
    page.get_by_role("textbox", name="Comment").fill(comment)
    page.get_by_role("button", name="Set", exact=True).click()
    return level


def test_metric_set_in_place_changes_the_score_and_the_ledger(visitors: Visitors) -> None:
    page = visitors.open("csm")
    open_account(page, 1)
    before = shown_score(page)
    metric(page, "Executive relationship").get_by_role("link", name="Set").click()
    expect(page.get_by_text("Nobody above the users knows us.")).to_be_visible()
    level = choose_another_level(page, "Met at the conference.")
    expect(page.get_by_text("Executive relationship is set")).to_be_visible()
    expect(metric(page, "Executive relationship")).to_contain_text(level)
    after = shown_score(page)
    assert after != before
    page.locator(".hero").get_by_text("The ledger").click()
    line = row(page, "Executive relationship").filter(has_text="behaviour")
    points = line.locator("td.n").inner_text()
    assert points.startswith("+" if level == "Active sponsor" else "−")
    metric(page, "Executive relationship").get_by_role("link", name="Set").click()
    expect(page.get_by_text("Met at the conference.")).to_be_visible()
    page.reload()
    assert shown_score(page) == after


# Settings, and what follows from them


def test_published_weight_names_its_version_and_stands_in_the_ledger(
    visitors: Visitors, installation: Installation
) -> None:
    page = visitors.open("admin")
    page.goto("/w/demo/settings/scorecards/health/")
    weight = page.get_by_label("Weight of License utilization")
    # The draft may have changes of another test: only the answer tells that this one is kept.
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        weight.fill("9")
        weight.press("Tab")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("changes not published")).to_be_visible()
    page.get_by_role("link", name="Publish…").click()
    expect(page.locator(".headline")).to_contain_text("account")
    page.get_by_label("What changed, and why?").fill("Licences tell most.")
    page.get_by_role("button", name="Publish", exact=True).click()
    told = page.get_by_text(re.compile(r"Version \d+ is published"))
    expect(told).to_be_visible()
    version = whole(told.inner_text())
    page.get_by_role("link", name="Versions").click()
    heading = page.get_by_role("heading", name=f"Version {version} in force")
    current = page.get_by_role("listitem").filter(has=heading)
    expect(current).to_contain_text("Licences tell most.")
    expect(current).to_contain_text("Weight of License utilization 3 → 9")
    settled(installation)
    open_account(page, 2)
    reloaded_until(page, lambda: f"Customer health v{version}" in page.inner_text(".hero"))
    page.locator(".hero").get_by_text("The ledger").click()
    expect(page.locator(".hero .ledger").get_by_text("configuration").first).to_be_visible()


def test_rule_is_read_back_and_kept(visitors: Visitors) -> None:
    page = visitors.open("admin")
    page.goto("/w/demo/settings/rules/")
    page.get_by_role("link", name="New rule").first.click()
    page.get_by_label("Name").fill("Slides slowly")
    page.get_by_label("by at least, points").fill("4")
    page.get_by_label("within, days").fill("60")
    page.get_by_label("within, days").press("Tab")
    expect(page.locator("#sentence")).to_contain_text("4 points")
    expect(page.locator("#sentence")).to_contain_text("60 days")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rules")
    expect(page.get_by_role("link", name="Slides slowly")).to_be_visible()


def post_logins(address: str, key: str, account: str, people: int) -> "dict[str, int]":
    moment = datetime.now(UTC)
    events = [
        {
            "event_id": f"flow-{account}-{n}",
            "account": account,
            "user": f"new-{n}@{account}.example",
            "type": "login",
            "occurred_at": moment.isoformat(),
            "duration_seconds": 3600,
        }
        for n in range(people)
    ]
    request = urllib.request.Request(  # noqa: S310 (the tests' own server)
        f"{address}/api/v1/events/",
        data=json.dumps({"events": events}).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        told: dict[str, int] = json.load(answer)
    return told


def open_free_account(page: Page) -> None:
    """A low one whose score is what its metrics make of it: neither set by hand nor capped."""
    page.goto(f"{PORTFOLIO}?sort=score")
    computed = page.locator("tr.linked").filter(has_not_text="set by hand").locator(".row-link")
    for link in [each.get_attribute("href") or "" for each in computed.all()]:
        page.goto(link)
        if "caps the score" not in page.locator(".hero").inner_text():
            return
    pytest.fail("Every account is capped or set by hand.")


def test_key_is_shown_once_and_its_events_move_the_score(
    visitors: Visitors, installation: Installation
) -> None:
    page = visitors.open("admin")
    page.goto("/w/demo/settings/keys/")
    page.get_by_label("Name").fill("Product backend")
    page.get_by_role("checkbox", name="ingest").check()
    page.get_by_role("button", name="Create the key").click()
    expect(page.get_by_text("it is shown this once")).to_be_visible()
    key = page.locator("#secret").inner_text()
    page.goto("/w/demo/settings/keys/")
    expect(row(page, "Product backend")).to_contain_text("active")
    assert key not in page.content()
    settled(installation)
    open_free_account(page)
    before = shown_score(page)
    account = page.url.rstrip("/").rpartition("/")[2]
    told = post_logins(visitors.address, key, account, people=12)
    assert told["accepted"] == 12
    reloaded_until(page, lambda: shown_score(page) > before)


def test_alert_is_acknowledged_and_resolved(visitors: Visitors) -> None:
    page = visitors.open("csm")
    page.goto("/w/demo/alerts/")
    alert = page.locator(".alert-row").first
    name, anchor = alert.locator(".row-link").inner_text(), alert.get_attribute("id")
    same = page.locator(f"#{anchor}")
    same.get_by_role("button", name="Acknowledge").click()
    expect(same.get_by_text("Acknowledged", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="Alerts by state").get_by_text("Acknowledged").click()
    expect(same).to_contain_text(name)
    same.get_by_role("button", name="Resolve").click()
    expect(same.get_by_text("Resolved", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="Alerts by state").get_by_text("Resolved").click()
    expect(same).to_contain_text("resolved by CSM East")


# Without JavaScript, and without a mouse


def test_without_javascript_accounts_are_found_and_scored(visitors: Visitors) -> None:
    page = visitors.open(java_script_enabled=False)
    page.goto("/login/")
    page.get_by_label("E-mail").fill(person("csm"))
    page.get_by_label("Password").fill("demo-scorecard")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("group", name="Filters").get_by_text("Health").click()
    page.get_by_role("link", name="Good", exact=True).first.click()
    scores = page.locator("td.score").all_inner_texts()
    assert scores
    assert all("Good" in text for text in scores)
    page.get_by_role("searchbox", name="Search accounts").fill(names(page)[0])
    page.get_by_role("searchbox", name="Search accounts").press("Enter")
    expect(page.locator("table.portfolio .row-link")).to_have_count(1)
    open_account(page, 5)
    before = shown_score(page)
    metric(page, "Executive relationship").get_by_role("link", name="Set").click()
    level = choose_another_level(page, "Told by telephone.")
    expect(page.get_by_text("Executive relationship is set")).to_be_visible()
    expect(metric(page, "Executive relationship")).to_contain_text(level)
    assert shown_score(page) != before


def test_without_javascript_a_weight_is_published(visitors: Visitors) -> None:
    page = visitors.open("admin", java_script_enabled=False)
    page.goto("/w/demo/settings/scorecards/adoption/")
    page.get_by_label("Weight of Automation").fill("3")
    page.get_by_role("button", name="Save the weights").click()
    expect(page.get_by_text("changes not published")).to_be_visible()
    page.get_by_role("link", name="Publish…").click()
    expect(page.get_by_role("heading", name="Who changes band")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text(re.compile(r"Version \d+ is published"))).to_be_visible()


def test_keys_search_walk_and_open_the_list(visitors: Visitors) -> None:
    page = visitors.open("csm")
    page.goto(PORTFOLIO)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search accounts")).to_be_focused()
    page.keyboard.press("Escape")
    links = page.locator(".row-link")
    for pressed, place in (("j", 0), ("j", 1), ("k", 0), ("j", 1)):
        page.keyboard.press(pressed)
        expect(links.nth(place)).to_be_focused()
    name = names(page)[1]
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
