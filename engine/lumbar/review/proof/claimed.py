"""The safety properties, proved for everybody or broken by somebody."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import z3

from lumbar.decision.decide import Decision, decide
from lumbar.review.proof.expected import should_have, should_have_stayed
from lumbar.review.proof.formulas import FALSE, Formula, both, either, opposite
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.space import Amount, Choice
from lumbar.review.proof.verdict import Proof, RawAnswers, Verdict, WrongProofError
from lumbar.review.properties.safety import AnswerChange, Claim, Property, claims, targets
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.rules import Expectation

Pairs = list[tuple[Formula, Formula]]


@dataclass(frozen=True)
class ClaimProofs:
    """Proofs of what the safety properties claim of the prover's catalog."""

    prover: Prover

    def proofs(self, properties: Iterable[Property]) -> Iterator[Proof]:
        """Yield a proof for each claim of each property."""
        for claim in (
            claim for prop in properties for claim in claims(self.prover.encoding.catalog, prop)
        ):
            prove = self._everybody if claim.prop.change is None else self._any_change
            yield partial(prove, claim)

    def _everybody(self, claim: Claim) -> Verdict:
        """Prove that nobody breaks a claim."""
        assert claim.must is not None
        encoding = self.prover.encoding
        about = both((encoding.truth(claim.when)[0], opposite(encoding.conflict)))
        answers = self.prover.find(about, opposite(encoding.truth(claim.must)[0]))
        if answers is None:
            return _proved(claim) if self.prover.possible(about) else _about_nobody(claim)
        decision = decide(encoding.catalog, answers)
        if not claim.broken(decision):
            raise WrongProofError(claim.id)
        expect = should_have(claim, decision)
        return _refuted(claim, _came_out(decision, expect), answers, None, expect)

    def _any_change(self, claim: Claim) -> Verdict:
        """Prove that one changed answer never does what a claim forbids."""
        encoding, change = self.prover.encoding, claim.prop.change
        assert change is not None
        other, pairs = self.prover.space.copy(claim.this)
        moved = self._moved(claim.this, change, other)
        valid, conflict = replaced([encoding.valid, encoding.conflict], pairs)
        sound = both((valid, opposite(encoding.conflict), opposite(conflict)))
        about = both((moved, encoding.truth(claim.when)[0], sound))
        found = self.prover.find_change(claim.this, other, about, self._harm(change, pairs))
        if found is None:
            return _proved(claim) if self.prover.possible(about) else _about_nobody(claim)
        return self._confirmed(claim, change, *found)

    def _moved(self, question: str, change: AnswerChange, other: Choice | Amount) -> Formula:
        """Return the formula that the answer becomes the other one, as the change says."""
        mine, asked = (
            self.prover.space.variables[question],
            self.prover.encoding.catalog.questionnaire.questions[question],
        )
        if isinstance(mine, Amount) and isinstance(other, Amount):
            higher = either(both((other.cuts[cut], opposite(mine.cuts[cut]))) for cut in mine.cuts)
            return (
                both((mine.answered, higher)) if getattr(asked, "better_to_worse", None) else FALSE
            )
        order = getattr(asked, "better_to_worse", None) or ()
        moves = (
            ((one, two) for one in change.before for two in change.after)
            if change.before
            else (
                (better, worse)
                for place, better in enumerate(order)
                for worse in order[place + 1 :]
            )
        )
        return either(both((mine.equal(one), other.equal(two))) for one, two in moves)

    def _harm(self, change: AnswerChange, pairs: Pairs) -> Formula:
        """Return the formula that the change does harm: the urgency falls, or what was avoided is
        offered.
        """
        encoding = self.prover.encoding
        if change.never == "lowers_urgency":
            before = [encoding.urgent_as[level] for level in URGENCIES[:-1]]
            after = [opposite(part) for part in replaced(before, pairs)]
        else:
            before = list(encoding.avoided.values())
            after = replaced([encoding.recommended[item] for item in encoding.avoided], pairs)
        return either(both(pair) for pair in zip(before, after, strict=True))

    def _confirmed(
        self, claim: Claim, change: AnswerChange, answers: RawAnswers, after: RawAnswers
    ) -> Verdict:
        catalog = self.prover.encoding.catalog
        before, then = decide(catalog, answers), decide(catalog, after)
        if not harmful(change, before, then):
            raise WrongProofError(claim.id)
        was, now = (one.get(claim.this) for one in (answers, after))
        expect = should_have_stayed(change, before, then)
        why = f"'{claim.this}' {was}: urgency {before.urgency}; changed to {now}: {_came_out(then, expect)}"
        return _refuted(claim, why, answers, after, expect)


def harmful(change: AnswerChange, before: Decision, after: Decision) -> bool:
    """Return whether a change of answers did what it never should."""
    if change.never == "lowers_urgency":
        return URGENCIES.index(after.urgency) > URGENCIES.index(before.urgency)
    return not before.avoided.isdisjoint(after.offered)


def replaced(formulas: list[Formula], pairs: Pairs) -> list[Formula]:
    """Return formulas with symbols replaced by others; parts that do not read them stay the very
    same.
    """
    return list(z3.substitute(z3.And(*formulas), *pairs).children()) if formulas else []


def _proved(claim: Claim) -> Verdict:
    return Verdict(id=claim.id, title=claim.prop.title, proved=True, hazard=claim.prop.hazard)


def _about_nobody(claim: Claim) -> Verdict:
    """Return that a claim holds only because it is about nobody: it would protect nobody either."""
    return _proved(claim).model_copy(
        update={"proved": False, "why": "it is about nobody: no answers are as it says"}
    )


def _refuted(
    claim: Claim, why: str, answers: RawAnswers, after: RawAnswers | None, expect: Expectation
) -> Verdict:
    shown = {"proved": False, "why": why, "answers": answers, "after": after, "expect": expect}
    return _proved(claim).model_copy(update=shown)


def _came_out(decision: Decision, expect: Expectation) -> str:
    """Return what came out, as far as something else should have."""
    offered = decision.offered
    kept_out = (item for one in expect.avoids for item in targets(decision.catalog, one))
    wrong = [item for item in kept_out if item in offered]
    missing = [*(item for item in expect.recommends if item not in offered), *expect.refers_to]
    parts = [f"urgency {decision.urgency}"]
    parts += [f"offered {', '.join(wrong)}"] if wrong else []
    parts += [f"without {', '.join(missing)}"] if missing else []
    return "; ".join(parts)
