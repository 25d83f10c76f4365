"""The pages from the first to the last, as people use them."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lumbar import Catalog, decide, make_plan
from lumbar.intake.answers import Answers
from lumbar.plan.document import to_json
from lumbar.review.people.personas import load_personas

pytest.importorskip("axe_playwright_python", reason="the extra `dev` is not installed")
from browser.person import Person, click, look, press

Opened = Callable[..., Any]
Meet = Callable[..., Person]
PERSONAS = load_personas(Path(__file__).parents[1] / "personas")
ORDINARY = "desk_worker_recurrent_ache"
OTHERS = ("/how/1", "/movement/1", "/paper", "/summary", "/save", "/delete", "/back", "/over-time", "/nowhere")  # fmt: skip
DESK = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def meet(catalog: Catalog, example: Callable[..., Any], opened: Opened) -> Meet:
    """Return what lets a persona come, in a browser with these options."""

    def come(name: str, do: Any = click, looks: bool = False, **options: Any) -> Person:
        answers = Answers.of(catalog.questionnaire, example(PERSONAS[name].answers))
        return Person(opened(**options), catalog, answers, do, looks)

    return come


def to_plan(person: Person) -> Any:
    """Go all the way; return the plan as data."""
    person.walk()
    person.follow("/plan")
    return person.page.request.get("/plan.json").json()


def on_terminal(catalog: Catalog, answers: Answers) -> Any:
    return json.loads(to_json(make_plan(decide(catalog, answers), date.today().isoformat())))


@pytest.mark.parametrize(
    ("do", "options"),
    [(click, {"java_script_enabled": False}), (press, DESK)],
    ids=["by thumb, without scripts", "by keyboard"],
)
def test_an_ordinary_person_comes_to_the_plan_of_a_terminal(
    catalog: Catalog, meet: Meet, do: Any, options: Any
) -> None:
    person = meet(ORDINARY, do, **options)
    assert to_plan(person) == on_terminal(catalog, person.every.answers)


@pytest.mark.parametrize("options", [{}, {**DESK, "color_scheme": "dark"}], ids=["day", "night"])
def test_every_page_can_be_read_hit_and_reached(meet: Meet, options: Any) -> None:
    person = meet(ORDINARY, looks=True, **options)
    look(person.page)
    to_plan(person)
    for address in OTHERS:
        person.page.goto(address)
        look(person.page)


def test_who_must_be_seen_now_is_told_on_the_next_page(meet: Meet) -> None:
    person = meet("new_leak_little_pain", looks=True)
    person.until("/emergency")
    assert person.page.locator("h1").inner_text().startswith("Your answers suggest")
    person.page.emulate_media(media="print")
    assert person.page.locator(".paper").is_visible(), "what to take along is printed"
    person.page.emulate_media(media="screen")
    assert person.walk_on()[-1] == "/check", "going on stays possible"


def test_an_empty_page_says_what_is_missing_and_leads_there(meet: Meet) -> None:
    person = meet(ORDINARY, looks=True)
    person.begin()
    person.come(lambda: person.page.locator("main form .button").click())
    assert person.page.title().startswith("Error: ")
    wrong = person.page.locator(".errors a").first
    wrong.click()
    focused = person.page.evaluate("document.activeElement.id")
    assert f"#{focused}" == wrong.get_attribute("href")


def test_what_was_said_is_there_again_on_the_way_back(meet: Meet) -> None:
    person = meet(ORDINARY)
    person.begin()
    person.go_on()
    person.page.go_back()
    assert person.page.locator("input.typed").first.input_value() == "42 years"
    person.page.go_forward()
    assert person.at == "/page/2"


@pytest.fixture(scope="module")
def finished(catalog: Catalog, chromium: Any, site: str) -> Any:
    """The cookie of somebody who has answered all."""
    with closing(chromium.new_context(base_url=site)) as context:
        page = context.new_page()
        page.goto("/")
        usual = Answers.of(catalog.questionnaire, catalog.questionnaire.example())
        Person(page, catalog, usual).walk()
        return context.storage_state()


def test_a_changed_answer_leads_back_to_the_check(opened: Opened, finished: Any) -> None:
    page = opened("/check", storage_state=finished)
    follow(page, 'button[value="age"]')
    look(page)
    page.locator('input[name="age"]').fill("43")
    follow(page, "main form .button")
    assert page.url.endswith("/check")
    assert page.locator('dt:text-is("Your age") + dd').inner_text() == "43 years"


def test_a_code_brings_somebody_back_on_another_machine(opened: Opened, finished: Any) -> None:
    page, other = opened("/plan", storage_state=finished), opened("/back")
    before = page.request.get("/plan.json").json()
    code = saved(page)
    look(page)
    give(other, "wrong words all of them")
    look(other)
    assert other.locator(".errors").is_visible()
    give(other, code)
    assert other.request.get("/plan.json").json() == before


def test_what_is_deleted_is_gone_and_its_code_opens_nothing(opened: Opened, finished: Any) -> None:
    page, other = opened("/plan", storage_state=finished), opened("/back")
    code = saved(page)
    page.goto("/delete")
    follow(page, "main form button")
    look(page)
    page.goto("/plan")
    assert page.url.endswith("localhost:" + page.url.split(":")[2].split("/")[0] + "/")
    give(other, code)
    assert other.url.endswith("/back")


def test_movements_follow_one_another_each_with_its_picture(opened: Opened, finished: Any) -> None:
    page = opened("/plan", storage_state=finished)
    follow(page, 'a[href="/movement/1"]')
    assert page.locator("main svg").first.is_visible()
    first = page.locator("h1").inner_text()
    follow(page, 'a[href="/movement/2"]')
    assert page.locator("h1").inner_text() != first


def saved(page: Any) -> str:
    """Save what was said; return the code that is shown."""
    page.goto("/save")
    follow(page, "main form button")
    return " ".join(page.locator(".code li").all_inner_texts())


def give(page: Any, code: str) -> None:
    page.locator('[name="code"]').fill(code)
    follow(page, "main form button")


def follow(page: Any, target: str) -> None:
    with page.expect_navigation():
        page.locator(target).first.click()
