"""How long the questions take somebody: answers, screens, words, minutes."""

from dataclasses import dataclass
from math import ceil

from lumbar.intake.answers import Answers
from lumbar.intake.cards import card_of
from lumbar.intake.interview import Interview
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, Questionnaire, SeveralOf
from lumbar.rulebook.words import InterviewWords

_WORDS_A_MINUTE = 200
_SECONDS_AN_ANSWER = 3
# How many times as long as the example person others take, for what they tick is asked in full: the
# median that `lumbar audit` measures of people with simple back pain.
_OTHERS_TAKE = 1.15


@dataclass(frozen=True, slots=True)
class Length:
    """How many answers are given on how many screens, and how many words are read."""

    answers: int
    screens: int
    words: int

    @property
    def minutes(self) -> float:
        """The minutes this takes at 200 words a minute and 3 seconds an answer."""
        return self.words / _WORDS_A_MINUTE + self.answers * _SECONDS_AN_ANSWER / 60


def length(questionnaire: Questionnaire, says: InterviewWords, answers: Answers) -> Length:
    """Return how long the interview was for somebody who gives these answers, card by card."""
    interview = Interview(questionnaire, {}, says)
    given, words, screens = 0, 0, set()
    while (question := interview.question) is not None:
        topic = interview.topic
        assert topic is not None
        if topic.id not in screens:
            screens.add(topic.id)
            words += _words(topic.title, topic.intro)
        given += 1
        words += _of(question, interview.needs_help)
        value = _answer(interview, answers)
        if value is None:
            interview.skip()
        else:
            interview.answer(value)
    return Length(given, len(screens), words)


def _answer(interview: Interview, answers: Answers) -> Value | None:
    card = interview.card
    if card:
        return card.ticked(answers) or frozenset({NONE})
    assert interview.current is not None
    return answers.get(interview.current)


def left(interview: Interview, says: InterviewWords) -> Length:
    """Return how long the rest of an interview is for whoever answers it as the example person."""
    asked = interview.questionnaire.example(interview.answers)
    rest = asked.keys() - interview.answers.keys() - interview.skipped
    given, words, screens = 0, 0, 0
    for topic in interview.questionnaire.topics:
        card = card_of(topic, frozenset(rest), says)
        on_it = {one.id for one in card.asked} if card else set()
        alone = [one for one in topic.questions if one.id in rest - on_it]
        put = [*((card.question,) if card else ()), *alone]
        if put:
            screens += 1
            given += len(put)
            words += _words(topic.title, topic.intro) + sum(_of(one, False) for one in put)
    return Length(given, screens, words)


def minutes_left(interview: Interview, says: InterviewWords) -> int:
    """Return about how many minutes the rest of an interview takes somebody, rounded up."""
    return ceil(left(interview, says).minutes * _OTHERS_TAKE)


def _of(question: Number | OneOf | SeveralOf, with_help: bool) -> int:
    labels = [] if isinstance(question, Number) else question.labels.values()
    return _words(question.text, question.help if with_help else "", *labels)


def _words(*texts: str) -> int:
    return sum(len(text.split()) for text in texts)
