"""Coming again in a browser: the signs first, the plan that follows, and a chart with its table."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from lumbar import Catalog
from lumbar.intake.answers import Answers
from lumbar.pictures.chart import chart

pytest.importorskip("starlette.testclient", reason="the extra `web` is not installed")
from unit.test_web import Browser, text_of

from lumbar.web.app import make_app
from lumbar.web.sessions import Ticket
from lumbar.web.settings import Settings
from lumbar.web.store.store import Store

FIRST = date(2026, 11, 8)
COOKIE = "__Host-lumbar"
Example = Callable[..., dict[str, Any]]


class Person(Browser):
    """Somebody who answers all, and comes again."""

    def come(self, catalog: Catalog, answers: Any, **over: Any) -> Any:
        """Answer every page that is asked as somebody who answers so; return the plan."""
        wanted = Answers.typed(
            catalog.questionnaire, catalog.questionnaire.example({**answers, **over})
        )
        for _ in range(40):
            if self.page.url.path == "/check":
                return self.go("/plan")
            self.answer_as(catalog, wanted)
        raise AssertionError("the pages go round in circles")


@pytest.fixture
def day() -> list[str]:
    return [FIRST.isoformat()]


@pytest.fixture
def person(catalog: Catalog, store: Store, day: list[str], example: Example) -> Person:
    """Return somebody who has answered all for the first time."""
    dated = Store(store.engine, store.secret, 180, lambda: date.fromisoformat(day[0]))
    person = Person(make_app(catalog, dated, lambda: day[0], Settings(public=True)))
    person.begin()
    person.come(catalog, example(OLD))
    return person


OLD = {"pain_days": 100, "pain_now": 6, "pain_worst": 7, "looked_at": "scanned"}
KNOWN = {
    "plan_days": 14,
    "pain_at_start": 6,
    "pain_last": 6,
    "activity_at_start": 4,
    "activity_last": 4,
}
WELL = {"pain_days": 114, "pain_now": 3, "pain_worst": 5, "course": "better"}


def later(day: list[str], days: int) -> None:
    day[0] = (FIRST + timedelta(days)).isoformat()


def test_the_first_that_is_asked_of_who_comes_again_is_a_card_of_warning_signs(
    catalog: Catalog, person: Person, day: list[str]
) -> None:
    later(day, 14)
    page = person.fill_in("/check-in")
    assert page.url.path == "/page/1"
    assert str(catalog.questionnaire.topics[1].card) in text_of(page.text)
    assert not re.search(r"<input [^>]*checked", page.text)


def test_the_plan_that_follows_says_first_what_changed(
    catalog: Catalog, person: Person, day: list[str], example: Example
) -> None:
    assert catalog.words.page.since_last not in text_of(person.page.text)
    later(day, 14)
    person.fill_in("/check-in")
    plan = person.come(catalog, example({**OLD, **WELL, **KNOWN}))
    said = text_of(plan.text)
    assert "Pain now: 6 last time, 3 today." in said
    assert said.index(catalog.words.page.since_last) < said.index(catalog.words.page.today)
    told = person.get("/plan.json").json()
    assert [one["rule"] for one in told["since_last"]["because"]] == ["step-more"]


def test_a_form_that_is_sent_again_begins_no_second_visit(person: Person, day: list[str]) -> None:
    later(day, 14)
    person.fill_in("/check-in")
    person.fill_in("/check-in")
    assert person.go("/over-time").text.count("<tr>") == 2  # the heading, and the first visit


def test_the_chart_has_a_table_and_no_style_or_word_of_its_own(
    catalog: Catalog, person: Person, day: list[str], example: Example
) -> None:
    alone = person.go("/over-time")
    assert catalog.words.over_time.none in text_of(alone.text)
    later(day, 14)
    person.go("/plan")
    person.fill_in("/check-in")
    person.come(catalog, example({**OLD, **WELL, **KNOWN}))
    page = person.go("/over-time").text
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>", page)
    assert rows == [("2026-11-08", "6", "4"), ("2026-11-22", "3", "4")]
    drawn = re.search(r"<svg class=\"lumbar-picture chart\".*?</svg>", page, re.DOTALL)
    assert drawn
    assert "style" not in drawn[0]
    assert re.sub(r"<[^>]+>", "", drawn[0]) == "0510"
    assert len(page.encode()) < 60_000


def test_who_comes_back_with_a_code_on_a_later_day_comes_for_another_visit(
    catalog: Catalog, person: Person, day: list[str], example: Example
) -> None:
    person.go("/save")
    words = re.findall(r"<li>(\w+) </li>", person.fill_in("/save").text)
    later(day, 14)
    person.go("/back")
    page = person.fill_in("/back", code=" ".join(words))
    assert catalog.words.interview.welcome_back[:13] in text_of(page.text)
    assert person.go("/on").url.path == "/page/1"
    person.come(catalog, example({**OLD, **WELL, **KNOWN}))
    assert person.get("/plan.json").json()["since_last"]


def test_nothing_of_a_visit_stands_in_an_address_and_many_fit_a_cookie(
    catalog: Catalog, person: Person, day: list[str], example: Example
) -> None:
    for week in range(1, 4):
        later(day, 7 * week)
        person.go("/plan")
        person.fill_in("/check-in")
        assert "=" not in str(person.page.url)
        person.come(catalog, example({**OLD, **WELL, **KNOWN}))
    app: Any = person.app
    tickets = app.state.site.tickets
    found = tickets.opened(person.cookies[COOKIE])[0].session
    assert len(found["visits"]) == 3
    visit = found["visits"][-1]
    assert json.dumps(visit) == '{"pain_now": 3, "peg_activity": 4, "answered_on": "2026-11-22"}'
    days = (FIRST + timedelta(number) for number in range(60))
    many = [visit | {"answered_on": day.isoformat(), "pain_now": day.day % 11} for day in days]
    sealed = tickets.sealed(Ticket(session=found | {"visits": many[:41]}))
    assert len(sealed) < 4_000


def test_a_chart_shows_a_gap_as_a_gap_and_each_series_by_its_shape() -> None:
    drawn = ElementTree.fromstring(chart([1, 8, 30], [[7, None, 3], [10, 5, 0]], 10))
    assert len(drawn.findall("circle")) == 2
    assert len(drawn.findall("rect")) == 3
    lines = [one for one in drawn.findall("path") if one.get("class") in {"arrow", "thing"}]
    assert [one.get("stroke-dasharray") for one in lines] == ["5 4", "5 4"]
    assert ElementTree.fromstring(chart([1], [[0], [10]], 10)).findall("circle")
