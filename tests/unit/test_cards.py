"""Cards: the answers that come of them are those that the person meant, whatever way was taken."""

import random
from dataclasses import replace
from typing import Any

import pytest

from lumbar import Catalog
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview
from lumbar.rulebook.questionnaire import NONE, UNSURE, OneOf, SeveralOf

BLADDER = "pelvis"


def interview(catalog: Catalog, answers: dict[str, Any] | None = None) -> Interview:
    return Interview(catalog.questionnaire, answers or {}, catalog.words.interview)


def to_card(catalog: Catalog, topic: str = BLADDER) -> Interview:
    """Return an interview of the example person that has come to the card of a topic."""
    now, usual = interview(catalog), catalog.questionnaire.example()
    while now.card is None or now.card.topic.id != topic:
        walk_one(now, Answers.of(catalog.questionnaire, raw(usual)))
    return now


def raw(answers: Any) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in answers.items()
    }


def walk_one(now: Interview, meant: Answers) -> None:
    """Answer what is asked now as somebody who means these answers would."""
    if now.card:
        now.answer(now.card.ticked(meant) or frozenset({NONE}))
    elif now.current in meant:
        now.answer(meant[now.current])
    else:
        now.skip()


def walked(now: Interview, meant: Answers) -> dict[str, Any]:
    while now.question is not None:
        walk_one(now, meant)
    return dict(now.answers)


def people(catalog: Catalog, count: int) -> list[Answers]:
    """Return people with random answers to everything that they are asked."""
    dice, found = random.Random(7), []
    for _ in range(count):
        over: dict[str, Any] = {}
        for name, question in catalog.questionnaire.questions.items():
            if dice.random() < 0.75 or not question.asked:  # they come for the first time
                continue
            if isinstance(question, OneOf):
                over[name] = dice.choice(list(question.labels))
            elif isinstance(question, SeveralOf):
                some = [one for one in question.labels if one not in {NONE, UNSURE}]
                over[name] = tuple(dice.sample(some, dice.randint(1, len(some))))
            else:
                over[name] = dice.randint(question.low, question.high)
        found.append(Answers.of(catalog.questionnaire, raw(catalog.questionnaire.example(over))))
    return found


def test_whoever_answers_card_by_card_gives_the_same_answers_as_question_by_question(catalog):
    for meant in people(catalog, 60):
        assert walked(interview(catalog), meant) == dict(meant)


def test_none_of_these_answers_every_line_with_what_is_harmless(catalog):
    now = to_card(catalog)
    names = [one.id for one in now.card.asked]
    now.answer(frozenset({NONE}))
    assert {name: now.answers[name] for name in names} == dict.fromkeys(names, "no")
    assert now.topic.id != BLADDER


def test_only_what_is_ticked_is_asked_in_full(catalog):
    now = to_card(catalog)
    now.answer(frozenset({"bladder_leak"}))
    assert (now.current, now.card, now.needs_help) == ("bladder_leak", None, True)
    now.answer("new")
    assert now.answers["bladder_leak"] == "new"
    assert now.answers["bladder_start"] == "no"
    assert now.topic.id != BLADDER


def test_a_tick_that_can_mean_one_thing_is_an_answer(catalog):
    now = to_card(catalog, "bones")
    now.answer(frozenset({"steroids"}))
    assert now.answers["steroids"] == "yes"


def test_who_is_not_sure_is_asked_which_line_and_then_in_full(catalog):
    now = to_card(catalog)
    now.answer(frozenset({UNSURE, "bladder_leak"}))
    assert now.card.doubtful
    assert "bladder_leak" not in now.card.lines
    now.answer(frozenset({"bowel_feeling"}))
    assert now.current == "bladder_leak"
    now.answer("longstanding")
    assert (now.current, now.needs_help) == ("bowel_feeling", True)
    now.answer(UNSURE)
    assert now.answers["bowel_feeling"] == UNSURE
    assert now.answers["bowel_control"] == "no"


def test_not_sure_of_a_line_of_several_is_not_sure_of_the_question(catalog):
    now = to_card(catalog, "general_health")
    now.answer(frozenset({UNSURE}))
    now.answer(frozenset({"infection_risks.raw_dairy"}))
    assert now.answers["infection_risks"] == frozenset({UNSURE})


def test_what_is_asked_by_itself_is_no_line_of_the_card_and_follows_it(catalog):
    now = to_card(catalog, "chest_belly")
    elsewhere = catalog.questionnaire.questions["elsewhere"]
    assert elsewhere not in now.card.asked
    now.answer(frozenset({NONE}))
    assert (now.card, now.question) == (None, elsewhere)
    assert "elsewhere" not in now.answers, "nothing is taken to be harmless that was not asked"


def test_what_is_asked_by_itself_has_no_line_to_tick(catalog):
    with pytest.raises(ValueError, match="by itself"):
        replace(catalog.questionnaire.questions["elsewhere"], tick="Something else")


def test_a_card_that_is_skipped_leaves_all_its_questions_open(catalog):
    now = to_card(catalog)
    names = {one.id for one in now.card.asked}
    now.skip()
    assert not names & now.answers.keys()
    assert now.current not in names
    while now.question is not None:
        walk_one(now, Answers.of(catalog.questionnaire, raw(catalog.questionnaire.example())))
    assert not names & now.answers.keys()


def test_going_back_shows_the_card_again_with_what_was_ticked(catalog):
    now = to_card(catalog)
    now.answer(frozenset({"bladder_leak"}))
    now.answer("new")
    assert now.back()  # from the next card to what was asked in full
    assert now.current == "bladder_leak"
    assert now.said == "new"
    assert now.back()
    assert now.card.topic.id == BLADDER
    assert now.said == frozenset({"bladder_leak"})
    now.answer(frozenset({"bladder_leak"}))
    assert now.answers["bladder_leak"] == "new"


def test_going_back_from_the_second_step_shows_the_first(catalog):
    now = to_card(catalog)
    now.answer(frozenset({UNSURE}))
    assert now.back()
    assert not now.card.doubtful


def test_a_resumed_card_asks_what_is_still_open_in_full(catalog):
    usual = raw(catalog.questionnaire.example())
    some = {name: usual[name] for name in ("age", "sex", "bladder_start")}
    now = interview(catalog, some)
    assert (now.current, now.card) == ("bladder_control", None)


def test_one_answer_can_be_changed_by_itself(catalog):
    usual = Answers.of(catalog.questionnaire, raw(catalog.questionnaire.example()))
    now = interview(catalog)
    walked(now, usual)
    now.change("bladder_leak")
    assert now.card is None
    now.answer("new")
    assert now.question is None
    assert now.answers["bladder_leak"] == "new"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_way_is_taken_nothing_is_answered_that_was_not_meant(catalog, seed):
    """Ticks, going back and skipping at random; then all is answered as it is meant."""
    dice = random.Random(seed)
    meant = people(catalog, seed + 1)[-1]
    now = interview(catalog)
    for _ in range(80):
        if now.question is None:
            break
        way = dice.random()
        if way < 0.2:
            now.back()
        elif way < 0.3:
            now.skip()
        else:
            walk_one(now, meant)
    now.skipped.clear()
    now.advance()
    walked(now, meant)
    assert dict(now.answers) == dict(meant)
