"""The question loop: forward, back, changes of mind, skipped questions, and an emergency told once."""

from pathlib import Path
from typing import Any

import pytest

from lumbar import Catalog, load
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview
from lumbar.intake.length import left, length
from lumbar.rulebook.questionnaire import OneOf

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def answered(toy: Catalog, **over: Any) -> Interview:
    """Return an interview in which the example person, with some answers laid over, has answered
    everything.
    """
    return Interview(toy.questionnaire, toy.questionnaire.example(over))


def walked(interview: Interview, **over: Any) -> list[str]:
    """Answer every question with its example, or what is laid over, to the end; return the
    questions met.
    """
    met = []
    while interview.question is not None:
        name = interview.question.id
        assert len(met) < len(interview.questionnaire.questions), (
            "the interview goes round in circles"
        )
        met.append(name)
        interview.answer(interview.question.typed(over.get(name, interview.question.example)))
    return met


def test_it_begins_with_the_first_question(toy: Catalog) -> None:
    assert Interview(toy.questionnaire).current == "age"


def test_every_question_that_applies_is_met_once_in_order(toy: Catalog) -> None:
    interview = Interview(toy.questionnaire)
    assert walked(interview) == list(toy.questionnaire.example())
    assert interview.answers == toy.questionnaire.example()
    assert (interview.current, interview.question, interview.topic) == (None, None, None)


def test_what_an_answer_brings_up_is_asked(toy: Catalog) -> None:
    assert "weak_days" in walked(Interview(toy.questionnaire), weak_leg="yes")
    assert "weak_days" not in walked(Interview(toy.questionnaire), weak_leg="no")
    assert not {"pregnant", "pregnancy_weeks"} & set(walked(Interview(toy.questionnaire), age=70))


def test_it_goes_on_where_saved_answers_end(toy: Catalog) -> None:
    assert Interview(toy.questionnaire, {"age": 42, "weak_leg": "yes"}).current == "weak_days"


def test_it_goes_on_at_a_gap_in_saved_answers(toy: Catalog) -> None:
    answers = toy.questionnaire.example({"fever": None})
    assert walked(Interview(toy.questionnaire, answers)) == ["fever"]


def test_back_goes_to_the_question_before_and_keeps_all_answers(toy: Catalog) -> None:
    interview = Interview(toy.questionnaire)
    interview.answer(42)
    interview.answer("no")
    assert interview.back()
    assert interview.current == "weak_leg"
    assert interview.back()
    assert interview.current == "age"
    assert interview.answers == {"age": 42, "weak_leg": "no"}


def test_there_is_nothing_before_the_first_question(toy: Catalog) -> None:
    interview = Interview(toy.questionnaire)
    assert not interview.back()
    assert interview.current == "age"


def test_back_from_the_end_goes_to_the_last_question(toy: Catalog) -> None:
    interview = answered(toy)
    assert interview.back()
    assert interview.current == "work"


def test_back_passes_over_questions_that_are_not_asked(toy: Catalog) -> None:
    interview = Interview(toy.questionnaire, {"age": 42, "weak_leg": "no"})
    assert interview.current == "fever"
    interview.back()
    assert interview.current == "weak_leg"


def test_the_same_answer_again_keeps_everything_and_goes_on_where_it_stopped(toy: Catalog) -> None:
    interview = Interview(toy.questionnaire, {"age": 42, "weak_leg": "yes", "weak_days": 9})
    interview.change("weak_leg")
    interview.answer("yes")
    assert interview.answers["weak_days"] == 9
    assert interview.current == "fever"


def test_a_changed_answer_clears_what_hangs_on_it_and_asks_it_anew(toy: Catalog) -> None:
    interview = answered(toy, weak_leg="yes", weak_days=9)
    interview.change("weak_leg")
    interview.answer("unsure")
    assert "weak_days" not in interview.answers
    assert interview.current == "weak_days"


def test_a_changed_answer_clears_through_chains(toy: Catalog) -> None:
    interview = answered(toy, pregnant="yes", pregnancy_weeks=30)
    interview.change("age")
    interview.answer(70)
    assert not {"pregnant", "pregnancy_weeks"} & interview.answers.keys()
    assert interview.current is None


def test_a_changed_answer_leaves_all_other_answers(toy: Catalog) -> None:
    interview = answered(toy)
    interview.change("pain_now")
    interview.answer(9)
    assert interview.answers == {**toy.questionnaire.example(), "pain_now": 9}
    assert interview.current is None


def test_a_skipped_question_is_unanswered_and_not_asked_again(toy: Catalog) -> None:
    interview = Interview(toy.questionnaire, {"age": 42})
    interview.skip()
    assert "weak_leg" not in walked(interview)
    assert "weak_leg" not in interview.answers


