"""Pages as Chromium shows them, driven by Playwright."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from served import CHROMIUM, started

from lumbar import Catalog
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview
from lumbar.review.people.personas import load_personas

pytest.importorskip("fastapi", reason="the extra `web` is not installed")
pytest.importorskip("axe_playwright_python", reason="the extra `dev` is not installed")
from playwright.sync_api import Browser, Page, sync_playwright

from browser.person import PHONE, SECRET, Person, click, holding

Example = Callable[..., dict[str, Any]]
Opened = Callable[..., Page]


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running `lumbar serve`."""
    with running(tmp_path_factory.mktemp("kept")) as address:
        yield address


@pytest.fixture
def two_workers(tmp_path: Path) -> Iterator[str]:
    """The address of a running `lumbar serve` of two processes."""
    with running(tmp_path, workers=2) as address:
        yield address


@contextmanager
def running(folder: Path, workers: int = 1) -> Iterator[str]:
    port, ran = started(
        LUMBAR_DATABASE_URL=f"sqlite:///{folder / 'web.sqlite'}",
        LUMBAR_SECRET=SECRET,
        LUMBAR_REQUESTS_A_MINUTE="100000",
        LUMBAR_WORKERS=str(workers),
    )
    with ran:
        try:
            for _ in range(workers if workers > 1 else 0):  # they begin after they are announced
                next(line for line in ran.stdout or () if "startup complete" in line)
            yield f"http://localhost:{port}"
        finally:
            ran.terminate()


@pytest.fixture(scope="package")  # as long as it is open no other test may run an event loop
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser, site: str) -> Iterator[Opened]:
    """Return what opens the site in a browser of its own, with the options of Playwright.

    At the end it fails if a page wanted anything of another host, or broke its own policy.
    """
    wrong: list[str] = []
    with ExitStack() as until_the_end:

        def open_(address: str = "/", **options: Any) -> Page:
            options = {"viewport": PHONE, "base_url": site, **options}
            here = options["base_url"]
            context = chromium.new_context(**options)
            until_the_end.callback(context.close)
            context.on("request", lambda one: one.url.startswith(here) or wrong.append(one.url))
            context.on("weberror", lambda one: wrong.append(str(one.error)))
            context.on("console", lambda one: "Refused" in one.text and wrong.append(one.text))
            page = context.new_page()
            page.goto(address)
            return page

        yield open_
    assert wrong == []


@pytest.fixture(scope="package")
def people(catalog: Catalog, example: Example) -> dict[str, Answers]:
    """What every persona answers."""
    found = load_personas(Path(__file__).parents[1] / "personas")
    return {
        name: Answers.of(catalog.questionnaire, example(one.answers)) for name, one in found.items()
    }


@pytest.fixture
def meet(catalog: Catalog, people: dict[str, Answers], opened: Opened) -> Callable[..., Person]:
    """Return what lets a persona come, in a browser with these options."""

    def come(name: str, do: Any = click, looks: bool = False, **options: Any) -> Person:
        return Person(opened(**options), catalog, people[name], do, looks)

    return come


@pytest.fixture
def finished(catalog: Catalog, example: Example) -> dict[str, Any]:
    """What the browser of somebody holds who has answered all."""
    return holding(catalog, Interview(catalog.questionnaire, example(), catalog.words.interview))
