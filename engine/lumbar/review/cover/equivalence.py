"""Whether a fault that nobody noticed changes anything for anybody: proved by Z3, or somebody for
whom it does.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import z3

from lumbar.review.cover.coverage import Covered, Gap
from lumbar.review.cover.mutants import EVER, NEVER, Mutant, changed, compared_otherwise, sites
from lumbar.review.cover.mutation import Tried
from lumbar.review.proof.encoding import Encoding, differs
from lumbar.review.proof.formulas import Formula, either, opposite
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.space import AnswerSpace
from lumbar.review.proof.verdict import UndecidedError
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Bare, Clause, Comparison
from lumbar.rulebook.rules import STAGES, Rule, Threshold


class Equivalence:
    """Searches all people for one for whom a mutant differs; one space holds every neighbouring
    number.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @cached_property
    def _prover(self) -> Prover:
        shifted = (compared_otherwise(self.catalog, _shift(by)) for by in (-1, 1))
        return Prover(Encoding(self.catalog, AnswerSpace(self.catalog, *shifted)))

    def judge(self, mutant: Mutant) -> Tried:
        """Return a mutant as proved equivalent, or as survived with the answers of somebody for
        whom it differs.
        """
        try:
            answers = self._find(mutant)
        except UndecidedError:
            return Tried(mutant, "undecided")
        return (
            Tried(mutant, "equivalent")
            if answers is None
            else Tried(mutant, "survived", answers=answers)
        )

    def decides(self, covered: Covered, side: str) -> Gap:
        """Return the example in which a clause decides on one side, or the proof that there is
        none.
        """
        clause, put, _ = list(sites(covered.condition))[covered.inside]
        true, was = self._prover.encoding.truth, self._prover.encoding
        matters = z3.Xor(true(put(EVER))[0], true(put(NEVER))[0])
        fires = true(covered.condition)[0]
        try:
            answers = self._prover.find(
                matters,
                fires if side == "fires" else _silent_and_known(opposite(fires), clause, was),
            )
        except UndecidedError:
            return Gap(covered, side)
        example = None if answers is None else self.catalog.questionnaire.unlike_example(answers)
        return Gap(covered, side, example, proved=True)

    def _find(self, mutant: Mutant) -> dict[str, Any] | None:
        part, was = mutant.part, self._prover.encoding
        if (
            isinstance(part, Rule)
            and part.when != self.catalog.rules[part.id].when
            and self._settled_before(part)
        ):
            return self._prover.find(_unlike(was.truth(part.when)[0], was.fires[part.id]))
        now = Encoding(changed(self.catalog, mutant), was.space)
        if isinstance(part, Threshold):
            asked_otherwise = self._prover.find(opposite(now.valid))
            if asked_otherwise is not None:
                return asked_otherwise
        return self._prover.find(either((differs(was, now), *_inner_differences(was, now))))

    def _settled_before(self, rule: Rule) -> bool:
        """Return whether all that a rule reads was concluded in earlier stages: so a change of it
        changes only it.
        """
        stages = STAGES[STAGES.index(self.catalog.stage_of[rule.id]) :]
        later = {
            name
            for stage in stages
            for one in self.catalog.by_stage[stage]
            for name in one.concludes
        }
        return later.isdisjoint(rule.when.reads)


def _silent_and_known(silent: Formula, clause: Clause, encoding: Encoding) -> Formula:
    """Return the formula that the rule is silent with the clause true or false, not unknown."""
    return z3.And(silent, either(encoding.truth(clause)))


def _inner_differences(one: Encoding, other: Encoding) -> Iterator[Formula]:
    """Yield the formulas that a finding, or the firing of a rule, comes out otherwise."""
    for finding in one.catalog.finding_stage:
        for clause in _readings(one.catalog, finding):
            yield _unlike(one.truth(clause)[0], other.truth(clause)[0])
    for rule, fires in one.fires.items():
        yield _unlike(fires, other.fires.get(rule, z3.BoolVal(False)))


def _readings(catalog: Catalog, finding: str) -> Iterator[Clause]:
    said = dict.fromkeys(
        r.concludes[finding] for r in catalog.rules.values() if finding in r.concludes
    )
    yield from (
        Bare(finding) if value is True else Comparison(finding, "==", str(value)) for value in said
    )


def _unlike(one: Formula, other: Formula) -> Formula:
    return z3.Xor(one, other)


def _shift(by: int) -> Callable[[Clause], Clause]:
    def shifted(clause: Clause) -> Clause:
        if isinstance(clause, Comparison) and isinstance(clause.value, int):
            return replace(clause, value=clause.value + by)
        return clause

    return shifted
