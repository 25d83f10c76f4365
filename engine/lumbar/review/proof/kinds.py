"""What must hold of every answer that is a sign, for everybody: it does what its kind says.

Alone means: every other question about a sign is answered as the example person answers it, or is
not asked; all others are answered, in any way. Questions that bring this one up are free.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from lumbar.decision.decide import URGENT, Decision, decide
from lumbar.review.proof.formulas import (
    FALSE,
    TRUE,
    Formula,
    both,
    either,
    opposite,
    replaced,
    unlike,
)
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.verdict import Proof, RawAnswers, Verdict, WrongProofError
from lumbar.rulebook.questionnaire import Number, SignKind

TITLES: Mapping[SignKind, tuple[str, str]] = {
    "decisive": (
        "A decisive sign is seen the same day or now, whatever else is answered",
        "'{}' answered '{}' is seen the same day or now",
    ),
    "contributing": (
        "A contributing sign alone sends nobody the same day",
        "'{}' answered '{}' alone sends nobody the same day",
    ),
    "background": (
        "What is background changes no urgency alone",
        "'{}' answered '{}' alone changes no urgency",
    ),
}


@dataclass(frozen=True)
class KindProofs:
    """Proofs about the answers of the prover's catalog that have a kind."""

    prover: Prover

    def proofs(self) -> Iterator[Proof]:
        """Yield a proof for each answer that is a sign."""
        for name, question in self._asked.items():
            if not isinstance(question, Number):
                for option, kind in question.kinds.items():
                    yield partial(self._does_as_said, name, option, kind)

    @cached_property
    def _asked(self) -> Mapping[str, Any]:
        return self.prover.encoding.catalog.questionnaire.questions

    def _does_as_said(self, name: str, option: str, kind: SignKind) -> Verdict:
        given = self._given(name, option)
        today = self.prover.encoding.urgent_as["same_day"]
        if kind == "decisive":
            wrong = both((given, opposite(today)))
        else:
            wrong = both((given, self._alone(name), self._harm(name, kind)))
        answers = self.prover.find(wrong, opposite(self.prover.encoding.conflict))
        return self._verdict(name, option, kind, answers)

    def _given(self, name: str, option: str) -> Formula:
        variable = self.prover.space.variables[name]
        several = len(getattr(variable, "alone", ())) == 1
        return variable.equal(frozenset({option}) if several else option)

    def _alone(self, name: str) -> Formula:
        """Return that no other question about a sign has another answer than the example's."""
        free = {name, *self._brought_up_by(name)}
        signs = (one for one, asked in self._asked.items() if asked.kind)
        left_open = self.prover.encoding.unanswered.values()
        harmless = (self.prover.usual(one) for one in signs if one not in free)
        return both((*harmless, *map(opposite, left_open)))

    def _brought_up_by(self, name: str) -> set[str]:
        """Return the questions that decide whether this is asked, at any remove."""
        shown = self.prover.encoding.catalog.questionnaire.shown_when
        found: set[str] = set()
        waiting = [name]
        while waiting:
            read = {one for part in shown[waiting.pop()] for one in part.reads} - found
            found |= read
            waiting += read
        return found

    def _harm(self, name: str, kind: SignKind) -> Formula:
        """Return that the urgency is another than with the example's answer, or is today by it."""
        urgent_as = self.prover.encoding.urgent_as
        without = replaced(list(urgent_as.values()), self._as_example(name))
        before = dict(zip(urgent_as, without, strict=True))
        if kind == "background":
            return either(unlike(urgent_as, before))
        return both((urgent_as["same_day"], opposite(before["same_day"])))

    def _as_example(self, name: str) -> list[tuple[Formula, Formula]]:
        """Return what to replace to give the example's answer; what hangs on it goes unasked."""
        question = self._asked[name]
        usual = question.typed(question.example)
        wanted = usual if isinstance(usual, frozenset) else {usual}
        picked = self.prover.space.variables[name].picked  # type: ignore[union-attr]
        pairs = [(part, TRUE if one in wanted else FALSE) for one, part in picked.items()]
        for other in self._asked:
            if name in self._brought_up_by(other):
                pairs += [(part, FALSE) for part in self.prover.space.variables[other].symbols]
        return pairs

    def _verdict(
        self, name: str, option: str, kind: SignKind, answers: RawAnswers | None
    ) -> Verdict:
        after, why = None, ""
        if answers is not None:
            decision = self._decided(answers)
            after = None if kind == "decisive" else self._without(name, answers)
            before = self._decided(after) if after is not None else None
            if _as_said(kind, decision, before):
                raise WrongProofError(f"{kind}[{name}={option}]")
            why = f"urgency {decision.urgency}" + (f", {before.urgency} without" if before else "")
        return Verdict(
            id=f"{kind}[{name}={option}]",
            title=TITLES[kind][1].format(name, option),
            proved=not why,
            why=why,
            answers=answers,
            after=after,
        )

    def _without(self, name: str, answers: RawAnswers) -> RawAnswers:
        """Return the answers with the example's for this one, and nothing that hung on it."""
        hanging = {one for one in self._asked if name in self._brought_up_by(one)}
        kept = {one: said for one, said in answers.items() if one not in hanging}
        example = self._asked[name].example
        return kept | {name: list(example) if isinstance(example, tuple) else example}

    def _decided(self, answers: RawAnswers) -> Decision:
        return decide(self.prover.encoding.catalog, answers)


def _as_said(kind: SignKind, decision: Decision, before: Decision | None) -> bool:
    if before is None:
        return decision.urgency in URGENT
    same = decision.urgency == before.urgency
    return same if kind == "background" else decision.urgency not in URGENT or same
