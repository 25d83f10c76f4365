"""People drawn from `rules/practice.yaml`: always valid, the same for the same seed and place."""

import math
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Any

from lumbar.review.people.practice import Draw, LeftOpen, Marginal, Normal, Practice
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, Facts, with_thresholds
from lumbar.rulebook.questionnaire import NONE, UNSURE, Number, OneOf, SeveralOf

# Random.random: the one method whose numbers never change between versions of Python
Dice = Callable[[], float]
Known = dict[str, Any]
Drawn = Callable[[Dice, Known], Any]
Ways = tuple[tuple[Condition | None, Drawn], ...]

CAUSE = "cause"  # the hidden fact that says what somebody has
_USUAL_DOUBT = 0.02  # how often people are unsure over all, as `doubt` says it


@dataclass(frozen=True)
class MadeUp:
    """A person who was drawn: the raw answers, and the hidden facts behind them."""

    answers: dict[str, Any]
    hidden: Mapping[str, Any]


class Drawing:
    """Made-up people, ready to be drawn; `person` is the same whoever asks, in any order.

    `cause` makes everybody have it. `unsure` is how often people are unsure of a sign; then some
    leave questions open too. `thinned` is how often a sign is turned back to harmless.
    """

    def __init__(
        self,
        catalog: Catalog,
        practice: Practice,
        seed: int | str,
        *,
        cause: str | None = None,
        unsure: float = 0,
        thinned: float = 0,
    ) -> None:
        self._catalog, self._practice, self.seed = catalog, practice, seed
        self._cause, self._unsure, self._thinned = cause, unsure, thinned

    def person(self, place: int) -> dict[str, Any]:
        """Return the raw answers of one person, but for the questions that they leave open."""
        return self.made_up(place).answers

    def made_up(self, place: int) -> MadeUp:
        """Return one person with the hidden facts."""
        dice = Random(f"{self.seed}/{place}").random  # noqa: S311 - nothing is kept secret with it
        answers: dict[str, Any] = {}
        known = self._hidden(dice)
        hidden = dict(known)
        # who is unsure or leaves open is thrown for apart, so that the rest stays as it is
        mood = Random(f"{self.seed}/{place}/doubt").random  # noqa: S311
        doubt, left_open = self._temper(mood)
        facts = Facts(known)
        for name, shown in self._catalog.questionnaire.walk(known):
            if shown is False:
                continue
            never, ways = self._ways[name]
            if dice() < never or self._leaves(left_open, name, mood):
                continue
            one = self._changed(name, _draw(ways, facts, dice, known), doubt, mood)
            answers[name] = one
            known[name] = frozenset(one) if isinstance(one, list) else one
        return MadeUp(answers, hidden)

    def _hidden(self, dice: Dice) -> Known:
        known: Known = {}
        facts = Facts(known)
        for name, ways in self._hidden_ways.items():
            drawn = _draw(ways, facts, dice, known)
            known[name] = self._cause if name == CAUSE and self._cause else drawn
        return known

    def _temper(self, mood: Dice) -> tuple[float, LeftOpen | None]:
        """Return how often this person is unsure of a sign, and what they leave open."""
        practice = self._practice
        if not self._unsure or not practice.doubt:
            return 0, None
        doubt = practice.doubt[_place([one.weight for one in practice.doubt])(mood)]
        often = doubt.unsure * self._unsure / _USUAL_DOUBT * practice.after_follow_up
        groups = practice.left_open
        return often, groups[_place([one.weight for one in groups])(mood)] if groups else None

    def _leaves(self, left_open: LeftOpen | None, name: str, mood: Dice) -> bool:
        if left_open is None or not left_open.open or name == "age":
            return False
        return (not left_open.only or name in left_open.only) and mood() < left_open.open

    def _changed(self, name: str, answer: Any, doubt: float, mood: Dice) -> Any:
        """Return the answer, turned to unsure, or a sign turned back to harmless."""
        question = self._catalog.questionnaire.questions[name]
        if isinstance(question, Number) or not question.kind:
            return answer
        if self._thinned:
            answer = _harmless(question, answer, lambda: mood() < self._thinned)
        if doubt and UNSURE in question.labels and mood() < doubt:
            if isinstance(question, SeveralOf):
                return [UNSURE] if answer == [NONE] else answer
            return answer if answer in question.kinds else UNSURE
        return answer

    @cached_property
    def _hidden_ways(self) -> Mapping[str, Ways]:
        return {name: self._of(one) for name, one in self._practice.hidden.items()}

    @cached_property
    def _ways(self) -> Mapping[str, tuple[float, Ways]]:
        """How often each question is left open, and its draws: the first that is true counts."""
        found = {}
        for name, question in self._catalog.questionnaire.questions.items():
            marginal = self._practice.marginal(question)
            assert marginal is not None, "a practice that was read names every question"
            own = marginal.unanswered
            left_open = self._practice.unanswered if own is None else own
            found[name] = (left_open, self._of(marginal))
        return found

    def _of(self, marginal: Marginal) -> Ways:
        numbers = {name: one.value for name, one in self._catalog.thresholds.items()}
        given = [(with_thresholds(one.when, numbers), _drawn(one)) for one in marginal.given]
        return (*given, (None, _drawn(marginal)))


