"""One installation with a small demo, and a browser to look at it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.flows.installation import Installation, manage, running
from tests.flows.visitors import Visitors

STRANGER, PASSWORD = "stranger@other.example", "a password of strangers"
MISSING = "There is no Chromium: `apt install chromium`, or set CHROMIUM to one."


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """`demo` with its people and 25 accounts; `empty`, where nothing has happened yet."""
    home = Path(tempfile.mkdtemp(prefix="scorecard-flows-"))
    home.chmod(0o711)
    with running(home, collected=True) as installation:
        empty = ("create_workspace", "empty", "--name", "Empty", "--owner", STRANGER)
        for done in (
            manage(home, "load_demo", "--accounts", "25"),
            manage(home, *empty, "--password-stdin", typed=f"{PASSWORD}\n"),
        ):
            assert done.returncode == 0, done.stderr
        yield installation
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def chromium() -> str:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Ends with its module: while Playwright's loop runs, Django refuses the database to this thread."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def every_visitor(installation: Installation, browser: Browser) -> Visitors:
    return Visitors(browser, installation.address)


@pytest.fixture
def visitors(every_visitor: Visitors) -> Iterator[Visitors]:
    """Whatever a test does, no browser may have complained in the end."""
    yield every_visitor
    every_visitor.close()
    complaints = list(every_visitor.complaints)
    every_visitor.complaints.clear()
    assert complaints == []
