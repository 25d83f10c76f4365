"""People drawn from `rules/practice.yaml`: always valid, the same for the same seed and place.

Many are drawn at once, a column a question. Every throw is told by the seed, what is thrown for and
the place of the person alone, so nobody hangs on who else is drawn.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from hashlib import sha256
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbar.form.crowd import Crowd
from lumbar.form.encoding import Encoding, Truths
from lumbar.form.formulas import Formula, an_input, opposite
from lumbar.form.space import AnswerSpace
from lumbar.form.table import Column, of_table, packed, raw, unpacked
from lumbar.review.people.practice import Draw, LeftOpen, Marginal, Normal, Practice
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import COMPARE, Comparison, Condition, with_thresholds
from lumbar.rulebook.questionnaire import NONE, UNSURE, Number, Question, SeveralOf

Some = NDArray[Any]  # one number for each of some people
Dice = Callable[[int], Some]  # the throws of some people: the first, the second, ...
Known = Callable[[str], Some]  # what is known of the same people by name
Drawn = Callable[[Dice, Known], Some]
Ways = tuple[tuple[Formula | None, Drawn], ...]

CAUSE = "cause"  # the hidden fact that says what somebody has
_USUAL_DOUBT = 0.02  # how often people are unsure over all, as `doubt` says it


@dataclass(frozen=True)
class MadeUp:
    """A person who was drawn: the raw answers, and the hidden facts behind them."""

    answers: dict[str, Any]
    hidden: Mapping[str, Any]


@dataclass(frozen=True)
class Crowded:
    """People side by side, by their places: their answers, and the hidden facts behind them.

    Those who are `spoiled` gave something that is no answer: their raw answers, counted from 0.
    """

    places: range
    table: dict[str, Column] = field(default_factory=dict)
    hidden: dict[str, Column] = field(default_factory=dict)
    spoiled: Mapping[int, dict[str, Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.places)

    def raw(self, at: int) -> dict[str, Any]:
        """Return the raw answers of one of them, from 0."""
        return self.spoiled[at] if at in self.spoiled else raw(self.table, at)

    def person(self, at: int) -> MadeUp:
        """Return one of them with the hidden facts."""
        hidden = {
            name: one.raw(at) if one.options else one.values[at].item()
            for name, one in self.hidden.items()
        }
        return MadeUp(self.raw(at), hidden)


class Drawing:
    """Made-up people, ready to be drawn; a person is the same whoever asks, in any order.

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
        return self.drawn(range(place, place + 1)).person(0)

    def drawn(self, places: range) -> Crowded:
        """Return the people at some places, one beside the other."""
        asked, people = self._asked, Crowded(places)
        crowd = of_table(asked.space, people.table, len(people), others=self._of_hidden(people))
        for name, (options, ways) in self._hidden_ways.items():
            values = self._draw(name, ways, people, crowd, np.ones(len(people), bool))
            if name == CAUSE and self._cause:
                values = np.full(len(people), options.index(self._cause))
            several = self._practice.hidden[name].several_of is not None
            people.hidden[name] = Column(values, np.ones(len(people), bool), options, several)
        doubt, left_open = self._temper(places)
        for name, applies in asked.applies.items():
            question = self._catalog.questionnaire.questions[name]
            if not question.asked:  # those who are drawn come for the first time
                nobody = np.zeros(len(people), bool)
                people.table[name] = Column.of(question, nobody.astype(np.int64), nobody)
                continue
            never, ways = self._ways[name]
            answered = unpacked(crowd[applies], len(people))
            answered &= self._dice(f"{name}/open", places)(0) >= never
            answered &= ~self._leaves(left_open, name, places)
            values = self._draw(name, ways, people, crowd, answered)
            changed = self._changed(question, values, doubt, places)
            people.table[name] = Column.of(question, changed, answered)
        return people

    def _dice(self, what: str, places: range) -> Dice:
        """Return the throws for something: from 0 up to 1, of everybody at these places."""

        def throws(number: int) -> Some:
            key = sha256(f"{self.seed}/{what}/{number}".encode()).digest()[:16]
            bits = np.random.Philox(key=int.from_bytes(key, "little"))
            # it counts in fours
            bits.advance(places.start // 4)
            skipped = places.start % 4
            thrown = bits.random_raw(skipped + len(places))[skipped:]
            return (thrown >> np.uint64(11)) * 2.0**-53

        return throws

    def _draw(
        self, name: str, ways: Ways, people: Crowded, crowd: Crowd, who: NDArray[np.bool_]
    ) -> Some:
        """Return what is drawn for whom: of each way those who were in none before."""
        dice = self._dice(name, people.places)
        thrown: dict[int, Some] = {}
        values: Some = np.zeros(len(people), np.int64)
        waiting = who
        for when, drawn in ways:
            mine = waiting if when is None else waiting & unpacked(crowd[when], len(people))
            waiting = waiting & ~mine
            some = np.flatnonzero(mine)
            if len(some):
                found = drawn(partial(_throws, dice, thrown, some), partial(_known, people, some))
                if found.dtype == float:
                    values = values.astype(float)
                values[some] = found
        return values

    def _temper(self, places: range) -> tuple[Some, Some]:
        """Return how often each is unsure of a sign, and by its place what each leaves open."""
        practice = self._practice
        if not self._unsure or not practice.doubt:
            return np.zeros(len(places)), np.full(len(places), -1)
        doubt = np.array([one.unsure for one in practice.doubt])
        often = doubt[_place([one.weight for one in practice.doubt], self._dice("doubt", places))]
        often = often * self._unsure / _USUAL_DOUBT * practice.after_follow_up
        if not practice.left_open:
            return often, np.full(len(places), -1)
        weights = [one.weight for one in practice.left_open]
        return often, _place(weights, self._dice("left open", places))

    def _leaves(self, groups: Some, name: str, places: range) -> NDArray[np.bool_]:
        """Return who leaves a question open."""
        often = np.zeros(len(places))
        for place, one in enumerate(self._practice.left_open):
            if _may_leave(one, name):
                often[groups == place] = one.open
        if not often.any():
            return np.zeros(len(places), bool)
        thrown: NDArray[np.bool_] = self._dice(f"{name}/left open", places)(0) < often
        return thrown

    def _changed(self, question: Question, values: Some, doubt: Some, places: range) -> Some:
        """Return answers with some turned to unsure, or signs turned back to harmless."""
        if isinstance(question, Number) or not question.kind:
            return values
        labels = list(question.labels)
        signs = [place for place, name in enumerate(labels) if name in question.kinds]
        if self._thinned:
            dice = self._dice(f"{question.id}/thinned", places)
            if isinstance(question, SeveralOf):
                for number, sign in enumerate(signs):
                    values = np.where(dice(number) < self._thinned, values & ~(1 << sign), values)
                values = np.where(values == 0, 1 << labels.index(NONE), values)
            else:
                turned = np.isin(values, signs) & (dice(0) < self._thinned)
                values = np.where(turned, labels.index(question.example), values)
        if UNSURE in labels and doubt.any():
            unsure, in_doubt = labels.index(UNSURE), self._dice(f"{question.id}/unsure", places)
            if isinstance(question, SeveralOf):
                open_to = values == 1 << labels.index(NONE)
                unsure = 1 << unsure
            else:
                open_to = ~np.isin(values, signs)
            values = np.where(open_to & (in_doubt(0) < doubt), unsure, values)
        return values

    @cached_property
    def _asked(self) -> "_Asked":
        """The questionnaire as formulas, with room for all that the practice compares with."""
        practice = self._practice
        every = (*practice.hidden.values(), *practice.questions.values())
        also = [self._with_numbers(given.when) for one in every for given in one.given]
        # hidden facts and findings may have one name: no rule is asked here
        return _Asked(replace(self._catalog, rules={}), also, self._hidden_options)

    @cached_property
    def _hidden_options(self) -> Mapping[str, tuple[str, ...]]:
        """The options of each hidden fact; none where it is a number."""
        return {
            name: (*one.options, *([NONE] if one.several_of else []))
            for name, one in self._practice.hidden.items()
        }

    @cached_property
    def _hidden_ways(self) -> Mapping[str, tuple[tuple[str, ...], Ways]]:
        return {
            name: (self._hidden_options[name], self._of(one, self._hidden_options[name]))
            for name, one in self._practice.hidden.items()
        }

    @cached_property
    def _ways(self) -> Mapping[str, tuple[float, Ways]]:
        """How often each question is left open, and its draws: the first that is true counts."""
        found = {}
        for name, question in self._catalog.questionnaire.questions.items():
            if not question.asked:
                continue
            marginal = self._practice.marginal(question)
            assert marginal is not None, "a practice that was read names every question"
            own = marginal.unanswered
            left_open = self._practice.unanswered if own is None else own
            labels = () if isinstance(question, Number) else tuple(question.labels)
            found[name] = (left_open, self._of(marginal, labels))
        return found

    def _of(self, marginal: Marginal, options: Sequence[str]) -> Ways:
        given = [
            (self._asked.truth(self._with_numbers(one.when))[0], _drawn(one, options))
            for one in marginal.given
        ]
        return (*given, (None, _drawn(marginal, options)))

    def _with_numbers(self, when: Condition) -> Condition:
        return with_thresholds(
            when, {name: one.value for name, one in self._catalog.thresholds.items()}
        )

    def _of_hidden(self, people: Crowded) -> Callable[[Formula], Any]:
        """Return how to ask for the word of a clause about a hidden fact."""
        return lambda one: packed(_holds(people.hidden, self._asked.clauses[one]))


class _Asked(Encoding):
    """Who is asked what, where conditions may read hidden facts too: an input bit for each clause
    about one.
    """

    def __init__(
        self, catalog: Catalog, also: Iterable[Condition], hidden: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._hidden = hidden
        self.clauses: dict[Formula, Any] = {}
        super().__init__(catalog, AnswerSpace(catalog, also=also))

    def of_values(self, clause: Any) -> Truths:
        if clause.name not in self._hidden:
            return super().of_values(clause)
        true = an_input(f"hidden {clause}")
        self.clauses[true] = clause
        return true, opposite(true)


def _holds(hidden: Mapping[str, Column], clause: Any) -> NDArray[np.bool_]:
    """Return of whom a clause about a hidden fact is true."""
    column = hidden[clause.name]
    if not column.options:
        operator = clause.operator if isinstance(clause, Comparison) else "=="
        found: list[Any] = [COMPARE[operator](column.values, value) for value in clause.values]
    else:
        found = [column.says(value) for value in clause.values]
        if isinstance(clause, Comparison) and clause.operator == "!=":
            found = [~found[0]]
    held: NDArray[np.bool_] = np.logical_or.reduce(found)
    return held


def _throws(dice: Dice, thrown: dict[int, Some], some: Some, number: int) -> Some:
    if number not in thrown:
        thrown[number] = dice(number)
    return thrown[number][some]


def _known(people: Crowded, some: Some, name: str) -> Some:
    column = people.hidden.get(name) or people.table[name]
    found: Some = column.values[some]
    return found


def _may_leave(one: LeftOpen, name: str) -> bool:
    return bool(one.open) and name != "age" and (not one.only or name in one.only)


def _drawn(draw: Draw, options: Sequence[str]) -> Drawn:
    if draw.normal is not None:
        return _bell(draw.normal)
    if draw.several_of is not None:
        chances = {options.index(name): chance for name, chance in draw.several_of.items()}
        return _several(chances, 1 << options.index(NONE), draw.times)
    if draw.one_of is not None:
        named = {options.index(name): weight for name, weight in draw.one_of.items() if weight}
        return _one(np.array(list(named)), list(named.values()), draw.times)
    ranges = [one for one in draw.number or () if one.weight]
    low = np.array([one.low for one in ranges])
    many = np.array([one.high - one.low + 1 for one in ranges])

    def number(dice: Dice, _: Known) -> Some:
        at = _place([one.weight for one in ranges], dice)
        found: Some = low[at] + (dice(1) * many[at]).astype(np.int64)
        return found

    return number


def _one(options: Some, weights: Sequence[float], times: Mapping[str, float]) -> Drawn:
    def one(dice: Dice, known: Known) -> Some:
        if not times:
            return options[_place(weights, dice)]
        factor = _times(times, known)
        bounds = [weights[0] + factor * more for more in accumulate(weights[1:], initial=0.0)]
        thrown = dice(0) * bounds[-1]
        passed: Any = sum((thrown >= bound).astype(np.int64) for bound in bounds[:-1])
        found: Some = options[passed]
        return found

    return one


def _several(chances: Mapping[int, float], none: int, times: Mapping[str, float]) -> Drawn:
    def several(dice: Dice, known: Known) -> Some:
        factor: Any = _times(times, known) if times else 1.0
        picked: Any = 0
        for number, (option, chance) in enumerate(chances.items()):
            picked = picked | (dice(number) < chance * factor).astype(np.int64) << option
        return np.where(picked == 0, none, picked)

    return several


def _times(times: Mapping[str, float], known: Known) -> Some:
    return _each(math.exp, sum(known(name) * often for name, often in times.items()))


def _bell(normal: Normal) -> Drawn:
    def bell(dice: Dice, known: Known) -> Some:
        # Box and Muller; 1 - a throw is never 0
        turn = np.sqrt(-2 * _each(math.log, 1 - dice(0))) * _each(math.cos, 2 * math.pi * dice(1))
        moved = sum(known(name) * much for name, much in normal.plus.items())
        value = normal.mean + moved + normal.sd * turn
        value = _each(math.exp, value) if normal.log == "yes" else value
        if normal.low is None or normal.high is None:
            return value
        return np.clip(np.rint(value), normal.low, normal.high).astype(np.int64)

    return bell


def _each(function: Callable[[float], float], numbers: Any) -> Some:
    """Return a function of each number: numpy's own hang on the processor in their last digit."""
    return np.fromiter(map(function, numbers.tolist()), float, len(numbers))


def _place(weights: Sequence[float], dice: Dice) -> Some:
    """Return for each person a place among weights."""
    bounds = list(accumulate(weights))
    return np.searchsorted(bounds[:-1], dice(0) * bounds[-1], side="right")
