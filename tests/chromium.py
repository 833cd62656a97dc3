"""Debian's Chromium, and a tab of it that tests take in turn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.waiting import PATIENCE_S

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
# With each window it would draw three pages for what is typed into its bar, which is more than the page
# of a test takes. The rest is what Playwright leaves off of what goes to the network by itself, and of
# what keeps the old page on the screen: of two such flags the last one counts.
_OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "AimEnabled", "HttpsUpgrades",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
)  # fmt: skip
_EMPTIED = """async () => {
    localStorage.clear();
    sessionStorage.clear();
    for (const { name } of await indexedDB.databases()) {
        await new Promise((done, failed) => {
            const gone = indexedDB.deleteDatabase(name);
            gone.onsuccess = done;
            gone.onerror = failed;
        });
    }
}"""


@contextmanager
def chromium(*flags: str) -> Iterator[Any]:
    """Run it without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=PROGRAM,
            args=["--no-sandbox", f"--disable-features={','.join(_OFF)}", *flags],
        )
        yield made
        made.close()


@dataclass
class Tabs:
    """Where tests look at pages: a tab of their own, or one that they take in turn.

    A new one takes four times what it takes to go to the next page in one that is there.
    """

    browser: Any
    shared: Any = None

    @contextmanager
    def own(self, **options: Any) -> Iterator[Any]:
        """Give a tab of a new context."""
        context = self.browser.new_context(**options)
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        yield page
        context.close()

    @contextmanager
    def emptied(self, url: str, size: dict[str, int], **media: Any) -> Iterator[Any]:
        """Give the tab that is shared, at a server's `/health` and with nothing kept of what was before."""
        if self.shared is None:
            self.shared = self.browser.new_context().new_page()
            self.shared.set_default_timeout(1000 * PATIENCE_S)
        page, self.shared = self.shared, None  # after what went wrong comes another
        page.set_viewport_size(size)
        page.emulate_media(**media)
        page.goto(f"{url}/health")
        page.evaluate(_EMPTIED)
        yield page
        page.unroute_all()
        for other in page.context.pages:
            if other is not page:
                other.close()
        self.shared = page
