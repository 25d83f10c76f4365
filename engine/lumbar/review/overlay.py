"""A person's answers as an example or a persona writes them: only what differs from the example person."""

from collections.abc import Mapping
from typing import Any

from lumbar.questionnaire import Questionnaire


def overlay(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of some raw answers differs from the example person's: an example; None where nothing was said."""
    typed = questionnaire.typed(answers)
    found: dict[str, Any] = {}
    for name, shown in questionnaire.walk(typed):
        question = questionnaire.questions[name]
        if shown is not False and typed.get(name) != question.typed(question.example):
            found[name] = answers.get(name)
    return found
