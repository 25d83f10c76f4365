"""The early stop: what means emergency is told at once, each reason once, and nothing less is."""

import pytest

from lumbar import Catalog, load
from lumbar.decision.early_stop import EarlyStop

TOY = "tests/toy"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def test_an_emergency_is_told_once(toy: Catalog) -> None:
    early_stop = EarlyStop(toy)
    assert early_stop.look({"age": 42}) is None
    told = early_stop.look({"age": 42, "weak_leg": "yes"})
    assert told is not None
    assert (told.urgency, told.referrals[0].to) == ("emergency", "practitioner/emergency")
    assert early_stop.look({"age": 42, "weak_leg": "yes"}) is None


def test_a_second_reason_for_an_emergency_is_told_too(toy: Catalog) -> None:
    early_stop, answers = (
        EarlyStop(toy),
        toy.questionnaire.example({"weak_leg": "yes", "fever": "yes"}),
    )
    assert early_stop.look(answers) is not None
    told = early_stop.look({**answers, "signs": frozenset({"lump"})})
    assert told is not None
    assert told.referrals[0].rules == ("weak-leg", "infected-lump")


def test_what_is_less_than_an_emergency_does_not_stop_the_questions(toy: Catalog) -> None:
    assert EarlyStop(toy).look(toy.questionnaire.example({"fever": "yes"})) is None


def test_an_emergency_that_was_taken_back_and_is_given_again_is_told_again(toy: Catalog) -> None:
    early_stop = EarlyStop(toy)
    assert early_stop.look({"age": 42, "weak_leg": "yes"}) is not None
    assert early_stop.look({"age": 42, "weak_leg": "no"}) is None
    assert early_stop.look({"age": 42, "weak_leg": "yes"}) is not None
