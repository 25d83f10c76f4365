"""The pages from the first to the last, as people use them."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from browser.person import DESK, Person, follow, give, look, press, saved
from lumbar import Catalog, decide, make_plan
from lumbar.intake.answers import Answers
from lumbar.plan.document import to_json

Opened = Callable[..., Any]
Meet = Callable[..., Person]
ORDINARY, OTHER = "desk_worker_recurrent_ache", "late_pregnancy_pelvic_pain"


def plan_of(person: Person) -> Any:
    """Go on from the check of the answers; return the plan as data."""
    person.follow("/plan")
    return person.page.request.get("/plan.json").json()


def on_terminal(catalog: Catalog, answers: Answers) -> Any:
    return json.loads(to_json(make_plan(decide(catalog, answers), date.today().isoformat())))


def test_an_ordinary_person_comes_by_mouse_to_the_plan_of_a_terminal(
    catalog: Catalog, meet: Meet
) -> None:
    person = meet(ORDINARY, looks=True, viewport=DESK)
    person.walk()
    assert plan_of(person) == on_terminal(catalog, person.every.answers)


def test_two_people_at_once_over_two_workers_each_come_to_their_own_plan(
    catalog: Catalog, meet: Meet, two_workers: str
) -> None:
    thumb = meet(ORDINARY, base_url=two_workers, java_script_enabled=False)
    keyboard = meet(OTHER, press, base_url=two_workers, viewport=DESK)
    for one in (thumb, keyboard):
        one.begin()
    while on_the_way := [one for one in (thumb, keyboard) if one.at != "/check"]:
        for one in on_the_way:
            one.go_on()
    for one in (thumb, keyboard):
        assert plan_of(one) == on_terminal(catalog, one.every.answers)


def test_who_must_be_seen_now_is_told_on_the_next_page(meet: Meet) -> None:
    person = meet("new_leak_little_pain")
    person.until("/emergency")
    look(person.page)
    assert person.page.locator("h1").inner_text().startswith("Your answers suggest")
    person.page.emulate_media(media="print")
    assert person.page.locator(".paper").is_visible(), "what to take along is printed"
    person.page.emulate_media(media="screen")
    person.follow("/on")
    assert person.page.locator('a[href="/emergency"]').is_visible()
    at = person.at
    person.go_on()
    assert person.at != at, "going on stays possible"


def test_an_empty_page_says_what_is_missing_and_leads_there(meet: Meet) -> None:
    person = meet(ORDINARY)
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


def test_a_changed_answer_leads_back_to_the_check(opened: Opened, finished: Any) -> None:
    page = opened("/check", storage_state=finished)
    follow(page, 'button[value="age"]')
    look(page)
    page.locator('input[name="age"]').fill("43")
    follow(page, "main form .button")
    assert page.url.endswith("/check")
    assert page.locator('dt:text-is("Your age") + dd').inner_text() == "43 years"


def test_a_code_brings_somebody_back_on_another_machine(opened: Opened, finished: Any) -> None:
    page, other = opened("/plan", storage_state=finished), opened()
    before = page.request.get("/plan.json").json()
    give(other, saved(page))
    assert other.request.get("/plan.json").json() == before


def test_what_is_deleted_is_gone_and_its_code_opens_nothing(opened: Opened, finished: Any) -> None:
    page, other = opened("/plan", storage_state=finished), opened()
    code = saved(page)
    page.goto("/delete")
    follow(page, "main form button")
    look(page)
    page.goto("/plan")
    assert page.url.count("/") == 3, "nobody is known, who is led to the first page"
    assert page.url.endswith("/")
    give(other, code)
    assert other.url.endswith("/back")


def test_movements_follow_one_another_each_with_its_picture(opened: Opened, finished: Any) -> None:
    page = opened("/plan", storage_state=finished)
    follow(page, 'a[href="/movement/1"]')
    assert page.locator("main svg").first.is_visible()
    first = page.locator("h1").inner_text()
    follow(page, 'a[href="/movement/2"]')
    assert page.locator("h1").inner_text() != first
