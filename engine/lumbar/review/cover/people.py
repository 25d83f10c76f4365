"""The people that rules are tried on, and the truth of conditions for all of them at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lumbar.decision.decide import Decision, by_reference
from lumbar.engines.inference import ConflictError
from lumbar.form.crowd import of_people
from lumbar.form.encoding import Encoding
from lumbar.intake.answers import Answers
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.review.people.expectations import misnamed
from lumbar.review.people.personas import Persona
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition
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


def truths(catalog: Catalog, people: Sequence[Person]) -> Callable[[Condition], Truths]:
    """Return how to ask of whom of these people a condition is true, and of whom false."""
    encoding = Encoding(catalog)
    crowd = of_people(encoding.space, [one.decision.answers.given for one in people])

    def truth(condition: Condition) -> Truths:
        true, false = encoding.truth(condition)
        return crowd[true], crowd[false]

    return truth
