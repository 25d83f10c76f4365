"""What was answered before: what still counts of it, and what is asked again.

Signs, and what changes from day to day, count for a day; the rest for thirty days. Later all of it
is a suggestion only. Where the day is not known, or lies ahead, signs are asked again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lumbar.intake.answers import Answers, faults
from lumbar.intake.cards import on_card
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import ANSWERED_ON, QUESTIONNAIRE, Questionnaire, asked_again

_SIGNS_COUNT = 1  # days
_ALL_COUNT = 30


@dataclass(frozen=True)
class Earlier:
    """What still counts is in `answers`; `said` is all that was answered, which is a suggestion
    where it is asked again; `unfit` names what does not fit today's questions.
    """

    answers: Answers
    said: Mapping[str, Value]
    unfit: tuple[str, ...] = ()

    @property
    def day(self) -> str | None:
        """The day of all that was answered."""
        return self.answers.answered_on

    @property
    def old(self) -> bool:
        """Whether something is asked again because of its age."""
        return len(self.answers) < len(self.said)


def earlier(questionnaire: Questionnaire, raw: Mapping[str, Any], today: date) -> Earlier:
    """Carry raw answers over to a questionnaire, question by question."""
    return carried(questionnaire, raw, today)


def carried(
    questionnaire: Questionnaire, raw: Mapping[str, Any], today: date, at_least_old: bool = False
) -> Earlier:
    """Carry raw answers over; those `at_least_old` are older than a day, whatever their day is."""
    besides = {ANSWERED_ON, QUESTIONNAIRE}
    # a key that is no question of today's is a fault; each is judged by itself, however many
    unfit = [name for name, value in raw.items() if faults(questionnaire, {name: value})]
    asked = questionnaire.questions
    typed = {
        name: asked[name].typed(value)
        for name, value in raw.items()
        if name not in besides and name not in unfit
    }
    day = raw.get(ANSWERED_ON) if ANSWERED_ON not in unfit else None
    every = Answers.typed(questionnaire, typed, day)
    gone = dict.fromkeys(name for name in (*unfit, *typed) if name not in every)
    days = age(day, today)
    if at_least_old and days is not None:
        days = max(days, _SIGNS_COUNT + 1)
    still = every.without(*_to_ask_again(questionnaire, days))
    return Earlier(still, every.given, tuple(name for name in gone if name not in besides))


def age(day: str | None, today: date) -> int | None:
    """Return how many days ago a day is; None where that cannot be told."""
    days = (today - date.fromisoformat(day)).days if day else -1
    return days if days >= 0 else None


def _to_ask_again(questionnaire: Questionnaire, age: int | None) -> list[str]:
    """Return the questions whose answers are too old; a card is asked again as a whole."""
    if age is not None and age <= _SIGNS_COUNT:
        return []
    if age is not None and age > _ALL_COUNT:
        return list(questionnaire.questions)
    again = {name for name, one in questionnaire.questions.items() if asked_again(one)}
    for topic in questionnaire.topics:
        if any(map(asked_again, on_card(topic))):
            again.update(one.id for one in on_card(topic))
    return list(again)
