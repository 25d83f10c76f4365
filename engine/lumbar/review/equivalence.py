"""Whether a fault that nobody noticed changes anything for anybody: proved by Z3, or somebody for whom it does."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import z3

from lumbar.catalog import Catalog
from lumbar.conditions import Bare, Clause, Comparison
from lumbar.questionnaire import Questionnaire
from lumbar.review.encoding import Encoding, differs
from lumbar.review.formulas import Formula, either, opposite
from lumbar.review.mutants import Mutant, changed, compared_otherwise
from lumbar.review.mutation import Tried
from lumbar.review.prover import Prover, UndecidedError
from lumbar.review.space import AnswerSpace
from lumbar.rules import Rule, Threshold


class Equivalence:
    """Searches all people for one who shows that a mutant is not what it was; one space holds every neighbouring number."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @cached_property
    def _prover(self) -> Prover:
        shifted = (compared_otherwise(self.catalog, _shift(by)) for by in (-1, 1))
        return Prover(Encoding(self.catalog, AnswerSpace(self.catalog, *shifted)))

    def judge(self, mutant: Mutant) -> Tried:
        """Return a mutant as proved equivalent, or as survived with the answers of somebody for whom it differs."""
        try:
            answers = self._find(mutant)
        except UndecidedError:
            return Tried(mutant, "undecided")
        return Tried(mutant, "equivalent") if answers is None else Tried(mutant, "survived", answers=answers)

    def _find(self, mutant: Mutant) -> dict[str, Any] | None:
        part, was = mutant.part, self._prover.encoding
        if isinstance(part, Rule) and part.when != self.catalog.rules[part.id].when:
            return self._prover.find(_unlike(was.truth(part.when)[0], was.fires[part.id]))
        now = Encoding(changed(self.catalog, mutant), was.space)
        if isinstance(part, Threshold):
            asked_otherwise = self._prover.find(opposite(now.valid))
            if asked_otherwise is not None:
                return asked_otherwise
        return self._prover.find(either((differs(was, now), *_inner_differences(was, now))))


def _inner_differences(one: Encoding, other: Encoding) -> Iterator[Formula]:
    """Yield the formulas that a finding, or the firing of a rule, comes out otherwise."""
    for finding in one.catalog.finding_stage:
        for clause in _readings(one.catalog, finding):
            yield _unlike(one.truth(clause)[0], other.truth(clause)[0])
    for rule, fires in one.fires.items():
        yield _unlike(fires, other.fires.get(rule, z3.BoolVal(False)))


def _readings(catalog: Catalog, finding: str) -> Iterator[Clause]:
    said = dict.fromkeys(r.concludes[finding] for r in catalog.rules.values() if finding in r.concludes)
    yield from (Bare(finding) if value is True else Comparison(finding, "==", str(value)) for value in said)


def _unlike(one: Formula, other: Formula) -> Formula:
    return z3.Xor(one, other)


def _shift(by: int) -> Any:
    def shifted(clause: Comparison) -> Comparison:
        return replace(clause, value=clause.value + by) if isinstance(clause.value, int) else clause

    return shifted


def overlay(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of some raw answers differs from the example person's: an example; None where nothing was said."""
    typed = questionnaire.typed(answers)
    found: dict[str, Any] = {}
    for name, shown in questionnaire.walk(typed):
        question = questionnaire.questions[name]
        if shown is not False and typed.get(name) != question.typed(question.example):
            found[name] = answers.get(name)
    return found
