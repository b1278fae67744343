"""A manager looks at the portfolio as a whole: the matrix, who moved, and how it is spread."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.flows.test_pages import barriers, sticking_out
from tests.flows.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation")]

BY_HAND = "Executive relationship"


def column(page: Page, name: str) -> Locator:
    """The cells below a heading, the mean at the foot left out."""
    heads = page.locator(".matrix thead th").all_inner_texts()
    place = next(n for n, head in enumerate(heads) if head.strip() == name)
    return page.locator(f".matrix tbody tr > :nth-child({place + 1})")


def numbers(cells: Locator) -> list[int]:
    """What the cells say; their bands stand behind it for listeners."""
    told = [text.split() for text in cells.all_inner_texts()]
    return [int(words[0]) for words in told if words and words[0].isdigit()]


def downloaded(page: Page, link: str) -> list[dict[str, str]]:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link).first.click()
    text = Path(waiting.value.path()).read_text()
    return list(csv.DictReader(text.splitlines()))


def test_a_score_is_set_in_the_matrix_and_the_means_follow(visitors: Visitors) -> None:
    page = visitors.open("csm")
    page.goto("/w/demo/matrix/")
    page.get_by_role("link", name=BY_HAND, exact=True).click()
    expect(page.get_by_role("columnheader", name=BY_HAND)).to_have_attribute(
        "aria-sort", "ascending"
    )
    scores = numbers(column(page, BY_HAND))
    assert scores == sorted(scores)
    assert scores[0] < 100
    first = page.locator(".matrix tbody").first
    name = first.get_by_role("rowheader").inner_text()
    foot = page.locator(".matrix tfoot")
    before = foot.inner_text()
    first.get_by_role("link", name=f"Set {BY_HAND} of {name}").click()
    form = page.get_by_role("form", name=f"{BY_HAND} of {name}")
    expect(form).to_be_focused()
    assert (sticking_out(page), barriers(page)) == ([], [])
    form.get_by_role("radio").nth(-2).check()
    form.get_by_role("textbox", name="Comment").fill("Their new director called us")
    form.get_by_role("button", name="Set").click()
    expect(form).to_have_count(0)
    mine = page.locator(".matrix tbody").filter(has=page.get_by_role("rowheader", name=name))
    expect(mine.get_by_role("link", name=f"Set {BY_HAND} of {name}")).to_contain_text("100")
    expect(page.get_by_text(f"{BY_HAND} of {name} is set.")).to_be_visible()
    assert foot.inner_text() != before
    page.reload()
    expect(mine.get_by_role("link", name=f"Set {BY_HAND} of {name}")).to_contain_text("100")
    rows = downloaded(page, "CSV")
    names = page.locator(".matrix tbody .row-link").all_inner_texts()
    assert [row["Account"] for row in rows[: len(names)]] == names


def test_movers_tell_who_went_from_which_band_to_which_and_why(visitors: Visitors) -> None:
    page = visitors.open("manager")
    page.goto("/w/demo/movers/?days=90")
    flow = page.locator("table.moves td:is(.worse, .better) a").first
    moved = int(flow.locator("b").inner_text())
    flow.click()
    expect(page.locator(".moved tbody tr")).to_have_count(min(moved, 25))
    sentence = page.locator(".moved .reason").first
    expect(sentence).to_contain_text("in 90 days")
    assert len(downloaded(page, "CSV")) == moved
    assert (sticking_out(page), barriers(page)) == ([], [])
    page.locator(".moved .row-link").first.click()
    expect(page.locator(".score-big")).to_be_visible()


def test_distribution_tells_shares_groups_and_what_fails_where(visitors: Visitors) -> None:
    page = visitors.open("manager")
    page.goto("/w/demo/distribution/")
    expect(page.get_by_role("heading", name="By band, week by week")).to_be_visible()
    page.get_by_role("link", name="Owner", exact=True).last.click()
    owners = page.locator("table.groups tbody tr")
    counted = [int(text) for text in owners.locator("td.n:nth-child(2)").all_inner_texts()]
    everybody = int(page.locator(".averages dd.num").inner_text())
    assert (sum(counted), len(counted) > 1) == (everybody, True)
    assert (sticking_out(page), barriers(page)) == ([], [])
    assert len(downloaded(page, "CSV of the metrics")) == page.locator("#metrics tbody tr").count()
    worst = page.locator("#metrics tbody tr").first
    metric = worst.get_by_role("rowheader").inner_text().strip()
    worst.get_by_role("rowheader").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name=metric)).to_have_attribute(
        "aria-sort", "ascending"
    )
