"""People who look at the pages with a browser of their own."""

from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, StorageState

PASSWORDS = {"stranger@other.example": "a password of strangers"}
DEMO = "demo-scorecard"
PARTS = ("stylesheet", "script", "image", "font", "manifest")
Scheme = Literal["light", "dark"]


def person(who: str) -> str:
    return who if "@" in who else f"{who}@demo.example"


def sign_in(page: Page, who: str) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail").fill(person(who))
    page.get_by_label("Password").fill(PASSWORDS.get(person(who), DEMO))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/w/**")


@dataclass
class Visitors:
    """Each person signs in once; `complaints` is what their browsers had to say."""

    browser: Browser
    address: str
    complaints: list[str] = field(default_factory=list)
    sessions: dict[str, StorageState] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, who: str = "", *, width: int = 1440, **options: Any) -> Page:
        if who and who not in self.sessions:
            page = self._page(width, {})
            sign_in(page, who)
            self.sessions[who] = page.context.storage_state()
        if who:
            options["storage_state"] = self.sessions[who]
        return self._page(width, options)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()

    def _page(self, width: int, options: dict[str, Any]) -> Page:
        context = self.browser.new_context(
            base_url=self.address, viewport={"width": width, "height": 900}, **options
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page, message.type, message.text))
        page.on("response", self._answered)
        return page

    def _heard(self, page: Page, kind: str, text: str) -> None:
        # Answers that are errors are looked at below: some are what a test asks for.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.complaints.append(f"{page.url}: {text}")

    def _answered(self, response: Response) -> None:
        part = response.request.resource_type in PARTS
        if response.status >= (400 if part else 500):
            self.complaints.append(f"{response.status} {response.url}")


def names(page: Page) -> list[str]:
    return page.locator("table.portfolio .row-link").all_inner_texts()


def row(page: Page, name: str) -> Locator:
    """A line of a table by the link or the heading that begins it."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader").filter(has_text=name))
