"""Every page there is, looked at: each that asks as it is when it was left empty, and all of a plan."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from browser.person import follow, holding, look
from lumbar import Catalog
from lumbar.intake.answers import Answers
from lumbar.intake.cards import card_id
from lumbar.intake.interview import Interview
from lumbar.intake.screen import Place, parts, place_of
from lumbar.rulebook.questionnaire import Topic

Opened = Callable[..., Any]
People = dict[str, Answers]
UNFOLD = 'for (const one of document.querySelectorAll("details")) one.open = true'


def asking(catalog: Catalog, people: People, topic: Topic) -> Iterator[tuple[Interview, Place]]:
    """Yield somebody at the second step of a topic's card, or at its first page where it has none,
    and then who is asked each of its questions in full, many at a time.
    """
    names = [one.id for one in topic.questions if one.id not in catalog.questionnaire.known]
    at, place = next(first_pages(catalog, people, names))
    card = at.card_of(topic)
    yield at, Place((card_id(topic),), tuple(card.lines)) if card else place
    names = [name for name in names if card or name not in applying(at, place)]
    while names:
        at, place, shown = max(in_full(catalog, people, names), key=lambda found: len(found[2]))
        assert shown, f"nobody is asked {names}"
        names = [name for name in names if name not in shown]
        yield at, place


def first_pages(
    catalog: Catalog, people: People, names: list[str]
) -> Iterator[tuple[Interview, Place]]:
    """Yield everybody for whom only these questions are open, and what is asked of them first."""
    for one in people.values():
        at = without(catalog, one, *names)
        if at.current in names and (place := place_of(at)):
            yield at, place


def in_full(
    catalog: Catalog, people: People, names: list[str]
) -> Iterator[tuple[Interview, Place, set[str]]]:
    """Yield everybody at what they answered of these questions, and which are asked there."""
    for one in people.values():
        theirs = [name for name in names if name in one]
        at, place = without(catalog, one, *theirs), Place((*theirs,))
        at.done |= {topic.id for topic in catalog.questionnaire.topics}  # their cards were ticked
        at.in_full |= {*theirs}
        yield at, place, applying(at, place) if theirs else set()


def without(catalog: Catalog, answers: Answers, *names: str) -> Interview:
    return Interview(catalog.questionnaire, answers.without(*names), catalog.words.interview)


def applying(at: Interview, place: Place) -> set[str]:
    return {one.question.id for one in parts(at, place) if one.applies}


@pytest.mark.parametrize("half", [0, 1])
def test_every_question_and_card_can_be_read_hit_and_reached_where_it_was_left_empty(
    catalog: Catalog, people: People, opened: Opened, half: int
) -> None:
    page = opened()
    for topic in catalog.questionnaire.topics[half::2]:
        for at, place in asking(catalog, people, topic):
            page.context.add_cookies(holding(catalog, at, place)["cookies"])
            page.goto("/page/1")
            follow(page, "main form .button")
            assert page.locator(".errors li").count() == len(applying(at, place)), place
            look(page)


PLAN = ("/plan", "/paper", "/summary")
SEEN_NOW = ("new_leak_little_pain", (*PLAN, "/emergency"))
SEEN_TODAY = ("fever_and_chills", PLAN)
SEEN_SOON = ("crash_six_weeks_ago", PLAN)
HOME = ("desk_worker_recurrent_ache", (*PLAN, "/check", "/over-time", "/save", "/delete"))


@pytest.mark.parametrize("who", [SEEN_NOW, SEEN_TODAY, SEEN_SOON, HOME], ids=lambda who: who[0])
def test_all_of_a_plan_can_be_read_hit_and_reached_unfolded(
    catalog: Catalog, people: People, opened: Opened, who: tuple[str, tuple[str, ...]]
) -> None:
    name, addresses = who
    page = opened(storage_state=holding(catalog, without(catalog, people[name])))
    for address in addresses:
        assert seen(page, address)
        assert page.url.endswith(address)
    for kind in ("how", "movement"):
        number = 1
        while seen(page, f"/{kind}/{number}"):
            number += 1


def seen(page: Any, address: str) -> bool:
    """Look at a page with everything unfolded; return whether there is one."""
    answer = page.goto(address)
    if answer.ok:
        page.evaluate(UNFOLD)
        look(page)
    return bool(answer.ok)


@pytest.mark.parametrize("address", ["/", "/back", "/nowhere"])
def test_the_pages_of_nobody_can_be_read_hit_and_reached(opened: Opened, address: str) -> None:
    page = opened(address)
    page.evaluate(UNFOLD)
    look(page)
