"""Lighthouse on the account page and the list, signed in, for a desktop and a phone.

    npm install --prefix /tmp/lighthouse lighthouse@12.8.2
    .venv/bin/python -m bench.lighthouse [http://127.0.0.1:8000] [--rounds 3]

Wants a running demo (`make run`), Node and Chromium. Prints, for each page and device, the median of each category
and whatever is less than perfect in accessibility and best practices; the reports stay in the folder.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

EMAIL, PASSWORD = "csm@demo.example", "demo-scorecard"
LIST = "/w/demo/accounts/"
CATEGORIES = ("performance", "accessibility", "best-practices")
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
DEVICES: dict[str, list[str]] = {"desktop": ["--preset=desktop"], "phone": []}
TIMES = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time")
FIGURES = (*TIMES, "cumulative-layout-shift", "server-response-time")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu")


def signed_in(address: str, chromium: str) -> tuple[str, str]:
    """The session's cookie, and the address of the account that fell most."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=address)
        page.goto("/login/")
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/w/**")
        page.goto(f"{LIST}?sort=change")
        account = page.locator(".row-link").first.get_attribute("href")
        cookies = "; ".join(f"{c.get('name')}={c.get('value')}" for c in page.context.cookies())
        browser.close()
    assert account
    return cookies, account


def report(url: str, device: str, folder: Path, chromium: str) -> dict[str, Any]:
    path = folder / "report.json"
    command = [str(folder / "node_modules/.bin/lighthouse"), url, *DEVICES[device]]
    command += [f"--extra-headers={folder / 'headers.json'}", f"--chrome-flags={' '.join(FLAGS)}"]
    command += ["--only-categories", ",".join(CATEGORIES), "--output=json", f"--output-path={path}"]
    done = subprocess.run(
        [*command, "--quiet"],
        env={**os.environ, "CHROME_PATH": chromium},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def lacking(found: dict[str, Any]) -> list[str]:
    """What costs points outside of performance."""
    return [
        f"{audit}: {found['audits'][audit]['title']}"
        for category in CATEGORIES[1:]
        for audit in (ref["id"] for ref in found["categories"][category]["auditRefs"])
        if found["audits"][audit]["score"] == 0
    ]


def measured(url: str, device: str, folder: Path, chromium: str, rounds: int) -> bool:
    found = [report(url, device, folder, chromium) for _ in range(rounds)]
    scores = {
        category: round(
            100 * statistics.median(each["categories"][category]["score"] for each in found)
        )
        for category in CATEGORIES
    }
    (folder / f"{device}-{url.rstrip('/').rpartition('/')[2]}.json").write_text(
        json.dumps(found[-1])
    )
    print(f"{device:8}", url, *(f"{name} {score}" for name, score in scores.items()), sep="  ")
    print(
        " " * 8,
        *(
            f"{name} {found[-1]['audits'][name]['displayValue']}"
            for name in FIGURES
            if name in found[-1]["audits"]
        ),
        sep="  ",
    )
    for line in lacking(found[-1]):
        print(" " * 8, line)
    return all(scores[category] >= LEAST[category] for category in CATEGORIES)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lighthouse")
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/lighthouse"))  # noqa: S108
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "google-chrome"
    cookies, account = signed_in(given.address, chromium)
    (given.folder / "headers.json").write_text(json.dumps({"Cookie": cookies}))
    good = [
        measured(given.address + page, device, given.folder, chromium, given.rounds)
        for page in (LIST, account)
        for device in DEVICES
    ]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
