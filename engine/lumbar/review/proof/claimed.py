"""The safety properties, proved for everybody or broken by somebody, with what should have come."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from typing import Any

from lumbar.decision.decide import Decision, decide
from lumbar.form.encoding import agrees
from lumbar.form.formulas import FALSE, Formula, both, either, opposite, replaced
from lumbar.form.space import Amount, Variable
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.verdict import Proof, Verdict, WrongProofError
from lumbar.review.properties.safety import URGENCY, AnswerChange, Claim, Property, claims, outcome
from lumbar.rulebook.conditions import clauses
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import NONE, SeveralOf
from lumbar.rulebook.rules import Expectation

Pairs = list[tuple[Formula, Formula]]


@dataclass(frozen=True)
class ClaimProofs:
    """Proofs of what the safety properties claim of the prover's catalog."""

    prover: Prover

    def proofs(self, properties: Iterable[Property]) -> Iterator[Proof]:
        """Yield a proof for each claim of each property."""
        catalog = self.prover.encoding.catalog
        for claim in (claim for prop in properties for claim in claims(catalog, prop)):
            if claim.prop.change is None:
                yield partial(self._everybody, claim)
            else:
                yield partial(self._any_change, claim, claim.prop.change)

    def _everybody(self, claim: Claim) -> Verdict:
        """Prove that nobody breaks a claim."""
        assert claim.must is not None
        encoding = self.prover.encoding
        about = both((encoding.truth(claim.when)[0], opposite(encoding.conflict)))
        answers = self.prover.find(about, opposite(encoding.truth(claim.must)[0]))
        if answers is None:
            return self._holds(claim, about)
        decision = decide(encoding.catalog, answers)
        if not claim.broken(decision):
            raise WrongProofError(claim.id)
        expect = _should_have(claim, decision)
        return _verdict(claim, _came_out(decision, expect), answers=answers, expect=expect)

    def _any_change(self, claim: Claim, change: AnswerChange) -> Verdict:
        """Prove that one changed answer never does what a claim forbids."""
        encoding = self.prover.encoding
        other, pairs = self.prover.space.copy(claim.this)
        valid, conflict = replaced([encoding.valid, encoding.conflict], pairs)
        sound = both((valid, opposite(encoding.conflict), opposite(conflict)))
        moved = self._moved(claim.this, change, other)
        about = both((moved, encoding.truth(claim.when)[0], sound))
        found = self.prover.find_change(claim.this, other, about, self._harm(change, pairs))
        if found is None:
            return self._holds(claim, about)
        before, then = (decide(encoding.catalog, answers) for answers in found)
        if not harmful(change, before, then):
            raise WrongProofError(claim.id)
        was, now = (answers.get(claim.this) for answers in found)
        expect = _should_have_stayed(change, before, then)
        changed = f"changed to {now}: {_came_out(then, expect)}"
        why = f"'{claim.this}' {was}: urgency {before.urgency}; {changed}"
        return _verdict(claim, why, answers=found[0], after=found[1], expect=expect)

    def _holds(self, claim: Claim, about: Formula) -> Verdict:
        """Return that a claim is proved; not if it is about nobody: that protects nobody."""
        nobody = "it is about nobody: no answers are as it says"
        return _verdict(claim, "" if self.prover.possible(about) else nobody)

    def _moved(self, question: str, change: AnswerChange, other: Variable) -> Formula:
        """Return the formula that the answer becomes the other one, as the change says."""
        mine = self.prover.space.variables[question]
        asked: Any = self.prover.encoding.catalog.questionnaire.questions[question]
        if isinstance(mine, Amount) and isinstance(other, Amount):
            higher = either(both((other.cuts[cut], opposite(mine.cuts[cut]))) for cut in mine.cuts)
            return both((mine.answered, higher)) if asked.better_to_worse else FALSE
        if isinstance(asked, SeveralOf) and not change.before:
            return _says_more(mine, other)
        worse = combinations(getattr(asked, "better_to_worse", None) or (), 2)
        moves = product(change.before, change.after) if change.before else worse
        return either(both((mine.equal(one), other.equal(two))) for one, two in moves)

    def _harm(self, change: AnswerChange, pairs: Pairs) -> Formula:
        """Return that the change does harm: the urgency falls, or what was avoided is offered."""
        encoding = self.prover.encoding
        if change.never == "lowers_urgency":
            before = [encoding.urgent_as[level] for level in URGENCIES[:-1]]
            after = [opposite(part) for part in replaced(before, pairs)]
        else:
            before = list(encoding.avoided.values())
            after = replaced([encoding.recommended[item] for item in encoding.avoided], pairs)
        return either(both(pair) for pair in zip(before, after, strict=True))


