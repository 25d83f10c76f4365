"""People over the whole answer space, for Hypothesis: any, nearly the example person, or with gaps."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from lumbar import load
from lumbar.intake.answers import Answers
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf

QUESTIONNAIRE = load().questionnaire
QUESTIONS = QUESTIONNAIRE.questions


def answer_to(question: Number | OneOf | SeveralOf) -> st.SearchStrategy[Any]:
    """Any valid answer, the ends of a range more often than their share."""
    if isinstance(question, Number):
        return st.sampled_from([question.low, question.high]) | st.integers(
            question.low, question.high
        )
    if isinstance(question, OneOf):
        return st.sampled_from(list(question.labels))
    some = st.lists(
        st.sampled_from([one for one in question.labels if one != NONE]), min_size=1, unique=True
    )
    return st.just([NONE]) | some


ANSWERS = {name: answer_to(question) for name, question in QUESTIONS.items()}


def raw(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return typed answers as they stand in a file."""
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in typed.items()
    }


@st.composite
def anybody(draw: st.DrawFn) -> dict[str, Any]:
    """A person who answers anything to every question that applies."""
    answers: dict[str, Any] = {}
    comes_again = draw(st.booleans())
    for name, shown in QUESTIONNAIRE.walk(answers):
        if shown is not False or (comes_again and name in QUESTIONNAIRE.known):
            answers[name] = QUESTIONS[name].typed(draw(ANSWERS[name]))
    return raw(answers)


@st.composite
def nearly_the_example(draw: st.DrawFn) -> dict[str, Any]:
    """The example person with a few other answers."""
    changed = draw(st.lists(st.sampled_from(list(QUESTIONS)), max_size=8, unique=True))
    return raw(QUESTIONNAIRE.example({name: draw(ANSWERS[name]) for name in changed}))


@st.composite
def with_gaps(draw: st.DrawFn) -> dict[str, Any]:
    """A person who left some questions out."""
    answers = draw(anybody() | nearly_the_example())
    dropped = draw(st.sets(st.sampled_from(list(QUESTIONS)), min_size=1, max_size=12))
    return still_asked({name: value for name, value in answers.items() if name not in dropped})


def still_asked(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers whose questions are still asked when the others are as they are."""
    typed = {name: QUESTIONS[name].typed(value) for name, value in answers.items()}
    return Answers.typed(QUESTIONNAIRE, typed).raw


people = anybody() | nearly_the_example() | with_gaps()
