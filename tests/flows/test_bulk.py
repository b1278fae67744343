"""Many accounts at once: selected with the keyboard, changed, and taken back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.flows.visitors import Visitors, names, row

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

LIST = "/w/demo/accounts/?sort=name"
ALL = 25


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def owners(page: Page) -> list[str]:
    return page.locator("table.portfolio td.owner").all_inner_texts()


def test_rows_selected_with_the_keyboard_are_assigned_and_taken_back(visitors: Visitors) -> None:
    page = visitors.open("manager")
    page.goto(LIST)
    before, names_before = owners(page), names(page)
    wanted = "CSM West" if before[1] != "CSM West" else "CSM East"
    press(page, "j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(names_before[0])
    page.goto(LIST)
    press(page, "jjxjX")
    bar = page.get_by_role("form", name="Selected accounts")
    expect(bar).to_contain_text("2 selected")
    press(page, "a")
    bar.get_by_role("button", name=wanted, exact=True).click()
    message = page.get_by_role("status").filter(has_text="assigned to")
    expect(message).to_contain_text(wanted)
    assert owners(page)[1:3] == [wanted, wanted]
    expect(bar).to_be_hidden()
    press(page, "u")
    expect(page.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    assert owners(page) == before


def test_all_that_match_are_tagged_and_found_by_the_tag(visitors: Visitors) -> None:
    page = visitors.open("csm")
    page.goto(LIST)
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.get_by_role("checkbox", name="All that match").check()
    bar = page.get_by_role("form", name="Selected accounts")
    expect(bar).to_contain_text(f"All {ALL} that match")
    press(page, "t")
    expect(page.get_by_label("Tag", exact=True)).to_be_focused()
    page.keyboard.type("Pilot group")
    page.keyboard.press("Enter")
    told = page.get_by_role("status").filter(has_text=f"{ALL} accounts are tagged “Pilot group”.")
    expect(told).to_be_visible(timeout=15_000)

    # One of them is taken off on its own page, and is no longer found.
    page.get_by_role("link", name=names(page)[0], exact=True).click()
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Take off the tag Pilot group").click()
    expect(page.get_by_role("status").filter(has_text="is taken off")).to_be_visible()
    expect(page.get_by_role("link", name="Pilot group")).to_have_count(0)
    page.goto(LIST)
    page.get_by_role("group", name="Filters").get_by_text("Tag", exact=True).click()
    page.get_by_role("link", name="Pilot group", exact=True).first.click()
    expect(page).to_have_url(re.compile("tag=Pilot"))
    assert len(names(page)) == ALL - 1
    assert name not in names(page)

    # Taken off again; whoever did it takes that back.
    page.get_by_role("checkbox", name=f"Select {names(page)[0]}").click()
    page.get_by_role("checkbox", name=f"Select {names(page)[2]}").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    press(page, "t")
    expect(page.get_by_label("Tag", exact=True)).to_be_focused()
    page.keyboard.type("pilot group")
    page.get_by_role("button", name="Take off", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="3 accounts")).to_be_visible()
    expect(page.locator("table.portfolio .row-link")).to_have_count(ALL - 4)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("table.portfolio .row-link")).to_have_count(ALL - 1)


def test_selected_rows_are_written_to_a_file(visitors: Visitors) -> None:
    page = visitors.open("csm")
    page.goto(LIST)
    press(page, "jxjjx")
    bar = page.get_by_role("form", name="Selected accounts")
    with page.expect_download() as download:
        bar.get_by_role("button", name="CSV of the selected accounts").click()
    lines = download.value.path().read_text().splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [names(page)[0], names(page)[2]]
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


@pytest.mark.parametrize(
    ("path", "lists", "selects"),
    [("accounts/", True, True), ("today/", True, False), ("matrix/", True, False),
     ("alerts/", True, False), ("tasks/", True, False), ("movers/", False, False)],
)  # fmt: skip
def test_keys_are_those_of_the_page(
    path: str, lists: bool, selects: bool, visitors: Visitors
) -> None:
    page = visitors.open("manager")
    page.goto(f"/w/demo/{path}")
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("next and previous line")).to_be_visible(visible=lists)
    expect(dialog.get_by_text("select the line")).to_be_visible(visible=selects)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    if lists:
        press(page, "jjk")
        first = page.locator("[data-list] .row-link, [data-list] [data-row]").first
        expect(first).to_be_focused()
    press(page, "/")
    expect(page.get_by_role("searchbox", name="Search accounts")).to_be_focused()


def test_viewer_has_nothing_to_select(visitors: Visitors) -> None:
    page = visitors.open("viewer")
    page.goto(LIST)
    expect(row(page, names(page)[0]).get_by_role("checkbox")).to_have_count(0)


def test_selection_works_without_scripts(visitors: Visitors) -> None:
    page = visitors.open("csm", java_script_enabled=False)
    page.goto(LIST)
    name = names(page)[4]
    page.get_by_role("checkbox", name=f"Select {name}").check()
    bar = page.get_by_role("form", name="Selected accounts")
    bar.locator("summary", has_text="Tag…").click()
    bar.get_by_label("Tag", exact=True).fill("Without scripts")
    bar.get_by_role("button", name="Add tag").click()
    expect(page.get_by_text("1 account is tagged “Without scripts”.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 1 account is as it was.")).to_be_visible()
