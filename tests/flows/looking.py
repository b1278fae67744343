"""What eyes, fingers and screen readers would stumble over."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe().axe_script
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def sticking_out(page: Page) -> list[str]:
    """What is wider than the window, if that makes the document scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((el) => el.getBoundingClientRect().right > width + 1 && !el.closest(".scroll-x"))
            .map((el) => `${el.tagName}.${el.getAttribute("class") ?? ""}`).slice(0, 8);
        }"""
    )
    return found


def barriers(page: Page) -> list[str]:
    _with_axe(page)
    found = page.evaluate("axe.run({resultTypes: ['violations'], preload: false})")["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"][:3]
    ]


def barriers_inside(page: Page, selector: str) -> list[str]:
    """Opens one of each kind of what opens, and looks at each alone."""
    _with_axe(page)
    found: list[str] = page.evaluate(
        """async (selector) => {
          const found = [], kinds = new Set();
          for (const el of document.querySelectorAll(selector)) {
            const kind = [el.tagName, el.className, el.parentElement.tagName, el.parentElement.className].join();
            if ((!el.popover && !el.checkVisibility()) || kinds.has(kind)) continue;
            kinds.add(kind);
            if (el.popover) el.showPopover(); else el.open = true;
            const told = await axe.run(el, { resultTypes: ["violations"], preload: false });
            for (const violation of told.violations)
              for (const node of violation.nodes.slice(0, 2)) found.push(`${violation.id}: ${node.html.slice(0, 160)}`);
            if (el.popover) el.hidePopover(); else el.open = false;
          }
          return found;
        }""",
        selector,
    )
    return found


def _with_axe(page: Page) -> None:
    page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
