"""Coming again on later days: the short cards, the plan that follows, and how it went over time."""

import socket
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
import uvicorn

from browser.person import SECRET, Person, follow, give, holding, look, saved
from lumbar import Catalog
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview
from lumbar.web.app import make_app
from lumbar.web.store.store import Store

Opened = Callable[..., Any]
FIRST = date(2026, 11, 8)
OLD = {"pain_days": 100, "pain_now": 6, "pain_worst": 7, "looked_at": "scanned"}
KNOWN = {
    "plan_days": 14, "pain_at_start": 6, "pain_last": 6, "activity_at_start": 4, "activity_last": 4,
}  # fmt: skip
PAIN, WHEN = (6, 5, 3, 2), (0, 14, 28, 42)


class Later:
    """A site in this process, on another day whenever the test says so."""

    def __init__(self, catalog: Catalog, store: Store) -> None:
        self.day = FIRST
        dated = Store(store.engine, SECRET.encode(), 180, lambda: self.day)
        app = make_app(catalog, dated, lambda: str(self.day))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://localhost:{self._listening.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        self._thread = Thread(target=self._server.run, args=([self._listening],))
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listening.close()


@pytest.fixture
def later(catalog: Catalog, store: Store) -> Iterator[Later]:
    site = Later(catalog, store)
    yield site
    site.stop()


@pytest.fixture
def first(catalog: Catalog, example: Callable[..., Any], later: Later, opened: Opened) -> Any:
    """The plan of somebody who has just answered all for the first time."""
    answers = example({**OLD, "pain_now": PAIN[0]})
    at = Interview(catalog.questionnaire, answers, catalog.words.interview)
    held = holding(catalog, at, day=FIRST)
    return opened("/plan", base_url=later.address, storage_state=held)


def test_somebody_comes_back_three_times_and_sees_how_it_went(
    catalog: Catalog, example: Callable[..., Any], later: Later, opened: Opened, first: Any
) -> None:
    code = saved(first)
    for days, pain in zip(WHEN[1:], PAIN[1:], strict=True):
        later.day = FIRST + timedelta(days)
        said = {**OLD, **KNOWN, "pain_days": 100 + days, "course": "better", "pain_now": pain}
        answers = Answers.of(catalog.questionnaire, example(said))
        page = opened("/back", base_url=later.address)
        person = Person(page, catalog, answers, looks=days == WHEN[-1])
        give(page, code)
        assert page.url.endswith("/again")
        look(page)
        person.follow("/on")
        assert_at_the_cards(catalog, page)
        assert person.walk_on()[-1] == "/check"
        person.follow("/plan")
        assert page.locator("h2", has_text=catalog.words.page.since_last).is_visible()
        assert page.get_by_text(f"{pain} today").is_visible()
    look(page)
    person.follow("/over-time")
    look(page)
    told = [one.inner_text().split("\t") for one in page.locator("tbody tr").all()]
    days = [str(FIRST + timedelta(days)) for days in WHEN]
    assert [(day, int(pain)) for day, pain, _ in told] == [*zip(days, PAIN, strict=True)]
    assert page.locator("svg.chart").is_visible()
    fill = "all => all.map(one => getComputedStyle(one).fill)"
    assert "none" not in page.locator("svg.chart text").evaluate_all(fill), "its numbers are seen"
    assert page.locator("svg.chart circle").count() == len(WHEN)
    assert page.locator("svg.chart rect").count() == len(WHEN)


def test_it_got_worse_leads_straight_to_the_cards(catalog: Catalog, first: Any) -> None:
    follow(first, f'button:text-is("{catalog.words.over_time.worse}")')
    assert_at_the_cards(catalog, first)
    look(first)


def assert_at_the_cards(catalog: Catalog, page: Any) -> None:
    """The first warning signs are asked, and none of them is answered before."""
    card = next(topic.card for topic in catalog.questionnaire.topics if topic.card)
    assert page.url.endswith("/page/1")
    assert page.locator("legend").first.inner_text() == card
    assert page.locator("main input:checked").count() == 0
