"""Whether a mutant that nobody noticed changes anything for anybody: Z3 proves it, or names one."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from lumbar.form.encoding import Encoding, differs
from lumbar.form.formulas import Formula, apart, both, either, opposite, unlike
from lumbar.review.cover.coverage import Covered, Gap, Side, owned
from lumbar.review.cover.mutants import EVER, NEVER, Mutant, changed, put
from lumbar.review.cover.mutation import Tried
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.verdict import RawAnswers, UndecidedError
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import clauses
from lumbar.rulebook.rules import STAGES, Rule, Threshold


class Equivalence:
    """Searches all people for one for whom a mutant differs, or a clause decides."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @cached_property
    def _prover(self) -> Prover:
        return Prover.of(self.catalog)  # its space holds every neighbouring number

    def judge(self, mutant: Mutant) -> Tried:
        """Return a mutant as proved equivalent, or survived with somebody it differs for."""
        try:
            answers = self._find(mutant)
        except UndecidedError:
            return Tried.of(mutant, "undecided")
        return Tried.of(mutant, "equivalent" if answers is None else "survived", answers=answers)

    def decides(self, covered: Covered, side: Side) -> Gap:
        """Return the example in which a clause decides on one side, or the proof that none can."""
        conditions = owned(self.catalog)[covered.owner]
        every = [(one, place) for one in conditions for place, _ in enumerate(clauses(one))]
        condition, place = every[covered.place - 1]
        truth = self._prover.encoding.truth
        with_it, without = (truth(put(condition, place, one))[0] for one in (EVER, NEVER))
        decides = apart(with_it, without)
        clause, _ = list(clauses(condition))[place]
        fires = truth(condition)[0]
        silent = both((opposite(fires), either(truth(clause))))  # silent by it, not for lack of it
        try:
            answers = self._prover.find(decides, fires if side == "fires" else silent)
        except UndecidedError:
            return covered.gap(side)
        if answers is None:
            return covered.gap(side, impossible=True)
        return covered.gap(side, self.catalog.questionnaire.unlike_example(answers))

    def _find(self, mutant: Mutant) -> RawAnswers | None:
        part, was = mutant.part, self._prover.encoding
        changes_itself = isinstance(part, Rule) and part.when != self.catalog.rules[part.id].when
        if isinstance(part, Rule) and changes_itself and self._settled_before(part):
            return self._prover.find(apart(was.truth(part.when)[0], was.fires[part.id]))
        now = Encoding(changed(self.catalog, mutant), was.space)
        if isinstance(part, Threshold):
            asked_otherwise = self._prover.find(opposite(now.valid))
            if asked_otherwise is not None:
                return asked_otherwise
        inner = [*unlike(was.fires, now.fires), *unlike(_findings(was), _findings(now))]
        return self._prover.find(either((differs(was, now), *inner)))

    def _settled_before(self, rule: Rule) -> bool:
        """Return whether all that a rule reads is concluded before: then it changes alone."""
        stages = STAGES[STAGES.index(self.catalog.stage_of[rule.id]) :]
        later = {
            name
            for stage in stages
            for one in self.catalog.by_stage[stage]
            for name in one.concludes
        }
        return later.isdisjoint(rule.when.reads)


def _findings(encoding: Encoding) -> Mapping[Any, Formula]:
    return {
        (name, value): part
        for name, values in encoding.concluded.items()
        for value, part in values.items()
    }
