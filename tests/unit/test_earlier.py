"""What of earlier answers still counts, and what is asked again."""

from datetime import date, timedelta
from typing import Any

import pytest

from lumbar import Catalog, load
from lumbar.intake.earlier import Earlier, earlier
from lumbar.intake.interview import Interview
from lumbar.rulebook.questionnaire import asked_again

TODAY = date(2026, 11, 29)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


@pytest.fixture(scope="module")
def person(catalog: Catalog) -> dict[str, Any]:
    over = {"bladder_start": "new", "menopause": "yes", "pain_now": 7, "pain_worst": 8}
    return dict(catalog.questionnaire.example(over))


def after(catalog: Catalog, person: dict[str, Any], days: int | None) -> Earlier:
    day = {} if days is None else {"answered_on": (TODAY - timedelta(days)).isoformat()}
    return earlier(catalog.questionnaire, day | person, TODAY)


@pytest.mark.parametrize("days", [0, 1])
def test_for_a_day_all_of_it_counts(catalog: Catalog, person: dict[str, Any], days: int) -> None:
    found = after(catalog, person, days)
    assert found.answers == person
    assert not found.old


@pytest.mark.parametrize("days", [2, 30, None, -1], ids=str)
def test_then_every_sign_and_what_changes_is_asked_again(
    catalog: Catalog, person: dict[str, Any], days: int | None
) -> None:
    """Also where the day is not known, or lies ahead."""
    found = after(catalog, person, days)
    assert found.old
    assert found.said == person
    left = set(found.answers)
    assert {"age", "sex", "work_status", "goal", "minutes_a_day"} <= left
    asked = catalog.questionnaire.questions
    assert not [name for name in left if asked_again(asked[name])]
    assert {"pain_now", "pain_worst", "pain_days", "bladder_start", "elsewhere"}.isdisjoint(left)


def test_a_card_is_asked_again_as_a_whole_and_no_tick_stands_ready(
    catalog: Catalog, person: dict[str, Any]
) -> None:
    found = after(catalog, person, 2)
    interview = Interview(catalog.questionnaire, found.answers, catalog.words.interview, found.said)
    cards = set()
    while interview.question is not None:
        if interview.card:
            cards.add(interview.card.topic.id)
            if any(map(asked_again, interview.card.asked)):
                assert interview.said is None
        else:
            assert interview.said is None or not asked_again(
                catalog.questionnaire.questions[str(interview.current)]
            )
        interview.answer(interview.question.typed(interview.question.example))
    assert {"pelvis", "legs", "bones", "general_health", "chest_belly"} <= cards
    assert not {"wishes", "mood", "work"} & cards


def test_after_thirty_days_all_is_asked_and_the_harmless_stands_ready(
    catalog: Catalog, person: dict[str, Any]
) -> None:
    found = after(catalog, person, 31)
    assert (len(found.answers), found.said) == (0, person)
    interview = Interview(catalog.questionnaire, found.answers, catalog.words.interview, found.said)
    ready = {}
    while interview.question is not None:
        ready[interview.question.id] = interview.said
        interview.answer(interview.question.typed(interview.question.example))
    assert ready["age"] == person["age"]
    assert ready["goal"] == person["goal"]
    assert ready["card.wishes"] is not None
    assert ready["pain_now"] is None
    assert ready["card.pelvis"] is None


def test_nothing_is_lost_before_all_was_asked_again(
    catalog: Catalog, person: dict[str, Any]
) -> None:
    found = after(catalog, person, 2)
    interview = Interview(catalog.questionnaire, found.answers, catalog.words.interview, found.said)
    assert interview.kept == person
    assert interview.question is not None
    interview.answer(frozenset({"none"}))
    assert interview.kept == {**person, "bladder_start": "no"}
    while interview.question is not None:
        interview.skip()
    assert "pain_now" not in interview.kept


def test_what_does_not_fit_is_named_and_the_rest_is_carried_over(catalog: Catalog) -> None:
    raw = {
        "answered_on": TODAY.isoformat(),
        "questionnaire": "older",
        "age": 42,
        "sex": "robot",
        "no_such": 1,
        "pain_now": 99,
        "pregnancy_weeks": 20,
    }
    found = earlier(catalog.questionnaire, raw, TODAY)
    assert found.answers == {"age": 42, "pregnancy_weeks": 20}  # whether pregnant is not known
    assert set(found.unfit) == {"sex", "no_such", "pain_now"}


@pytest.mark.parametrize("day", ["yesterday", 5, None, "2026-13-01"])
def test_a_day_that_is_none_is_not_known(
    catalog: Catalog, person: dict[str, Any], day: Any
) -> None:
    found = earlier(catalog.questionnaire, person | {"answered_on": day}, TODAY)
    assert found.day is None
    assert found.unfit == ()
    assert "pain_now" not in found.answers


def test_more_keys_than_there_are_questions_are_named_and_the_rest_is_carried_over(
    catalog: Catalog,
) -> None:
    raw = {"age": 42, **{f"old_{place}": "yes" for place in range(1000)}}
    found = earlier(catalog.questionnaire, raw, TODAY)
    assert found.said == {"age": 42}
    assert len(found.unfit) == 1000
