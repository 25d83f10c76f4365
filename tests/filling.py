"""What somebody whose answers are known fills in on a page of the web."""

from dataclasses import replace
from typing import Any

from lumbar.intake.interview import Interview
from lumbar.rulebook.questionnaire import NONE, UNSURE


def picked(every: Interview, name: str, can: set[str]) -> list[str]:
    """Return what somebody who answered all of an interview fills in for a question or card.

    `can` is what may be picked there; nothing where it is typed.
    """
    if not name.startswith("card."):
        value: Any = every.answers.get(name)
        if isinstance(value, frozenset):
            return sorted(value)
        return [] if value is None else [str(value)]
    every = every.copied()
    every.go_to(name)
    card = every.card
    assert card
    ticked = card.ticked(every.answers) or frozenset()
    if UNSURE not in can and UNSURE in ticked:
        doubted = replace(card, left=frozenset(can - {NONE})).ticked(every.answers)
        if doubted:
            return sorted(doubted)
    return sorted(ticked & can) or [NONE]
