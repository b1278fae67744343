"""Takes the README's screenshots of a running demo.

    python docs/screenshots.py [ADDRESS] [FOLDER]

With a FOLDER every page is taken there, at three widths, light and dark.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

Scheme = Literal["light", "dark"]
Shot = tuple[str, int, Scheme]

ADDRESS = "http://127.0.0.1:8000"
FOLDER = Path(__file__).parent / "screenshots"
PASSWORD = "demo-scorecard"  # noqa: S105
CSM, ADMIN = "csm@demo.example", "admin@demo.example"
PAGES = {
    "portfolio": "/w/demo/accounts/?sort=change",
    "account": "/w/demo/accounts/{account}/",
    "alerts": "/w/demo/alerts/",
    "builder": "/w/demo/settings/scorecards/health/metrics/licenses/",
}
FOR_ADMINS = {"builder"}
HEIGHTS = dict.fromkeys(PAGES, 900) | {"builder": 1300}
README: list[Shot] = [
    ("portfolio", 1440, "light"),
    ("account", 1440, "dark"),
    ("builder", 1440, "light"),
]
WIDTHS: tuple[int, ...] = (1440, 1024, 390)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def signed_in(browser: Browser, address: str, email: str) -> Page:
    page = browser.new_page(base_url=address)
    page.goto(f"/login/?next={PAGES['portfolio']}")
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/w/demo/**")
    return page


def falling_account(page: Page) -> str:
    """The account that fell most."""
    page.goto(PAGES["portfolio"])
    link = page.locator(".row-link").first.get_attribute("href") or ""
    return link.rstrip("/").rpartition("/")[2]


def shoot(csm: Page, admin: Page, folder: Path, shots: list[Shot]) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    account = falling_account(csm)
    for name, width, scheme in shots:
        page = admin if name in FOR_ADMINS else csm
        page.set_viewport_size({"width": width, "height": 844 if width < 500 else HEIGHTS[name]})
        page.emulate_media(color_scheme=scheme)
        page.goto(PAGES[name].format(account=account))
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        file = folder / f"{name}-{width}-{scheme}.png"
        page.screenshot(path=file)
        yield file


def main(address: str = ADDRESS, folder: str = "") -> None:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "google-chrome")
    chromium = next((path for name in names if name and (path := shutil.which(name))), None)
    every: list[Shot] = [*product(PAGES, WIDTHS, SCHEMES)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        csm, admin = (signed_in(browser, address, email) for email in (CSM, ADMIN))
        for file in shoot(csm, admin, Path(folder or FOLDER), every if folder else README):
            sys.stdout.write(f"{file}\n")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
