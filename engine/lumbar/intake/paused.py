"""An interview put down as plain data, such as JSON holds, and taken up where it was."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lumbar.intake.interview import Interview
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import Questionnaire
from lumbar.rulebook.words import InterviewWords

Data = dict[str, Any]


def put_down(interview: Interview) -> Data:
    """Return all that an interview knows of a person; what is empty is left out."""
    doubtful = interview.doubtful
    data = {
        "answers": interview.answers.raw,
        "before": {name: _raw(value) for name, value in interview.before.items()},
        "skipped": sorted(interview.skipped),
        "cards": sorted(interview.done),
        "in_full": sorted(interview.in_full),
        "current": interview.current,
        "left": sorted(doubtful.left or ()) if doubtful else None,
    }
    return {name: value for name, value in data.items() if value}


def take_up(
    questionnaire: Questionnaire, says: InterviewWords, data: Mapping[str, Any]
) -> Interview:
    """Return the interview that was put down, which was to this questionnaire.

    Raises BadAnswersError where an answer is none.
    """
    questions = questionnaire.questions
    before = {name: questions[name].typed(raw) for name, raw in data.get("before", {}).items()}
    interview = Interview(questionnaire, data.get("answers", {}), says, before)
    interview.skipped = set(data.get("skipped", ()))
    interview.done = set(data.get("cards", ()))
    interview.in_full = set(data.get("in_full", ()))
    interview.current = data.get("current")
    if "left" in data and (card := interview.card):
        interview.doubtful = replace(card, left=frozenset(data["left"]))
    return interview


def _raw(value: Value) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value