def _draw(ways: Ways, facts: Facts, dice: Dice, known: Known) -> Any:
    return next(draw for when, draw in ways if when is None or when.truth(facts))(dice, known)


def _harmless(question: OneOf | SeveralOf, answer: Any, turned: Callable[[], bool]) -> Any:
    if isinstance(question, SeveralOf):
        return [one for one in answer if one not in question.kinds or not turned()] or [NONE]
    return question.example if answer in question.kinds and turned() else answer


def _drawn(draw: Draw) -> Drawn:
    if draw.normal is not None:
        return _bell(draw.normal)
    if draw.several_of is not None:
        return _several(tuple(draw.several_of.items()), draw.times)
    if draw.one_of is not None:
        options = tuple(option for option, weight in draw.one_of.items() if weight)
        weights = [draw.one_of[option] for option in options]
        if draw.times:
            return lambda dice, known: options[
                _place([weights[0], *_times(weights[1:], draw.times, known)])(dice)
            ]
        place = _place(weights)
        return lambda dice, _: options[place(dice)]
    ranges = tuple(one for one in draw.number or () if one.weight)
    at = _place([one.weight for one in ranges])

    def number(dice: Dice, _: Known) -> int:
        one = ranges[at(dice)]
        return one.low + int(dice() * (one.high - one.low + 1))

    return number


def _several(chances: Sequence[tuple[str, float]], times: Mapping[str, float]) -> Drawn:
    def several(dice: Dice, known: Known) -> list[str]:
        factor = next(iter(_times([1.0], times, known)))
        return [option for option, chance in chances if dice() < chance * factor] or [NONE]

    return several


def _times(weights: Sequence[float], times: Mapping[str, float], known: Known) -> Iterable[float]:
    factor = math.exp(sum(known[name] * often for name, often in times.items()))
    return (weight * factor for weight in weights)


def _bell(normal: Normal) -> Drawn:
    def bell(dice: Dice, known: Known) -> Any:
        # Box and Muller; 1 - dice() is never 0
        turn = math.sqrt(-2 * math.log(1 - dice())) * math.cos(2 * math.pi * dice())
        moved = sum(known[name] * much for name, much in normal.plus.items())
        value = normal.mean + moved + normal.sd * turn
        value = math.exp(value) if normal.log == "yes" else value
        if normal.low is None or normal.high is None:
            return value
        return max(normal.low, min(normal.high, round(value)))

    return bell


def _place(weights: Sequence[float]) -> Callable[[Dice], int]:
    """Return what throws for a place among weights."""
    bounds, whole = tuple(accumulate(weights))[:-1], sum(weights)
    return lambda dice: bisect(bounds, dice() * whole)
