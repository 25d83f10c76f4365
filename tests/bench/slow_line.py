"""How long the first page takes on a slow line: python tests/bench/slow_line.py

Starts `lumbar serve` and opens it in Chromium as a phone would that has never been there: nothing
kept, a processor a quarter as fast as this one, and a line held back by the browser itself.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
from playwright.sync_api import Browser, sync_playwright
from served import CHROMIUM, started

GOAL = 2.0  # seconds until it can be used, on 3G
OPENED = 7  # times each
SLOWER = 4  # than this machine: a phone
OPENED_IN = """() => new Promise(done => new PerformanceObserver(list => {
  const [painted] = list.getEntriesByName("first-contentful-paint");
  const [page] = performance.getEntriesByType("navigation");
  const every = [page, ...performance.getEntriesByType("resource")];
  const bytes = every.reduce((sum, one) => sum + one.transferSize, 0);
  if (painted) done([painted.startTime, page.loadEventEnd, bytes, every.length]);
}).observe({type: "paint", buffered: true}))"""


class Line(NamedTuple):
    """A line to the network: milliseconds until an answer begins, and kilobits a second."""

    name: str
    delay: int
    down: int
    up: int


LINES = (Line("3G", 300, 1600, 768), Line("slow 3G", 400, 400, 400), Line("as it is", 0, 0, 0))


def opened(browser: Browser, address: str, line: Line) -> tuple[float, ...]:
    """Open a page for the first time; return the seconds until it was painted and until all of it
    was there, and how many bytes and requests it took.
    """
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    devtools.send("Network.enable")
    if line.down:
        bytes_a_second = {"downloadThroughput": line.down * 125, "uploadThroughput": line.up * 125}
        held: dict[str, Any] = {"offline": False, "latency": line.delay, **bytes_a_second}
        devtools.send("Network.emulateNetworkConditions", held)
    page.goto(address, wait_until="load")
    painted, there, sent, requests = page.evaluate(OPENED_IN)
    context.close()
    return painted / 1000, there / 1000, sent, requests


def measured(address: str) -> Iterator[tuple[Line, tuple[float, ...]]]:
    """Yield each line with the medians of what opening the page took."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu"])
        for line in LINES:
            found = [opened(browser, address, line) for _ in range(OPENED)]
            yield line, tuple(map(median, zip(*found, strict=True)))
        browser.close()


def main() -> int:
    if CHROMIUM is None:
        raise SystemExit("slow_line: there is no Chromium (Debian: apt-get install chromium)")
    with tempfile.TemporaryDirectory() as folder:
        port, ran = started(LUMBAR_DATABASE_URL=f"sqlite:///{folder}/kept.sqlite")
        try:
            found = dict(measured(f"http://localhost:{port}/"))
        finally:
            ran.terminate()
            ran.communicate(timeout=30)
    print(
        f"{'first page, median of ' + str(OPENED):26}{'painted s':>10}{'usable s':>10}{'bytes':>8}{'requests':>10}"
    )
    for line, (painted, there, sent, requests) in found.items():
        how = f"{line.name}, {line.delay} ms, {line.down} kbit/s" if line.down else line.name
        print(f"{how:26}{painted:10.2f}{there:10.2f}{sent:8.0f}{requests:10.0f}")
    usable = found[LINES[0]][1]
    print(f"usable on 3G in {usable:.2f} s (goal {GOAL:g})")
    return 0 if usable < GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
