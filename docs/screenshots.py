"""Takes the README's screenshots of a running demo: `python docs/screenshots.py [ADDRESS] [FOLDER]`."""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ADDRESS = "http://127.0.0.1:8000"
FOLDER = Path(__file__).parent / "screenshots"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SIGN_IN = ("admin@demo.example", "demo-scorecard")
PAGES = {
    "portfolio": "/w/demo/accounts/",
    "account": "/w/demo/accounts/{account}/",
    "alerts": "/w/demo/alerts/",
    "scorecard-settings": "/w/demo/settings/scorecards/health/",
}


def signed_in(browser: Browser, address: str, width: int, scheme: str) -> Page:
    height = 1000 if width > 500 else 844
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(f"{address}/login/")
    page.fill("input[name=username]", SIGN_IN[0])
    page.fill("input[name=password]", SIGN_IN[1])
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/w/**")
    return page


def falling_account(page: Page, address: str) -> str:
    """The account that fell most, as the portfolio lists it."""
    page.goto(f"{address}/w/demo/accounts/?sort=change")
    link = page.locator("main tbody a[href*='/accounts/']").first
    return (link.get_attribute("href") or "").rstrip("/").rsplit("/", 1)[-1]


def shoot(address: str, folder: Path, widths: list[int], schemes: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for scheme in schemes:
            for width in widths:
                page = signed_in(browser, address, width, scheme)
                account = falling_account(page, address)
                for name, path in PAGES.items():
                    page.goto(address + path.format(account=account))
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    shoot(
        arguments[0] if arguments else ADDRESS,
        Path(arguments[1]) if len(arguments) > 1 else FOLDER,
        widths=[1440],
        schemes=["light", "dark"],
    )
