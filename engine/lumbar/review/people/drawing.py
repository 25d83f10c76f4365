"""People drawn from `rules/practice.yaml`: always valid, the same for the same seed and place."""

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Any

from lumbar.review.people.practice import Draw, Practice
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, Facts, Value, with_thresholds
from lumbar.rulebook.questionnaire import NONE

# Random.random: the one method whose numbers never change between versions of Python
Dice = Callable[[], float]
Drawn = Callable[[Dice], Any]


class Drawing:
    """Made-up people, ready to be drawn; `person` is the same whoever asks, in any order."""

    def __init__(self, catalog: Catalog, practice: Practice, seed: int | str) -> None:
        self._catalog = catalog
        self._practice = practice
        self.seed = seed

    def person(self, place: int) -> dict[str, Any]:
        """Return the raw answers of one person, but for the questions that they leave open."""
        dice = Random(f"{self.seed}/{place}").random  # noqa: S311 - nothing is kept secret with it
        answers: dict[str, Any] = {}
        known: dict[str, Value] = {}
        facts = Facts(known)
        for name, shown in self._catalog.questionnaire.walk(known):
            if shown is False:
                continue
            left_open, ways = self._ways[name]
            if dice() < left_open:
                continue
            draw = next(draw for when, draw in ways if when is None or when.truth(facts))
            answers[name] = one = draw(dice)
            known[name] = frozenset(one) if isinstance(one, list) else one
        return answers

    @cached_property
    def _ways(self) -> Mapping[str, tuple[float, tuple[tuple[Condition | None, Drawn], ...]]]:
        """How often each question is left open, and its draws: the first that is true counts."""
        numbers = {name: one.value for name, one in self._catalog.thresholds.items()}
        found = {}
        for name, question in self._catalog.questionnaire.questions.items():
            marginal = self._practice.marginal(question)
            assert marginal is not None, "a practice that was read names every question"
            ways = [(with_thresholds(one.when, numbers), _drawn(one)) for one in marginal.given]
            own = marginal.unanswered
            left_open = self._practice.unanswered if own is None else own
            found[name] = (left_open, (*ways, (None, _drawn(marginal))))
        return found


def _drawn(draw: Draw) -> Drawn:
    if draw.several_of is not None:
        chances = tuple(draw.several_of.items())
        return lambda dice: [option for option, chance in chances if dice() < chance] or [NONE]
    if draw.one_of is not None:
        options = tuple(option for option, weight in draw.one_of.items() if weight)
        place = _place([draw.one_of[option] for option in options])
        return lambda dice: options[place(dice)]
    ranges = tuple(one for one in draw.number or () if one.weight)
    at = _place([one.weight for one in ranges])

    def number(dice: Dice) -> int:
        one = ranges[at(dice)]
        return one.low + int(dice() * (one.high - one.low + 1))

    return number


def _place(weights: Sequence[float]) -> Callable[[Dice], int]:
    """Return what throws for a place among weights."""
    bounds, whole = tuple(accumulate(weights))[:-1], sum(weights)
    return lambda dice: bisect(bounds, dice() * whole)
