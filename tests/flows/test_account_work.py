"""What a CSM does on the page of an account: points 6 to 10 of it, its parts, and its print."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from scorecard_project.embedded.processes import wait_until
from tests.flows.installation import Installation, query
from tests.flows.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

LATER = "2031-05-01"
HAND = "Executive relationship"


def account_like(installation: Installation, condition: str, order: str = "a.key") -> str:
    """The address of the first account of the demo that fits."""
    found = query(
        installation.url("DATABASE_OWNER_URL"),
        "SELECT a.key FROM accounts_account AS a"
        " JOIN accounts_workspace AS w ON w.id = a.workspace_id AND w.slug = 'demo'"
        " JOIN scoring_health AS h ON h.account_id = a.id"
        " JOIN scoring_scorecard AS s ON s.id = h.scorecard_id"
        f" WHERE {condition}"
        f" ORDER BY {order} LIMIT 1",
    )
    assert found, condition
    return f"/w/demo/accounts/{found[0][0]}/"


def settled(installation: Installation) -> None:
    """Until the worker has evaluated every account that was marked."""
    waiting = "SELECT count(*) FROM accounts_staleaccount"
    address = installation.url("DATABASE_OWNER_URL")
    assert wait_until(lambda: query(address, waiting) == [(0,)], seconds=60)


def metric(page: Page, name: str) -> Locator:
    return page.locator("table.reasons tbody").filter(has=page.get_by_role("rowheader", name=name))


def set_to(page: Page, level: str) -> None:
    page.get_by_role("radio", name=level).check()
    page.get_by_role("button", name="Set", exact=True).click()


def test_path_to_green_becomes_a_task_with_one_click(
    visitors: Visitors, installation: Installation
) -> None:
    page = visitors.open("csm")
    page.goto(account_like(installation, "h.score < 500000"))
    form = page.locator(".path form").first
    metric_key = (form.get_attribute("id") or "").removeprefix("path-task-")
    form.get_by_role("button").click()
    task = page.locator("#tasks .task", has_text="Path to green")
    expect(task.get_by_role("link", name=re.compile("^Raise "))).to_be_visible()
    expect(page.locator(f"#path-task-{metric_key}")).to_have_class("pill")
    page.reload()
    expect(page.locator(f"#path-task-{metric_key}")).to_have_class("pill")
    expect(task).to_have_count(1)


def test_tasks_and_touchpoints_are_written_down_in_place(
    visitors: Visitors, installation: Installation
) -> None:
    page = visitors.open("csm")
    page.goto(account_like(installation, "h.score > 800000", "a.name DESC"))
    page.get_by_role("link", name="Create a task").click()
    expect(page.get_by_label("What is to do")).to_be_focused()
    for title, due in (("Ask for a date", LATER), ("Send the offer", "2031-04-01")):
        page.get_by_label("What is to do").fill(title)
        page.locator("#tasks").get_by_label("Due").fill(due)
        page.keyboard.press("Enter")
        expect(page.locator("#tasks .task", has_text=title)).to_be_visible()
    titles = page.locator("#tasks .task .title").all_inner_texts()
    assert titles.index("Send the offer") < titles.index("Ask for a date")
    page.get_by_role("button", name="Done: Ask for a date").press("Enter")
    undo = page.locator("#tasks .task", has_text="Ask for a date").get_by_role(
        "button", name="Undo"
    )
    expect(undo).to_be_focused()
    undo.press("Enter")
    expect(page.get_by_role("button", name="Done: Ask for a date")).to_be_visible()
    page.get_by_role("link", name="Log a touchpoint").click()
    expect(page.get_by_label("In a few words")).to_be_focused()
    page.locator("#timeline .kinds").get_by_text("Meeting", exact=True).click()
    page.get_by_label("In a few words").fill("Met the board")
    page.get_by_label("What was said").fill("They want **more**.")
    page.get_by_role("button", name="Log it").click()
    entry = page.locator("#timeline .entry", has_text="Met the board")
    expect(entry.locator("strong")).to_have_text("more")
    page.locator("#timeline").get_by_role("link", name="See all").click()
    page.get_by_role("group", name="Filters").get_by_text("Kind").click()
    page.get_by_role("link", name="Meeting", exact=True).click()
    expect(page.locator(".entry", has_text="Met the board")).to_be_visible()
    page.get_by_role("searchbox", name="Search the timeline").fill("MORE board")
    page.keyboard.press("Enter")
    expect(page.locator(".entry")).to_have_count(1)
    expect(page.locator(".entry")).to_contain_text("Met the board")


def test_users_and_features_of_a_kind_and_period(
    visitors: Visitors, installation: Installation
) -> None:
    lost = "EXISTS (SELECT FROM usage_enduser AS u WHERE u.account_id = a.id)"
    page = visitors.open("viewer")
    page.goto(account_like(installation, lost, "h.change, a.key"))
    part = page.locator("#usage")
    which = part.get_by_role("navigation", name="Which users")
    period = part.get_by_role("navigation", name="Period of users and features")
    expect(which.get_by_role("link", name="Active")).to_have_attribute("aria-current", "true")
    period.get_by_role("link", name="90 days").click()
    expect(period.get_by_role("link", name="90 days")).to_have_attribute("aria-current", "true")
    expect(part.get_by_role("columnheader", name="Against similar")).to_be_visible()
    expect(part.get_by_role("cell", name=re.compile(r"mean [\d.]+")).first).to_be_visible()
    which.get_by_role("link", name="Lost").click()
    expect(which.get_by_role("link", name="Lost")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(r"users=lost&days=90$"))
    part.get_by_role("link", name="see all users").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Users of ")
    expect(page.get_by_role("link", name="Lost")).to_have_attribute("aria-current", "page")
    expect(page).to_have_url(re.compile(r"days=90&kind=lost$"))
    page.go_back()
    part.get_by_role("link", name="see all features").click()
    expect(page.get_by_role("heading", name="Features", exact=True)).to_be_visible()


def test_people_and_company_are_edited_and_a_departed_champion_stands_out(
    visitors: Visitors, installation: Installation
) -> None:
    page = visitors.open("csm")
    page.goto(account_like(installation, "h.score BETWEEN 600000 AND 800000"))
    people = page.locator("#people")
    people.get_by_role("link", name="Edit").click()
    people.get_by_text("One more").last.click()
    page.locator("#contact-new-name").fill("Robin Bright")
    page.locator("#contact-new-email").fill("robin@customer.example")
    page.locator("#contact-new-role").fill("Sponsor")
    page.locator("#contact-new-influence").select_option(label="Champion")
    page.locator("#contact-new-status").select_option(label="Departed")
    people.get_by_role("button", name="Save").click()
    robin = people.get_by_role("listitem").filter(has_text="Robin Bright")
    expect(robin).to_contain_text("Champion left")
    expect(people.get_by_role("listitem").filter(has_text="@").first).to_contain_text("Robin")
    people.get_by_role("button", name="Undo").click()
    expect(robin).to_have_count(0)
    company = page.locator("#company")
    company.get_by_role("link", name="Edit").click()
    page.get_by_label("Funding").fill("Series B")
    page.get_by_label("Website").fill("https://www.customer.example/")
    company.get_by_role("button", name="Save").click()
    expect(company).to_contain_text("Series B")
    expect(company.get_by_role("link", name="customer.example")).to_have_attribute(
        "href", "https://www.customer.example/"
    )


def test_score_by_hand_asks_why_and_an_override_ends(
    visitors: Visitors, installation: Installation
) -> None:
    settled(installation)
    page = visitors.open("csm")
    page.goto(account_like(installation, "s.key = 'health' AND h.score > 760000"))
    row = metric(page, HAND)
    row.get_by_role("link", name="Set").click()
    expect(page.get_by_text("Nobody above the users knows us.")).to_be_visible()
    page.get_by_role("textbox", name="Comment").fill("Met at the conference.")
    set_to(page, "Active sponsor")
    expect(row).to_contain_text("Active sponsor")
    row.get_by_role("link", name="Set").click()
    set_to(page, "No contact")
    expect(page.get_by_text("Say why: it moves from Good to Poor.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Comment")).to_be_focused()
    page.get_by_role("textbox", name="Comment").fill("The sponsor left.")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(row).to_contain_text("No contact")
    row.get_by_role("link", name="Set").click()
    said = page.get_by_role("listitem").filter(has_text="The sponsor left.")
    expect(said).to_contain_text("CSM East")
    set_to(page, "Does not apply")
    expect(page.get_by_text("Say why it does not apply.")).to_be_visible()
    page.get_by_role("textbox", name="Comment").fill("They buy through a partner.")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_text("metric did not count")).to_be_visible()
    override = page.locator("#override")
    override.locator("summary").click()
    override.get_by_label("Band").select_option(label="Poor")
    override.get_by_label("Last day").fill(LATER)
    override.get_by_label("Reason").fill("They told us that they leave.")
    override.get_by_role("button", name="Set by hand").click()
    expect(page.locator(".hero")).to_contain_text("They told us that they leave.")
    expect(page.locator(".score-big")).to_contain_text("Poor")
    override.locator("summary").click()
    override.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".score-big")).not_to_contain_text("Poor")


def test_parts_are_arranged_hidden_and_named_for_a_stage(
    visitors: Visitors, installation: Installation
) -> None:
    admin, reader = visitors.open("admin"), visitors.open("viewer")
    address = account_like(installation, "a.stage = 'onboarding'")
    try:
        admin.goto("/w/demo/settings/account-page/?stage=onboarding")
        admin.get_by_role("button", name="Up: Tasks").click()
        expect(admin.get_by_label("Place of Tasks")).to_have_value("5")
        expect(admin.get_by_role("button", name="Up: Tasks")).to_be_focused()
        admin.get_by_label("Name of Tasks").fill("First steps")
        admin.get_by_label("Show Company").uncheck()
        admin.get_by_role("button", name="Save").last.click()
        expect(admin.get_by_text("Everybody sees the page like this now.")).to_be_visible()
        reader.goto(address)
        titles = reader.locator("aside h2").all_inner_texts()
        assert titles[:1] == ["First steps"], titles
        assert "Company" not in titles
        reader.goto(account_like(installation, "a.stage = 'live'"))
        titles = reader.locator("aside h2").all_inner_texts()
        assert "First steps" not in titles
        assert "Company" in titles
    finally:
        admin.goto("/w/demo/settings/account-page/?stage=onboarding")
        admin.get_by_role("button", name="Show this stage like all").click()


def test_the_page_prints_on_few_pages_and_is_saved_as_pdf(
    visitors: Visitors, installation: Installation
) -> None:
    page = visitors.open("csm")
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    page.goto(account_like(installation, "h.score < 500000"))
    page.get_by_role("button", name="Print / PDF").click()
    assert page.evaluate("window.printed") == 1
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))
    assert 1 <= pages <= 3
    page.emulate_media(media="print")
    expect(page.locator(".print-only")).to_contain_text("Demo · as of ")
    expect(page.locator(".hero")).to_be_visible()
    expect(page.locator("#people")).to_be_visible()
    for left_out in (".side", ".page-head .actions", "#tasks .add-here", ".path form"):
        expect(page.locator(left_out).first).to_be_hidden()


def test_with_shift_a_week_is_compared_with_the_day_of_the_page(
    visitors: Visitors, installation: Installation
) -> None:
    page = visitors.open("csm")
    page.goto(account_like(installation, "h.score < 500000"))
    week = page.locator(".trend a.week[data-day]").nth(-5)
    day = week.get_attribute("data-day")
    week.click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile(rf"from={day}&to="))
    expect(page.get_by_role("heading", name="Why between")).to_be_visible()
