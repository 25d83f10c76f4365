"""Which personas, examples and safety properties notice each small fault in the rules, and what
nobody notices.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lumbar.decision.decide import Decision, by_reference, combine
from lumbar.decision.difference import difference
from lumbar.engines.inference import ConflictError
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.review.cover.mutants import Mutant, changed, moved, mutants
from lumbar.review.cover.people import Crowd, Person, everybody, places
from lumbar.review.people.expectations import differences
from lumbar.review.people.personas import Persona
from lumbar.review.properties import safety
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.questionnaire import OneOf, Score
from lumbar.rulebook.rules import Rule, Threshold

Status = Literal["noticed", "equivalent", "survived", "undecided"]


@dataclass(frozen=True)
class Tried:
    """What became of a mutant: `by` names who noticed; `answers` are those of somebody for whom a
    survivor differs.
    """

    mutant: Mutant
    status: Status
    by: str = ""
    answers: Mapping[str, Any] | None = None
    fires: bool | None = None


class Trial:
    """The people and properties that mutants are tried on; everything that stays the same is
    computed once.

    Raises BadCatalogError where a person or property already complains of the rules as they are.
    """

    def __init__(
        self,
        catalog: Catalog,
        personas: Mapping[str, Persona],
        properties: Sequence[safety.Property] = (),
    ) -> None:
        self.catalog = catalog
        self.personas = {name: one for name, one in personas.items() if not one.disputed}
        self.people = everybody(catalog, self.personas)
        self._claims = [
            claim
            for one in properties
            for claim in safety.claims(catalog, one)
            if claim.must is not None
        ]
        self._crowd = Crowd([one.settled for one in self.people])
        self._own: dict[str, int] = {}
        for place, one in enumerate(self.people):
            self._own[one.rule] = self._own.get(one.rule, 0) | 1 << place
        complaints = ((one.name, complaint(one, one.decision)) for one in self.people)
        problems = [Problem(name, 0, 0, "bad-person", said) for name, said in complaints if said]
        if problems:
            raise BadCatalogError(problems)

    def noticed(self, mutant: Mutant) -> str:
        """Return who notices a mutant, or an empty text where nobody does."""
        part = mutant.part
        if isinstance(part, Threshold):
            return self._threshold_noticed(mutant, part)
        if isinstance(part, Score):
            return self._score_noticed(mutant, part)
        before = self.catalog.rules[mutant.owner]
        if part is not None and part.when == before.when:
            return self._effect_noticed(mutant, part)
        return self._condition_noticed(mutant, part)

    def _condition_noticed(self, mutant: Mutant, part: Rule | None) -> str:
        """Ask the rule's own examples, whose truth says it at once; then decide anew for all to
        whom it matters.
        """
        was = self._crowd.truth(self.catalog.rules[mutant.owner].when)[0]
        other = was ^ (self._crowd.truth(part.when)[0] if part is not None else 0)
        return self._an_example(mutant.owner, other) or self._rerun(
            changed(self.catalog, mutant), self._who(other)
        )

    def _an_example(self, rule: str, mask: int) -> str:
        return next(
            (self.people[place].name for place in places(mask & self._own.get(rule, 0))), ""
        )

    def _who(self, mask: int) -> list[Person]:
        return [self.people[place] for place in places(mask)]

    def _effect_noticed(self, mutant: Mutant, part: Rule) -> str:
        """Those for whom the rule fires; they are inferred anew only where a finding is no longer
        concluded.
        """
        who = self._who(self._crowd.truth(part.when)[0])
        own = [one for one in who if one.rule == part.id]
        catalog = changed(self.catalog, mutant)
        same = part.concludes == self.catalog.rules[part.id].concludes
        return self._rerun(catalog, own, same) or self._rerun(catalog, who, same)

    def _threshold_noticed(self, mutant: Mutant, part: Threshold) -> str:
        for rule in self.catalog.rules.values():
            new = moved(rule.when, part)
            if new != rule.when:
                other = self._crowd.truth(rule.when)[0] ^ self._crowd.truth(new)[0]
                if found := self._an_example(rule.id, other):
                    return found
        try:
            people = everybody(changed(self.catalog, mutant), self.personas)
        except BadCatalogError as error:
            return error.problems[0].file
        return self._first(
            (now, now.decision, was.decision) for now, was in zip(people, self.people, strict=True)
        )

    def _score_noticed(self, mutant: Mutant, part: Score) -> str:
        """Ask the examples of the rules that read the score; then decide anew for all for whom it
        is another number.
        """
        asked, other = self.catalog.questionnaire, []
        points = {q.id: q.points for q in asked.questions.values() if isinstance(q, OneOf)}
        for one in self.people:
            facts = one.answers.facts
            if part.value(facts, asked.least, points) != facts.known[part.id]:
                other.append(one)
        readers = {rule.id for rule in self.catalog.rules.values() if part.id in rule.when.reads}
        other.sort(key=lambda one: one.rule not in readers)
        return self._rerun(changed(self.catalog, mutant), other)

    def _rerun(
        self, catalog: Catalog, people: Sequence[Person], same_inference: bool = False
    ) -> str:
        """Decide for these people by the changed rules; return who complains first, person or
        property.
        """
        known: dict[int, Decision] = {}  # many examples are of the same person, decided once

        def decided(one: Person) -> Decision:
            if id(was := one.decision) not in known:
                known[id(was)] = (
                    combine(catalog, was.answers, was.inference)
                    if same_inference
                    else by_reference(catalog, was.answers)
                )
            return known[id(was)]

        try:
            return self._first((one, decided(one), one.decision) for one in people)
        except ConflictError as error:
            return f"contradiction: {error}"

    def _first(self, decided: Iterator[tuple[Person, Decision, Decision]]) -> str:
        """Return which person complains of a decision, else which property one breaks that is not
        as it was.
        """
        other: dict[int, Decision] = {}
        for one, now, was in decided:
            if complaint(one, now):
                return one.name
            if id(now) not in other and difference(was, now):
                other[id(now)] = now
        return next(
            (
                f"property {broken}"
                for decision in other.values()
                for broken in self._broken(decision)
            ),
            "",
        )

    def _broken(self, decision: Decision) -> Iterator[str]:
        """Yield the properties that a decision breaks; what they speak of is worked out once for
        all of them.
        """
        facts = safety.observed(
            decision, *(part for one in self._claims for part in (one.when, one.must))
        )
        for one in self._claims:
            if (
                one.when.truth(facts) is True
                and one.must is not None
                and one.must.truth(facts) is not True
            ):
                yield one.id


def complaint(person: Person, decision: Decision) -> str:
    """Return how a decision differs from what is expected; an empty text where it does not."""
    return next(differences(person.expected, decision, rule=person.rule), "")


def tried(
    trial: Trial,
    rule: str | None = None,
    proved: Callable[[Mutant], Tried] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> tuple[Tried, ...]:
    """Try every mutant, or those of one rule, score or threshold; `proved` says what a survivor
    comes to.
    """
    every = [one for one in mutants(trial.catalog) if rule in {None, one.owner}]
    found = []
    for done, mutant in enumerate(every, 1):
        by = trial.noticed(mutant)
        found.append(
            Tried(mutant, "noticed", by)
            if by
            else proved(mutant)
            if proved
            else Tried(mutant, "survived")
        )
        progress(done, len(every))
    return tuple(found)
