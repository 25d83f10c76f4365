"""Coming again: what is known of the visits before, what is asked anew, and how it went over time.

Visits are raw answers as files have them, the earliest first; the first is that of the first plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from lumbar.intake.answers import Answers, is_day
from lumbar.intake.earlier import Earlier, age, carried, earlier
from lumbar.rulebook.questionnaire import ANSWERED_ON, Known, Questionnaire

Visits = Sequence[Mapping[str, Any]]


class Point(NamedTuple):
    """What was answered on a day to a question that is followed; None where it was left open."""

    day: str
    answers: Mapping[str, int | None]


def come_again(questionnaire: Questionnaire, visits: Visits, today: date) -> Earlier:
    """Return what to begin another visit with.

    Whatever changes is asked anew, however short a time it is: there is nothing to suggest, for it
    would be taken over unread.
    """
    last = {name: raw for name, raw in visits[-1].items() if name not in questionnaire.known}
    still = carried(questionnaire, last, today, at_least_old=True)
    known = dict(told(questionnaire, visits, today))
    values = {**still.answers.given, **known}
    answers = Answers.typed(questionnaire, values, today.isoformat())
    return Earlier(answers, answers.given, still.unfit)


def go_on(
    questionnaire: Questionnaire, visits: Visits, begun: Mapping[str, Any], today: date
) -> Earlier:
    """Return what to go on with in a visit that was begun; anew where that was too long ago."""
    known = dict(told(questionnaire, visits, today))
    given = earlier(questionnaire, {**begun, **known}, today)
    return given if given.answers else come_again(questionnaire, visits, today)


def told(questionnaire: Questionnaire, visits: Visits, today: date) -> Iterator[tuple[str, int]]:
    """Yield what the visits before tell; nothing of what they left open, or is no answer."""
    for name, known in questionnaire.known.items():
        value = _of(known, visits, today)
        if value is not None and not questionnaire.questions[name].fault(value):
            yield name, value


def _of(known: Known, visits: Visits, today: date) -> Any:
    visit = visits[0 if known.visit == "first" else -1]
    if known.answer is not None:
        return visit.get(known.answer)
    day = visit.get(ANSWERED_ON)
    return age(day, today) if is_day(day) else None


def followed(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the questions whose answers are compared with those of visits before, in order."""
    named = {one.answer for one in questionnaire.known.values() if one.answer}
    return tuple(name for name in questionnaire.questions if name in named)


def over_time(questionnaire: Questionnaire, visits: Visits) -> tuple[Point, ...]:
    """Return what is followed, a point a visit."""
    names, asked = followed(questionnaire), questionnaire.questions
    return tuple(
        Point(
            str(visit.get(ANSWERED_ON) or ""),
            {
                name: visit[name] if name in visit and not asked[name].fault(visit[name]) else None
                for name in names
            },
        )
        for visit in visits
    )