def test_skipping_an_answered_question_takes_the_answer_and_what_hangs_on_it_back(
    toy: Catalog,
) -> None:
    interview = answered(toy, weak_leg="yes")
    interview.change("weak_leg")
    interview.skip()
    assert not {"weak_leg", "weak_days"} & interview.answers.keys()


def test_a_skipped_question_that_hangs_on_a_changed_answer_is_asked_again(toy: Catalog) -> None:
    interview = Interview(toy.questionnaire, {"age": 42, "weak_leg": "yes"})
    interview.skip()
    interview.change("weak_leg")
    interview.answer("unsure")
    assert interview.current == "weak_days"


def test_a_skipped_question_can_be_answered_after_all(toy: Catalog) -> None:
    interview = Interview(toy.questionnaire, {"age": 42})
    interview.skip()
    interview.back()
    assert interview.current == "weak_leg"
    interview.answer("no")
    assert (interview.answers["weak_leg"], interview.skipped) == ("no", set())


def test_progress_grows_to_the_number_of_screens(toy: Catalog) -> None:
    interview = Interview(toy.questionnaire)
    seen = []
    while interview.question is not None:
        seen.append(interview.progress()[0])
        interview.answer(interview.questionnaire.example()[interview.question.id])
    assert seen == sorted(seen)
    assert (seen[0], interview.progress()) == (1, (6, 6))


def test_screens_nobody_sees_are_not_counted(toy: Catalog) -> None:
    assert Interview(toy.questionnaire, {"age": 42}).progress()[1] == 6
    assert Interview(toy.questionnaire, {"age": 70}).progress()[1] == 5


def test_every_shipped_question_can_be_walked_to_the_end(catalog: Catalog) -> None:
    interview = Interview(catalog.questionnaire)
    assert walked(interview) == list(catalog.questionnaire.example())
    number, screens = interview.progress()
    assert number == screens


def test_what_is_left_of_an_interview_is_as_long_as_it_then_is(catalog: Catalog) -> None:
    """For the example person, at the start and at every card and question after it."""
    says, questionnaire = catalog.words.interview, catalog.questionnaire
    person = Answers.of(questionnaire, questionnaire.example())
    whole = length(questionnaire, says, person)
    interview = Interview(questionnaire, {}, says)
    assert left(interview, says) == whole
    given = 0
    while interview.question is not None:
        assert left(interview, says).answers == whole.answers - given
        card = interview.card
        said = interview.question.example if card is None else card.ticked(person) or ("none",)
        interview.answer(interview.question.typed(said))
        given += 1
    assert left(interview, says).minutes == 0
    assert 5 < whole.minutes < 12


def test_a_corrected_age_or_sex_keeps_what_still_applies(catalog: Catalog) -> None:
    """45 to 38 deleted four answers about pregnancy; female to other the menopause."""
    over = {"age": 45, "sex": "female", "pregnant": "no", "missed_period": "no", "menopause": "yes"}
    interview = Interview(catalog.questionnaire, catalog.questionnaire.example(over))
    before = dict(interview.answers)
    for name, value in (("age", 38), ("sex", "other")):
        interview.change(name)
        interview.answer(value)
        before[name] = value
        assert interview.answers == before
        assert interview.current is None
    interview.change("sex")
    interview.answer("male")
    assert not {"pregnant", "missed_period", "menopause"} & interview.answers.keys()


def test_what_was_said_of_one_sign_is_not_kept_for_another(catalog: Catalog) -> None:
    over = {"leg_weakness": "longstanding", "weakness_course": "same"}
    options = catalog.questionnaire.questions["weakness_course"]
    assert isinstance(options, OneOf)
    over["weakness_course"] = options.best
    interview = Interview(catalog.questionnaire, catalog.questionnaire.example(over))
    interview.change("leg_weakness")
    interview.answer("new")
    assert interview.current == "weakness_course"


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("pain_worst", 3, "pain_now"), ("pain_worst", 7, None), ("pain_days", 82 * 365, "age"),
        ("pain_days", 45 * 365, None), ("onset_age", 46, "age"), ("onset_age", 45, None),
    ],
)  # fmt: skip
def test_answers_that_cannot_go_together_are_noticed(
    catalog: Catalog, name: str, value: int, other: str | None
) -> None:
    over = {"age": 45, "pain_now": 7, "pain_worst": 8, "pain_days": 400}
    interview = Interview(catalog.questionnaire, catalog.questionnaire.example(over))
    interview.change(name)
    found = interview.contradicted(value)
    assert (found and found.id) == other


def test_a_change_that_makes_a_later_number_impossible_asks_it_anew(catalog: Catalog) -> None:
    over = {"pain_now": 3, "pain_worst": 5}
    interview = Interview(catalog.questionnaire, catalog.questionnaire.example(over))
    interview.change("pain_now")
    interview.answer(8)
    assert "pain_worst" not in interview.answers
    assert interview.current == "pain_worst"
