"""Everybody that rules are tried on, personas and examples, and the truth of conditions for all of
them at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lumbar.decision.decide import Decision, by_reference
from lumbar.engines.inference import ConflictError
from lumbar.intake.answers import Answers
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.review.people.expectations import misnamed
from lumbar.review.people.personas import Persona
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import And, Clause, Condition, Facts, Not, Or, Truth, Value, clauses
from lumbar.rulebook.rules import Expectation

Truths = tuple[
    int, int
]  # whom it is true of and whom it is false of, a bit a person; neither: unknown


@dataclass(frozen=True)
class Person:
    """One person: an example of `rule`, or a persona; with what is decided for them before anything
    is changed.
    """

    name: str
    decision: Decision
    expected: Expectation
    rule: str = ""

    @property
    def answers(self) -> Answers:
        """What this person said."""
        return self.decision.answers

    @property
    def settled(self) -> Facts:
        """The answers, scores and findings of this person."""
        return self.decision.settled


def everybody(catalog: Catalog, personas: Mapping[str, Persona]) -> tuple[Person, ...]:
    """Return the people of all examples of rules in force, then of the personas.

    Raises BadCatalogError where one of them cannot be: `lumbar check` says more about examples.
    """
    known: dict[str, Decision] = {}
    found: list[Person] = []
    problems: list[Problem] = []
    for name, over, expected, rule in _listed(catalog, personas):
        wrong = next(misnamed(catalog, over, expected), "")
        try:
            if not wrong:
                decision = _decided(catalog, catalog.questionnaire.example(over), known)
                found.append(Person(name, decision, expected, rule))
        except ConflictError as error:
            wrong = f"makes two rules contradict each other: {error}"
        if wrong:
            problems.append(Problem(name, 0, 0, "bad-person", wrong))
    if problems:
        raise BadCatalogError(problems)
    return tuple(found)


def _listed(
    catalog: Catalog, personas: Mapping[str, Persona]
) -> Iterator[tuple[str, Mapping[str, Any], Expectation, str]]:
    for rules in catalog.by_stage.values():
        for rule in rules:
            for number, example in enumerate(rule.examples, 1):
                expected = example.expected(rule.id)
                yield f"example {number} of {rule.id}", example.answers, expected, rule.id
    for name, persona in personas.items():
        yield f"persona {name}", persona.answers, persona.expect, ""


def _decided(catalog: Catalog, given: Mapping[str, Value], known: dict[str, Decision]) -> Decision:
    """Decide once for the same answers: many examples are of the example person itself."""
    answers = Answers.of(catalog.questionnaire, given)
    key = repr(answers.raw)
    if key not in known:
        known[key] = by_reference(catalog, answers)
    return known[key]


class Crowd:
    """Many people's facts, turned over: who has which value of which name. One bit a person, the
    first lowest.
    """

    def __init__(self, facts: Sequence[Facts]) -> None:
        self.everybody = (1 << len(facts)) - 1
        self._having: dict[str, dict[Value, int]] = {}
        self._unanswered: dict[str, int] = {}
        self._known: dict[Clause, Truths] = {}
        for place, one in enumerate(facts):
            for name, value in one.known.items():
                values = self._having.setdefault(name, {})
                values[value] = values.get(value, 0) | 1 << place
            for name in one.unanswered:
                self._unanswered[name] = self._unanswered.get(name, 0) | 1 << place

    def truth(self, condition: Condition) -> Truths:
        """Return whom a condition is true of, and whom it is false of."""
        return self.joined(
            condition, iter([self.clause(clause) for clause, _ in clauses(condition)])
        )

    def clause(self, clause: Clause) -> Truths:
        """Return whom a clause is true of, and whom it is false of."""
        if clause not in self._known:
            self._known[clause] = self._of_values(clause)
        return self._known[clause]

    def _of_values(self, clause: Clause) -> Truths:
        """Ask the clause once for each value that occurs, once for no answer, and once for what
        does not apply.
        """
        name, open_ = clause.name, self._unanswered.get(clause.name, 0)
        groups: list[tuple[Truth, int]] = []
        rest = self.everybody & ~open_
        for value, who in self._having.get(name, {}).items():
            groups.append((clause.truth(Facts({name: value})), who))
            rest &= ~who
        groups += [
            (clause.truth(Facts({}, frozenset({name}))), open_),
            (clause.truth(Facts()), rest),
        ]
        return tuple(
            _any(who for truth, who in groups if truth is wanted) for wanted in (True, False)
        )  # type: ignore[return-value]

    def joined(self, condition: Condition, leaves: Iterator[Truths]) -> Truths:
        """Return the truth of a condition whose clauses, left to right, have these truths."""
        if isinstance(condition, Not):
            true, false = self.joined(condition.part, leaves)
            return false, true
        if isinstance(condition, (And, Or)):
            parts = [self.joined(part, leaves) for part in condition.parts]
            trues, falses = [true for true, _ in parts], [false for _, false in parts]
            return (
                (self._all(trues), _any(falses))
                if isinstance(condition, And)
                else (_any(trues), self._all(falses))
            )
        return next(leaves)

    def _all(self, masks: Sequence[int]) -> int:
        result = self.everybody
        for mask in masks:
            result &= mask
        return result


def _any(masks: Iterator[int] | Sequence[int]) -> int:
    result = 0
    for mask in masks:
        result |= mask
    return result


def places(mask: int) -> Iterator[int]:
    """Yield the places of the people in a mask, the first first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
