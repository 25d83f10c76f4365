"""People drawn from `rules/population.yaml`: always valid answers, and the same person for the same
seed and place.
"""

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Any

from lumbar.review.people.population import Draw, Marginal, Population
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, Facts, Value, with_thresholds
from lumbar.rulebook.questionnaire import NONE

Dice = Callable[
    [], float
]  # Random.random: the one method whose numbers never change between versions of Python
Drawn = Callable[[Dice], Any]


class Drawing:
    """A population made ready to be drawn from; `person` is the same whoever asks, in any order."""

    def __init__(self, catalog: Catalog, population: Population, seed: int | str) -> None:
        self._catalog = catalog
        self._population = population
        self.seed = seed

    def person(self, place: int) -> dict[str, Any]:
        """Return the raw answers of one person: to every question that is asked of them, but for
        those left open.
        """
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
            answers[name] = draw(dice)
            known[name] = (
                frozenset(answers[name]) if isinstance(answers[name], list) else answers[name]
            )
        return answers

    @cached_property
    def _ways(self) -> Mapping[str, tuple[float, tuple[tuple[Condition | None, Drawn], ...]]]:
        """How often each question is left open, and the draws with their conditions: the first that
        is true counts.
        """
        numbers = {name: one.value for name, one in self._catalog.thresholds.items()}
        found = {}
        for name, question in self._catalog.questionnaire.questions.items():
            marginal = self._population.marginal(question)
            assert marginal is not None, "a population that was read names every question"
            ways = [(with_thresholds(one.when, numbers), _drawn(one)) for one in marginal.given]
            found[name] = (self._left_open(marginal), (*ways, (None, _drawn(marginal))))
        return found

    def _left_open(self, marginal: Marginal) -> float:
        return self._population.unanswered if marginal.unanswered is None else marginal.unanswered


def people(
    catalog: Catalog, population: Population, count: int, seed: int | str
) -> Iterator[dict[str, Any]]:
    """Yield the raw answers of `count` people, valid for the catalog; more people begin with the
    same ones.
    """
    drawing = Drawing(catalog, population, seed)
    return (drawing.person(place) for place in range(count))


def _drawn(draw: Draw) -> Drawn:
    if draw.several_of is not None:
        chances = tuple(draw.several_of.items())
        return lambda dice: [option for option, chance in chances if dice() < chance] or [NONE]
    if draw.one_of is not None:
        options = tuple(option for option, weight in draw.one_of.items() if weight)
        bounds = tuple(accumulate(draw.one_of[option] for option in options))[:-1]
        whole = sum(draw.one_of[option] for option in options)
        return lambda dice: options[bisect(bounds, dice() * whole)]
    ranges = tuple(one for one in draw.number or () if one.weight)
    bounds = tuple(accumulate(one.weight for one in ranges))[:-1]
    whole = sum(one.weight for one in ranges)

    def number(dice: Dice) -> int:
        one = ranges[bisect(bounds, dice() * whole)]
        return one.low + int(dice() * (one.high - one.low + 1))

    return number
