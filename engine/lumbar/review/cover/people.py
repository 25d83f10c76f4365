"""The people that rules are tried on, and the truth of conditions for all of them at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from lumbar.decision.decide import Decision, by_reference
from lumbar.engines.inference import ConflictError
from lumbar.intake.answers import Answers
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.review.people.expectations import misnamed
from lumbar.review.people.personas import Persona
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import And, Clause, Condition, Facts, Not, Or, Value
from lumbar.rulebook.rules import Expectation

Truths = tuple[int, int]  # whom it is true of and whom false, a bit a person; neither: unknown


@dataclass(frozen=True)
class Person:
    """A persona, or the person of an example of `rule`: what is expected, and what is decided.

    The decision is the reference engine's, before anything is changed.
    """

    name: str
    expected: Expectation
    decision: Decision
    rule: str = ""


def everybody(catalog: Catalog, personas: Mapping[str, Persona]) -> tuple[Person, ...]:
    """Return the people of all examples of rules in force, then of the personas.

    Raises BadCatalogError where one of them cannot be: `lumbar check` says more about examples.
    """
    known: dict[str, Decision] = {}  # many examples are of the same person
    found: list[Person] = []
    problems: list[Problem] = []
    for name, over, expected, rule in _listed(catalog, personas):
        wrong = next(misnamed(catalog, over, expected), "")
        try:
            if not wrong:
                key = repr(sorted(over.items()))
                known[key] = known.get(key) or _decided(catalog, over)
                found.append(Person(name, expected, known[key], rule))
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
    for rule in catalog.in_force:
        for number, example in enumerate(rule.examples, 1):
            expected = example.expected(rule.id)
            yield f"example {number} of {rule.id}", example.answers, expected, rule.id
    for name, persona in personas.items():
        yield f"persona {name}", persona.answers, persona.expect, ""


def _decided(catalog: Catalog, over: Mapping[str, Any]) -> Decision:
    asked = catalog.questionnaire
    return by_reference(catalog, Answers.typed(asked, asked.example(over)))


class Crowd:
    """Many people's facts, turned over: who has which value of which name.

    One bit a person, the first lowest.
    """

    def __init__(self, facts: Sequence[Facts]) -> None:
        self.everybody = (1 << len(facts)) - 1
        self._having: dict[str, dict[Value, int]] = defaultdict(lambda: defaultdict(int))
        self._unanswered: dict[str, int] = defaultdict(int)
        self._known: dict[Clause, Truths] = {}
        for place, one in enumerate(facts):
            for name, value in one.known.items():
                self._having[name][value] |= 1 << place
            for name in one.unanswered:
                self._unanswered[name] |= 1 << place

    def truth(self, condition: Condition) -> Truths:
        """Return whom a condition is true of, and whom it is false of."""
        if isinstance(condition, Not):
            true, false = self.truth(condition.part)
            return false, true
        if isinstance(condition, (And, Or)):
            parts = [self.truth(part) for part in condition.parts]
            trues, falses = [true for true, _ in parts], [false for _, false in parts]
            if isinstance(condition, And):
                return self._all(trues), reduce(or_, falses, 0)
            return reduce(or_, trues, 0), self._all(falses)
        if condition not in self._known:
            self._known[condition] = self._of_values(condition)
        return self._known[condition]

    def _all(self, masks: Iterable[int]) -> int:
        return reduce(and_, masks, self.everybody)

    def _of_values(self, clause: Clause) -> Truths:
        """Ask a clause once for each value, once for open, and once for not asked."""
        name = clause.name
        having, open_ = self._having[name], self._unanswered[name]
        rest = self.everybody & ~reduce(or_, having.values(), open_)
        groups = [(clause.truth(Facts({name: value})), who) for value, who in having.items()]
        groups.append((clause.truth(Facts({}, frozenset({name}))), open_))
        groups.append((clause.truth(Facts()), rest))
        true, false = (
            reduce(or_, (who for truth, who in groups if truth is wanted), 0)
            for wanted in (True, False)
        )
        return true, false


def places(mask: int) -> Iterator[int]:
    """Yield the places of the people in a mask, the first first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
