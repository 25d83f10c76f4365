"""Everybody who could answer, as symbols: an option is picked or not, a number reaches a cut or
not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import z3

from lumbar.review.proof.formulas import FALSE, Formula, both, either, opposite
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Clause, Condition, Value, clauses
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf


@dataclass(frozen=True)
class Choice:
    """The options of a question, each picked or not."""

    picked: Mapping[str, Formula]
    alone: frozenset[str]  # options that exclude every other

    @property
    def answered(self) -> Formula:
        return either(self.picked.values())

    @property
    def symbols(self) -> tuple[Formula, ...]:
        """The symbols that make up an answer."""
        return tuple(self.picked.values())

    def rules(self) -> Formula:
        """Return what makes the picks one answer."""
        options = self.picked
        pairs = [
            (one, other)
            for place, one in enumerate(options)
            for other in list(options)[place + 1 :]
            if self.alone & {one, other}
        ]
        return both(z3.Or(z3.Not(options[one]), z3.Not(options[other])) for one, other in pairs)

    def equal(self, value: Value) -> Formula:
        """Return the formula that the answer is exactly this."""
        wanted = value if isinstance(value, frozenset) else {value}
        if not wanted <= self.picked.keys():
            return FALSE
        return both(
            part if option in wanted else opposite(part) for option, part in self.picked.items()
        )

    def read(self, holds: Any, _: Value | None) -> Value | None:
        """Return the answer of a model; None where there is none."""
        picked = [option for option, part in self.picked.items() if holds(part)]
        if not picked:
            return None
        return picked[0] if len(self.alone) == len(self.picked) else frozenset(picked)


@dataclass(frozen=True)
class Amount:
    """A whole number from `low` to `high`, known by the cuts that it reaches."""

    low: int
    high: int
    answered: Formula
    cuts: Mapping[int, Formula]

    @property
    def symbols(self) -> tuple[Formula, ...]:
        """The symbols that make up an answer."""
        return (self.answered, *self.cuts.values())

    def reaches(self, number: int) -> Formula:
        """Return the formula that it was answered with `number` or more."""
        if number <= self.low:
            return self.answered
        return FALSE if number > self.high else self.cuts[number]

    def rules(self) -> Formula:
        """Return what makes the cuts one number: who reaches a cut reaches those below it."""
        below = [self.answered, *(self.cuts[cut] for cut in sorted(self.cuts))]
        return both(z3.Implies(upper, lower) for lower, upper in pairwise(below))

    def equal(self, value: Value) -> Formula:
        """Return the formula that the answer is exactly this; its cuts must be known."""
        return both((self.reaches(int(value)), opposite(self.reaches(int(value) + 1))))  # type: ignore[arg-type]

    def read(self, holds: Any, near: Value | None) -> Value | None:
        """Return a number of a model, as near as can be to another; None where there is none."""
        if not holds(self.answered):
            return None
        least = max((cut for cut, part in self.cuts.items() if holds(part)), default=self.low)
        most = (
            min((cut for cut, part in self.cuts.items() if not holds(part)), default=self.high + 1)
            - 1
        )
        return min(max(near, least), most) if isinstance(near, int) else least


class AnswerSpace:
    """Everybody who could answer: one symbolic person over the questions of one or more catalogs.

    Where the catalogs ask a question differently, the space holds all options and numbers; each
    catalog's own `Encoding.valid` says which answers it takes.
    """

    def __init__(self, *catalogs: Catalog, also: Iterable[Condition] = ()) -> None:
        """Make room for the catalogs, and for the numbers that these further conditions compare
        with.
        """
        self.catalogs = catalogs
        self.variables: dict[str, Choice | Amount] = {}
        cuts = _cuts(catalogs, also)
        for question in (
            one for catalog in catalogs for one in catalog.questionnaire.questions.values()
        ):
            if question.id not in self.variables:
                self.variables[question.id] = self.variable(
                    question.id, cuts.get(question.id, set())
                )

    def variable(self, question: str, cuts: Iterable[int], copy: str = "") -> Choice | Amount:
        """Return the symbols for one answer; a `copy` is somebody else's answer to the same
        question.
        """
        asked = [
            c.questionnaire.questions[question]
            for c in self.catalogs
            if question in c.questionnaire.questions
        ]
        label = f"{question}{copy}"
        numbers = [one for one in asked if isinstance(one, Number)]
        if len(numbers) == len(asked):
            low, high = min(one.low for one in numbers), max(one.high for one in numbers)
            inside = sorted(cut for cut in cuts if low < cut <= high)
            return Amount(
                low, high, z3.Bool(f"{label}?"), {cut: z3.Bool(f"{label}>={cut}") for cut in inside}
            )
        if numbers or len({type(one) for one in asked}) > 1:
            raise ValueError(f"'{question}' is a different type of question in the two rule sets")
        options = dict.fromkeys(
            o for one in asked if isinstance(one, (OneOf, SeveralOf)) for o in one.labels
        )
        alone = frozenset(options) if isinstance(asked[0], OneOf) else frozenset({NONE})
        return Choice({option: z3.Bool(f"{label}={option}") for option in options}, alone)

    def copy(self, question: str) -> tuple[Choice | Amount, list[tuple[Formula, Formula]]]:
        """Return a second answer to one question, and which symbols to replace to give it to the
        person.
        """
        mine = self.variables[question]
        cuts = mine.cuts if isinstance(mine, Amount) else ()
        other = self.variable(question, cuts, copy="'")
        if isinstance(mine, Amount) and isinstance(other, Amount):
            pairs = [
                (mine.answered, other.answered),
                *((mine.cuts[cut], other.cuts[cut]) for cut in mine.cuts),
            ]
        else:
            pairs = [(mine.picked[one], other.picked[one]) for one in mine.picked]  # type: ignore[union-attr]
        return other, pairs


def _cuts(catalogs: Iterable[Catalog], also: Iterable[Condition]) -> dict[str, set[int]]:
    """Return the numbers at which something can change, by question: compared with, in an example,
    or added up.
    """
    found: dict[str, set[int]] = {}
    for condition in (
        *also,
        *(condition for catalog in catalogs for condition in _conditions(catalog)),
    ):
        for clause, _ in clauses(condition):
            for number in _numbers(
                clause
            ):  # and those beside it, for rules whose thresholds are moved by one
                found.setdefault(clause.name, set()).update(range(number - 1, number + 3))
    for catalog in catalogs:
        questions = catalog.questionnaire.questions
        for name, question in questions.items():
            if isinstance(question, Number):
                # and beyond the highest: another catalog may take more
                ends = {
                    question.low,
                    question.high,
                    question.high + 1,
                    question.example,
                    question.example + 1,
                }
                found.setdefault(name, set()).update(ends)
        for score in catalog.questionnaire.scores:
            for question in (questions[name] for name in (*score.sum, *score.mean)):
                if isinstance(question, Number):
                    found.setdefault(question.id, set()).update(
                        range(question.low, question.high + 2)
                    )
    return found


def _conditions(catalog: Catalog) -> Iterable[Condition]:
    for rule in catalog.rules.values():
        yield rule.when
    for conditions in catalog.questionnaire.shown_when.values():
        yield from conditions
    for score in catalog.questionnaire.scores:
        yield from score.count


def _numbers(clause: Clause) -> Iterable[int]:
    return (value for value in clause.values if isinstance(value, int))
