"""How soon the page is painted, and usable, in a browser that has it in its cache.

    python bench/page.py [--rounds 15] [--check]

Starts a server and Chromium, opens the page once, and then again and again, as wide as a telephone
and as a desk's screen. Prints how many bytes of JavaScript it loads, and the medians and the least
of: milliseconds to the first paint with content; milliseconds till it is usable, when the
models are listed, so that a question can be sent; milliseconds of processor time of the page's main
thread, which other work on the machine changes little. `--check` fails where a median is above what
is aimed at: 300 ms painted, 600 ms usable.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from sightline.playground.page import static_files

ROOT = Path(__file__).parents[1]
WIDTHS = (360, 1280)  # pixels
AIMS = {"painted": 300.0, "usable": 600.0}
_STAMP = """
new MutationObserver((_, watch) => {
    if (!document.querySelector(".composer select option")) return;
    window.usable = performance.now();
    watch.disconnect();
    dispatchEvent(new Event("usable"));
}).observe(document, { childList: true, subtree: true });
"""
_USABLE = """new Promise((done) => {
    if (window.usable) done(window.usable);
    else addEventListener("usable", () => done(window.usable));
})"""
_PAINTED = """new Promise((done) => new PerformanceObserver((list) => {
    const found = list.getEntriesByName("first-contentful-paint");
    if (found.length) done(found[0].startTime);
}).observe({ type: "paint", buffered: true }))"""


def opened(page: Any, url: str) -> dict[str, float]:
    """Open the page; give milliseconds."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(url)
    usable = page.evaluate(_USABLE)
    told = {
        each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]
    }
    session.detach()
    return {
        "painted": page.evaluate(_PAINTED),
        "usable": usable,
        "processor": 1000 * told["TaskDuration"],
    }


def measured(url: str, rounds: int, width: int) -> list[dict[str, float]]:
    """Open it once to fill the cache, then so many times, so many pixels wide."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox"],
        )
        page = browser.new_page(viewport={"width": width, "height": 860})
        page.set_default_timeout(300_000)
        page.add_init_script(_STAMP)
        opened(page, url)
        found = [opened(page, url) for _ in range(rounds)]
        browser.close()
    return found


def main() -> int:
    made = argparse.ArgumentParser()
    made.add_argument("--rounds", type=int, default=15)
    made.add_argument("--check", action="store_true")
    options = made.parse_args()
    words = [sys.executable, "-m", "sightline", "serve", "--port", "0", "--json"]
    server = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )
    try:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"].removesuffix("/v1")
        found = {w: measured(f"{url.rstrip('/')}/", options.rounds, w) for w in WIDTHS}
    finally:
        server.terminate()
        server.wait(120)
    late = []
    for width, rows in found.items():
        for name in rows[0]:
            each = [row[name] for row in rows]
            middle = statistics.median(each)
            aim = f", aimed at {AIMS[name]:.0f}" if name in AIMS else ""
            print(f"{width} px, {name}: {middle:.0f} ms, at least {min(each):.0f}{aim}")
            late += [name] if middle > AIMS.get(name, middle) else []
    scripts = [len(body) for name, body in static_files() if name.endswith(".js")]
    print(f"JavaScript: {sum(scripts):,} bytes in {len(scripts)} files")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    return 1 if options.check and late else 0


if __name__ == "__main__":
    sys.exit(main())
