"""Which personas, examples and safety properties notice each mutant, and what nobody notices."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from lumbar.decision.decide import Decision, by_reference
from lumbar.decision.difference import difference
from lumbar.decision.variants import places
from lumbar.engines.inference import ConflictError
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.review.cover.mutants import Mutant, changed, mutants
from lumbar.review.cover.people import Person, everybody, truths
from lumbar.review.people.expectations import differences
from lumbar.review.people.personas import Persona
from lumbar.review.properties import safety
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Facts
from lumbar.rulebook.questionnaire import OneOf
from lumbar.rulebook.rules import Threshold
from lumbar.rulebook.scores import Score

Status = Literal["noticed", "equivalent", "survived", "undecided"]
Redecided = tuple[Person, Decision]  # somebody, and what the mutant decides for them


@dataclass(frozen=True)
class Tried(Mutant):
    """What became of a mutant: `by` names who noticed; `answers` are of somebody it differs for."""

    status: Status
    by: str = ""
    answers: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, mutant: Mutant, status: Status, **more: Any) -> "Tried":
        """Return what became of a mutant."""
        return cls(mutant.owner, mutant.kind, mutant.change, mutant.part, status, **more)


class Trial:
    """The people and properties that mutants are tried on; what stays the same is computed once.

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
        every = (claim for one in properties for claim in safety.claims(catalog, one))
        self._claims = [claim for claim in every if claim.must is not None]
        self._truth = truths(catalog, self.people)
        self._own: dict[str, int] = defaultdict(int)
        for place, one in enumerate(self.people):
            self._own[one.rule] |= 1 << place
        complaints = ((one.name, complaint(one, one.decision)) for one in self.people)
        problems = [Problem(name, 0, 0, "bad-person", said) for name, said in complaints if said]
        if problems:
            raise BadCatalogError(problems)

    def noticed(self, mutant: Mutant) -> str:
        """Return who notices a mutant, or an empty text where nobody does.

        The examples of a rule say at once that its condition comes out otherwise; else those to
        whom it matters are decided for anew.
        """
        now = changed(self.catalog, mutant)
        otherwise = {rule: self._otherwise(rule, now) for rule in self._touched(now)}
        for rule, who in otherwise.items():
            for place in places(who & self._own[rule]):
                return self.people[place].name
        try:
            return self._complains(self._redecided(mutant, now, otherwise))
        except ConflictError as error:
            return f"contradiction: {error}"
        except BadCatalogError as error:  # somebody cannot be any more
            return error.problems[0].file

    def _touched(self, now: Catalog) -> list[str]:
        """Return the rules that have another condition, or none."""
        conditions = {name: rule.when for name, rule in now.rules.items()}
        rules = self.catalog.rules.items()
        return [name for name, rule in rules if conditions.get(name) != rule.when]

    def _otherwise(self, rule: str, now: Catalog) -> int:
        """Return for whom the condition of a rule comes out otherwise."""
        new = self._truth(now.rules[rule].when)[0] if rule in now.rules else 0
        return self._truth(self.catalog.rules[rule].when)[0] ^ new

    def _redecided(
        self, mutant: Mutant, now: Catalog, otherwise: Mapping[str, int]
    ) -> Iterator[Redecided]:
        """Yield everybody to whom a mutant matters; those it is meant for come first."""
        part = mutant.part
        if isinstance(part, Threshold):
            people = everybody(now, self.personas)
            yield from zip(self.people, (one.decision for one in people), strict=True)
        elif isinstance(part, Score):
            yield from self._rescored(part, now)
        else:
            fires = 0 if part is None else self._truth(part.when)[0]
            who = [self.people[place] for place in places(otherwise.get(mutant.owner, fires))]
            who.sort(key=lambda one: one.rule != mutant.owner)
            yield from _each(who, lambda was: by_reference(now, was.answers))

    def _rescored(self, score: Score, now: Catalog) -> Iterator[Redecided]:
        """Yield everybody for whom a score is another number; first those whose rule reads it."""
        asked = self.catalog.questionnaire
        points = {q.id: q.points for q in asked.questions.values() if isinstance(q, OneOf)}

        def anew(was: Decision) -> Decision | None:
            value = score.value(was.facts, asked.least, points)
            if value == was.facts.known[score.id]:
                return None
            facts = Facts({**was.facts.known, score.id: value}, was.facts.unanswered)
            return by_reference(now, replace(was.answers, facts=facts))

        readers = {rule.id for rule in self.catalog.rules.values() if score.id in rule.when.reads}
        return _each(sorted(self.people, key=lambda one: one.rule not in readers), anew)

    def _complains(self, redecided: Iterable[Redecided]) -> str:
        """Return which person complains, else which property is broken that held before."""
        other: dict[int, Decision] = {}
        for one, now in redecided:
            if complaint(one, now):
                return one.name
            if id(now) not in other and difference(one.decision, now):
                other[id(now)] = now
        broken = (name for decision in other.values() for name in self._broken(decision))
        return next((f"property {name}" for name in broken), "")

    def _broken(self, decision: Decision) -> Iterator[str]:
        """Yield the properties that a decision breaks; what they speak of is worked out once."""
        said = (part for one in self._claims for part in (one.when, one.must))
        facts = safety.observed(decision, *said)
        for one in self._claims:
            kept = one.must is not None and one.must.truth(facts) is True
            if not kept and one.when.truth(facts) is True:
                yield one.id


def _each(
    people: Iterable[Person], anew: Callable[[Decision], Decision | None]
) -> Iterator[Redecided]:
    """Decide anew, once for people who share a decision; leave out who has none."""
    known: dict[int, Decision | None] = {}
    for one in people:
        if id(one.decision) not in known:
            known[id(one.decision)] = anew(one.decision)
        if (decision := known[id(one.decision)]) is not None:
            yield one, decision


def complaint(person: Person, decision: Decision) -> str:
    """Return how a decision differs from what is expected; an empty text where it does not."""
    return next(differences(person.expected, decision, rule=person.rule), "")


def survived(mutant: Mutant) -> Tried:
    """Return what can be said of a mutant that nobody notices where nothing is proved."""
    return Tried.of(mutant, "survived")


def tried(
    trial: Trial,
    owner: str | None = None,
    judge: Callable[[Mutant], Tried] = survived,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> tuple[Tried, ...]:
    """Try every mutant, or those of one owner; `judge` tells of those nobody noticed."""
    every = [one for one in mutants(trial.catalog) if owner in {None, one.owner}]
    found = []
    for done, mutant in enumerate(every, 1):
        by = trial.noticed(mutant)
        found.append(Tried.of(mutant, "noticed", by=by) if by else judge(mutant))
        progress(done, len(every))
    return tuple(found)
