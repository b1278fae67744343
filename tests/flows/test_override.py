"""A CSM sets a score by hand and withdraws it; everybody sees who, why and until when."""

import pytest
from playwright.sync_api import expect

from tests.flows.test_browser import open_account, shown_score
from tests.flows.test_pages import barriers, sticking_out
from tests.flows.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

REASON = "They signed for two more years"


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_a_score_is_set_by_hand_and_withdrawn(visitors: Visitors, javascript: bool) -> None:
    page = visitors.open("csm", java_script_enabled=javascript)
    open_account(page, 11 if javascript else 13)
    computed = shown_score(page)
    page.get_by_text("Set the score by hand").click()
    if javascript:
        assert (sticking_out(page), barriers(page)) == ([], [])
    page.get_by_role("button", name="Set by hand").click()
    expect(page.get_by_text("Give the reason.")).to_be_visible()
    expect(page.get_by_text("Give either a score or a band.")).to_be_visible()
    page.get_by_label("Exact score").fill("3")
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Set by hand").click()
    expect(page.locator(".score-big .value")).to_have_text("3")
    expect(page.locator(".hero")).to_contain_text(f"“{REASON}” The computed score is {computed}")
    colleague = visitors.open("viewer", width=390)
    colleague.goto(page.url)
    expect(colleague.locator(".score-big")).to_contain_text("set by hand")
    assert colleague.get_by_role("button", name="Withdraw").count() == 0
    page.get_by_text("Change or withdraw what was set by hand").click()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".score-big .value")).to_have_text(str(computed))
