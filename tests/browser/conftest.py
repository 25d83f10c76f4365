"""Pages as Chromium shows them, driven by Playwright."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from served import CHROMIUM, started

pytest.importorskip("playwright", reason="the extra `dev` is not installed")
from playwright.sync_api import Browser, Page, sync_playwright

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running `lumbar serve`."""
    kept = tmp_path_factory.mktemp("kept") / "web.sqlite"
    port, ran = started(LUMBAR_DATABASE_URL=f"sqlite:///{kept}", LUMBAR_REQUESTS_A_MINUTE="100000")
    with ran:
        yield f"http://localhost:{port}"
        ran.terminate()


@pytest.fixture(scope="module")  # as long as it is open no other test may run an event loop
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Return what opens the site in a browser of its own, with the options of Playwright.

    At the end it fails if a page wanted anything of another host, or broke its own policy.
    """
    wrong: list[str] = []
    with ExitStack() as until_the_end:

        def open_(address: str = "/", **options: Any) -> Page:
            context = chromium.new_context(**{"viewport": PHONE, "base_url": site, **options})
            until_the_end.callback(context.close)
            context.on("request", lambda one: one.url.startswith(site) or wrong.append(one.url))
            context.on("weberror", lambda one: wrong.append(str(one.error)))
            context.on("console", lambda one: "Refused" in one.text and wrong.append(one.text))
            page = context.new_page()
            page.goto(address)
            return page

        yield open_
    assert wrong == []
