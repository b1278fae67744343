"""Every page at every width and in both schemes: nothing sticks out, nobody is shut out."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.flows.looking import barriers, sticking_out
from tests.flows.visitors import Scheme, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]

CARD = "/w/demo/settings/scorecards/health"
STRANGER = "stranger@other.example"
PAGES = {
    "portfolio": "/w/demo/accounts/",
    "portfolio, filtered": "/w/demo/accounts/?band=good&sort=-value",
    "portfolio, nothing found": "/w/demo/accounts/?q=no+such+account",
    "portfolio, columns of one's own": "/w/demo/accounts/?columns=score,tags,coverage,metric:licenses,attr:plan&sort=metric:licenses",
    "portfolio, nothing at all": "/w/empty/accounts/",
    "columns": "/w/demo/list/columns/",
    "attributes": "/w/demo/list/attribute/",
    "matrix, by a metric": "/w/demo/matrix/?sort=-licenses",
    "matrix": "/w/demo/matrix/",
    "matrix, nobody yet": "/w/empty/matrix/",
    "movers": "/w/demo/movers/?days=30",
    "movers, a flow": "/w/demo/movers/?days=30&was=green&is=yellow",
    "movers, nobody yet": "/w/empty/movers/",
    "distribution": "/w/demo/distribution/?group=owner",
    "distribution, money": "/w/demo/distribution/?money=USD&days=364",
    "distribution, nobody yet": "/w/empty/distribution/",
    "today": "/w/demo/today/?owner=all",
    "today, nobody": "/w/empty/today/",
    "new account": "/w/demo/new-account/",
    "imports": "/w/demo/imports/",
    "account": "/w/demo/accounts/{account}/",
    "account, all": "/w/demo/accounts/{account}/?range=all",
    "account, other scorecard": "/w/demo/accounts/{account}/?scorecard=adoption",
    "account, week": "/w/demo/accounts/{account}/?{week}",
    "account, as of": "/w/demo/accounts/{account}/?{past}",
    "account, before the first score": "/w/demo/accounts/{account}/?day=2001-01-01",
    "account, metric": "/w/demo/accounts/{account}/?metric=sponsor",
    "account, key metric": "/w/demo/accounts/{account}/?chart=active-days",
    "usage": "/w/demo/usage/?measure=features_adopted&days=400",
    "usage of an account": "/w/demo/usage/?account={account}&measure=stickiness",
    "usage, nothing yet": "/w/empty/usage/",
    "usage, whose": "/w/demo/usage/?q=a",
    "features": "/w/demo/usage/features/?account={account}",
    "frequency": "/w/demo/usage/frequency/",
    "cohorts": "/w/demo/usage/cohorts/",
    "users": "/w/demo/accounts/{account}/users/",
    "users, lost": "/w/demo/accounts/{account}/users/?kind=lost&days=7",
    "alerts": "/w/demo/alerts/",
    "alerts, acknowledged": "/w/demo/alerts/?state=acknowledged",
    "alerts, snoozed": "/w/demo/alerts/?state=snoozed",
    "alerts, resolved": "/w/demo/alerts/?state=resolved",
    "alerts, all": "/w/demo/alerts/?state=all",
    "alerts, none": "/w/empty/alerts/",
    "tasks": "/w/demo/tasks/",
    "tasks, everybody's": "/w/demo/tasks/?whose=all",
    "tasks, done": "/w/demo/tasks/?whose=all&state=done",
    "tasks, none": "/w/empty/tasks/",
    "new task": "/w/demo/new-task/{account}/",
    "people, edited": "/w/demo/account-people/{account}/edit/",
    "company, edited": "/w/demo/account-company/{account}/edit/",
    "timeline": "/w/demo/accounts/{account}/timeline/",
    "timeline, nothing found": "/w/demo/accounts/{account}/timeline/?q=no+such+thing",
    "new touchpoint": "/w/demo/new-touchpoint/{account}/",
    "runs": "/w/demo/runs/",
    "runs, none": "/w/empty/runs/",
    "settings": "/w/demo/settings/",
    "workspace": "/w/demo/settings/workspace/",
    "usage settings": "/w/demo/settings/usage/",
    "account page": "/w/demo/settings/account-page/",
    "members": "/w/demo/settings/members/",
    "keys": "/w/demo/settings/keys/",
    "connect": "/w/demo/settings/connect/",
    "what came in": "/w/demo/settings/intake/",
    "what came in, by day": "/w/demo/settings/intake/?step=day",
    "what came in, nothing": "/w/empty/settings/intake/",
    "quarantine": "/w/demo/settings/quarantine/",
    "quarantine, filtered": "/w/demo/settings/quarantine/?reason=nothing",
    "quarantine, empty": "/w/empty/settings/quarantine/",
    "scorecards": "/w/demo/settings/scorecards/",
    "scorecards, none": "/w/empty/settings/scorecards/",
    "new scorecard": "/w/demo/settings/new-scorecard/",
    "scorecard": f"{CARD}/",
    "group": f"{CARD}/groups/usage/",
    "new group": f"{CARD}/new-group/",
    "metric, judged": f"{CARD}/metrics/sponsor/",
    "metric, in steps": f"{CARD}/metrics/licenses/",
    "new metric": f"{CARD}/new-metric/",
    "publish": f"{CARD}/preview/",
    "versions": f"{CARD}/versions/",
    "version": f"{CARD}/versions/1/",
    "versions, compared": f"{CARD}/versions/compare/?from=1&to=1",
    "document": f"{CARD}/document/",
    "schemes": "/w/demo/settings/schemes/",
    "scheme": "/w/demo/settings/schemes/references/",
    "new scheme": "/w/demo/settings/new-scheme/",
    "import documents": "/w/demo/settings/import/",
    "copy": "/w/demo/settings/new-scorecard/?starter=copy:health",
    "rules": "/w/demo/settings/rules/",
    "rule": "/w/demo/settings/rules/significant-drop/",
    "new rule": "/w/demo/settings/new-rule/",
    "components": "/w/demo/settings/components/",
    "workspaces": "/workspaces/",
    "password": "/password/",
    "missing": "/w/demo/accounts/no-such-account/",
}
SIGNED_OUT = {
    "sign-in": "/login/",
    "sign-in for a page": "/login/?next=/w/demo/accounts/",
    "reset": "/password/reset/",
    "reset, sent": "/password/reset/sent/",
    "reset, old link": "/password/reset/MQ/c-nothing/",
}
FORBIDDEN = {"forbidden": "/w/demo/settings/members/"}
STATUSES = {"missing": 404, "forbidden": 403}
VISITS = [
    *(("admin", *page) for page in PAGES.items()),
    *(("", *page) for page in SIGNED_OUT.items()),
    *(("viewer", *page) for page in FORBIDDEN.items()),
]
LOOKS: list[tuple[int, Scheme, bool]] = [
    (1440, "light", True),
    (1440, "dark", False),
    (1024, "light", False),
    (1024, "dark", False),
    (390, "light", False),
    (390, "dark", True),
    (2560, "light", False),
]


@dataclass
class Places:
    """What the addresses of the list leave open."""

    account: str
    week: str
    past: str


@pytest.fixture(scope="module")
def places(every_visitor: Visitors) -> Places:
    page = every_visitor.open("admin")
    page.goto("/w/demo/accounts/?sort=change")
    page.locator(".row-link").first.click()
    expect(page.locator("a.week").first).to_be_visible()
    account = page.url.rstrip("/").rpartition("/")[2]
    week = re.search(r"week=[\d-]+", page.locator("a.week").nth(-8).get_attribute("href") or "")
    assert week
    return Places(account=account, week=week[0], past=week[0].replace("week", "day"))


@pytest.mark.parametrize(("who", "name", "path"), VISITS, ids=[name for _, name, _ in VISITS])
def test_page_fits_every_width_and_everybody(
    visitors: Visitors, places: Places, who: str, name: str, path: str
) -> None:
    person = STRANGER if path.startswith("/w/empty/") else who
    page = visitors.open(person, reduced_motion="reduce")
    answer = page.goto(path.format(**vars(places)))
    assert answer is not None
    assert answer.status == STATUSES.get(name, 200)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for width, scheme, closely in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert (width, scheme, sticking_out(page)) == (width, scheme, [])
        if closely:
            assert (width, scheme, barriers(page)) == (width, scheme, [])


def test_api_documentation_opens_without_complaint(visitors: Visitors) -> None:
    page = visitors.open("admin")
    page.goto("/api/v1/docs/")
    expect(page.locator("#operations-Data_in-events_create")).to_be_visible()