def _says_more(mine: Any, other: Any) -> Formula:
    """Return that the other answer picks all that this one does, and something besides."""
    pairs = [(part, other.picked[one]) for one, part in mine.picked.items() if one != NONE]
    kept = (either((opposite(before), after)) for before, after in pairs)
    more = either(both((opposite(before), after)) for before, after in pairs)
    return both((mine.answered, *kept, more))


def harmful(change: AnswerChange, before: Decision, after: Decision) -> bool:
    """Return whether a change of answers did what it never should."""
    if change.never == "lowers_urgency":
        return URGENCIES.index(after.urgency) > URGENCIES.index(before.urgency)
    return not before.avoided.isdisjoint(after.offered)


def _verdict(claim: Claim, why: str, **shown: Any) -> Verdict:
    prop = claim.prop
    return Verdict(
        id=claim.id, title=prop.title, hazard=prop.hazard, proved=not why, why=why, **shown
    )


def _should_have(claim: Claim, decision: Decision) -> Expectation:
    """Return what the claim asks for that the decision lacks, the least that is allowed."""
    found: dict[str, Any] = {}
    assert claim.must is not None
    for clause, negated in clauses(claim.must):
        if clause.name == URGENCY:
            allowed = (one for one in reversed(URGENCIES) if agrees(clause, one) is not negated)
            found["urgency"] = next(allowed, None)
        elif said := outcome(clause.name):
            _add(found, decision, *said, wanted=not negated)
    return Expectation(**found)


_KEYS = {
    ("recommended", True): "recommends",
    ("recommended", False): "avoids",
    ("avoided", True): "avoids",
    ("referred", True): "refers_to",
    ("referred", False): "not_refers_to",
    ("fired", True): "fires",
    ("fired", False): "silent",
}


def _add(found: dict[str, Any], decision: Decision, verb: str, target: str, wanted: bool) -> None:
    said: tuple[str, ...] = (target,)
    if verb == "recommended":
        meant, offered = decision.catalog.meant(target), decision.offered
        wrong = tuple(item for item in meant if item in offered)
        said = wrong if not wanted else meant[:1] if not wrong else ()
    if said and (key := _KEYS.get((verb, wanted))):
        found[key] = (*found.get(key, ()), *said)


def _should_have_stayed(change: AnswerChange, before: Decision, after: Decision) -> Expectation:
    """Return what a changed answer should not have undone."""
    if change.never == "lowers_urgency":
        return Expectation(urgency=before.urgency)
    return Expectation(avoids=tuple(sorted(before.avoided & after.offered)))


def _came_out(decision: Decision, expect: Expectation) -> str:
    """Return what came out, as far as something else should have."""
    kept_out = (item for one in expect.avoids for item in decision.catalog.meant(one))
    wrong = [item for item in kept_out if item in decision.offered]
    missing = [item for item in expect.recommends if item not in decision.offered]
    told = {"offered": wrong, "without": [*missing, *expect.refers_to]}
    parts = (f"{word} {', '.join(items)}" for word, items in told.items() if items)
    return "; ".join((f"urgency {decision.urgency}", *parts))
