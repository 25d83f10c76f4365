"""What a person said, as one record: understood once, changed without losing sight of what hangs on
it.
"""

from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest

from lumbar import BadAnswersError, Catalog, decide, load
from lumbar.intake.answers import Answers
from lumbar.rulebook.questionnaire import Questionnaire

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


@pytest.fixture(scope="module")
def asked(toy: Catalog) -> Questionnaire:
    return toy.questionnaire


def codes(asked: Questionnaire, given: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(BadAnswersError) as caught:
        Answers.of(asked, given)
    return [(one.code, one.message.split("'")[1]) for one in caught.value.problems]


def test_raw_answers_are_typed_in_the_order_of_the_questionnaire(asked: Questionnaire) -> None:
    answers = Answers.of(asked, {"signs": ["rash", "lump"], "fever": "no", "age": 42})
    assert list(answers.items()) == [
        ("age", 42), ("fever", "no"), ("signs", frozenset({"lump", "rash"}))
    ]  # fmt: skip
    assert answers.raw == {"age": 42, "fever": "no", "signs": ["lump", "rash"]}


def test_the_facts_hold_scores_and_what_is_open(asked: Questionnaire) -> None:
    facts = Answers.of(asked, {"age": 42, "fever": "no"}).facts
    assert (facts.known["age"], facts.known["open_flags"]) == (42, 2)
    assert "weak_leg" in facts.unanswered
    assert "fever" not in facts.unanswered


def test_the_day_goes_with_the_answers_and_is_none_of_them(asked: Questionnaire) -> None:
    answers = Answers.of(asked, {"answered_on": "2026-11-22", "age": 42})
    assert (answers.answered_on, dict(answers)) == ("2026-11-22", {"age": 42})
    later, _ = answers.having({"age": 43})
    assert (later.answered_on, later.without("age").answered_on) == ("2026-11-22", "2026-11-22")


def test_every_fault_is_told_before_anything_is_made(asked: Questionnaire) -> None:
    given = {"age": 200, "fever": "maybe", "agee": 1, "answered_on": "today"}
    assert sorted(codes(asked, given)) == [
        ("out-of-range", "age"), ("unknown-option", "fever"), ("unknown-question", "agee"),
        ("wrong-type", "answered_on"),
    ]  # fmt: skip


def test_an_answer_nobody_was_asked_for_is_refused(asked: Questionnaire) -> None:
    assert codes(asked, {"weak_leg": "no", "weak_days": 3}) == [("not-asked", "weak_days")]


def test_a_record_is_not_understood_again(toy: Catalog, asked: Questionnaire) -> None:
    answers = Answers.of(asked, asked.example())
    assert Answers.of(asked, answers) is answers
    assert decide(toy, answers).answers is answers
    assert Answers.of(load(TOY).questionnaire, answers) is answers, "it asks the same"


def test_a_record_for_another_questionnaire_is_understood_anew(asked: Questionnaire) -> None:
    answers = Answers.of(asked, {"age": 42, "answered_on": "2026-11-22"})
    other = replace(asked, topics=asked.topics[:-1])
    anew = Answers.of(other, answers)
    assert (anew.questionnaire, anew.answered_on, anew) == (other, "2026-11-22", {"age": 42})
    assert anew.version != answers.version


@pytest.mark.parametrize("change", ["scores", "shown_when", "option", "range"])
def test_the_version_is_of_all_that_gives_answers_their_meaning(
    asked: Questionnaire, change: str
) -> None:
    def with_first(**update: Any) -> Questionnaire:
        topic = asked.topics[0]
        first = replace(topic.questions[0], **update)
        topics = (replace(topic, questions=(first, *topic.questions[1:])),)
        return Questionnaire((*topics, *asked.topics[1:]), asked.scores)

    condition = next(filter(None, (one.shown_when for one in asked.questions.values())))
    other = {
        "scores": Questionnaire(asked.topics, asked.scores[1:]),
        "shown_when": with_first(shown_when=condition),
        "option": Questionnaire(asked.topics[::-1], asked.scores),
        "range": with_first(high=119),
    }[change]
    assert other.version != asked.version
    assert with_first(text="How old?", help="In years.").version == asked.version


def test_a_record_cannot_be_changed(asked: Questionnaire) -> None:
    answers: Any = Answers.of(asked, {"age": 42})
    with pytest.raises(FrozenInstanceError):
        answers.answered_on = "2026-11-22"
    with pytest.raises(TypeError):
        answers["age"] = 43


def test_a_change_drops_what_is_no_longer_asked_and_says_so(asked: Questionnaire) -> None:
    before = Answers.of(asked, asked.example({"pregnant": "yes"}))
    after, dropped = before.having({"age": 70})
    assert dropped == ("pregnant", "pregnancy_weeks")
    assert after == {name: value for name, value in before.items() if name not in dropped} | {
        "age": 70
    }
    assert after.facts == Answers.of(asked, dict(after)).facts
    assert before["age"] != 70, "the record that was changed is as it was"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"age": 200}, "out-of-range"), ({"agee": 42}, "unknown-question"),
        ({"fever": None}, "wrong-type"), ({"weak_days": 3}, "not-asked"),
        ({"answered_on": "2026-11-22"}, "unknown-question"),
    ],
)  # fmt: skip
def test_a_change_that_is_none_is_refused(
    asked: Questionnaire, changed: dict[str, Any], code: str
) -> None:
    with pytest.raises(BadAnswersError) as caught:
        Answers.of(asked, asked.example()).having(changed)
    assert [one.code for one in caught.value.problems] == [code]


def test_what_is_left_open_takes_what_hangs_on_it_along(asked: Questionnaire) -> None:
    answers = Answers.of(asked, {"age": 42, "weak_leg": "yes", "weak_days": 9})
    assert answers.without("weak_days") == {"age": 42, "weak_leg": "yes"}
    left = Answers.of(asked, {"weak_leg": "no"}).without("weak_leg")
    assert (dict(left), "weak_leg" in left.facts.unanswered) == ({}, True)
