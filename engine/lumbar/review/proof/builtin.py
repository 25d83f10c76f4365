"""What must hold of any rule set: no two values, no rule in vain, every question and item of use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import z3

from lumbar.decision.decide import Decision, decide, engines
from lumbar.engines.inference import ConflictError
from lumbar.intake.answers import Answers
from lumbar.plan.fitting import selected
from lumbar.review.proof.claimed import replaced
from lumbar.review.proof.formulas import FALSE, Formula, at_least, both, either, opposite
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.verdict import Proof, RawAnswers, Verdict, WrongProofError
from lumbar.rulebook.conditions import conjunctions
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.rules import Avoid, Effect, Refer, Rule

TITLES: Mapping[str, str] = {
    "one-value": "No finding gets two values",
    "can-fire": "Every rule fires for somebody",
    "not-redundant": "Every rule does something that no other rule always does",
    "matters": "Every question can change a plan",
    "can-be-shown": "Every item is in somebody's plan",
    "can-be-left-out": "Every item is left out of somebody's plan",
}


@dataclass(frozen=True)
class BuiltInProofs:
    """Proofs about the prover's catalog as a whole: rules, findings, questions and items."""

    prover: Prover

    def proofs(self) -> Iterator[Proof]:
        """Yield a proof for each finding, rule, question and item."""
        yield self._one_value
        for rule in self._rules:
            yield partial(self._can_fire, rule)
            yield partial(self._not_redundant, rule)
        for question in self.prover.encoding.catalog.questionnaire.questions:
            yield partial(self._matters, question)
        for item in self.prover.encoding.catalog.items:
            yield partial(self._can_be_shown, item)
            yield partial(self._can_be_left_out, item)

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        return tuple(
            rule for rules in self.prover.encoding.catalog.by_stage.values() for rule in rules
        )

    def _one_value(self) -> Verdict:
        answers = self.prover.find(self.prover.encoding.conflict)
        why = "" if answers is None else self._conflict(answers)
        return Verdict(
            id="one-value",
            title=TITLES["one-value"],
            proved=answers is None,
            why=why,
            answers=answers,
        )

    def _conflict(self, answers: RawAnswers) -> str:
        """Return which finding gets two values, as both engines must say."""
        catalog = self.prover.encoding.catalog
        facts = Answers.of(catalog.questionnaire, answers).facts
        said = []
        for _, infer in engines():
            try:
                infer(catalog, facts)
            except ConflictError as conflict:
                said.append(str(conflict))
        if len(said) < len(engines()):
            raise WrongProofError("one-value")
        return said[-1]

    def _can_fire(self, rule: Rule) -> Verdict:
        answers = self.prover.anybody(
            self.prover.encoding.fires[rule.id], opposite(self.prover.encoding.conflict)
        )
        if answers is not None and rule.id not in self._decided(answers).fired:
            raise WrongProofError(f"can-fire[{rule.id}]")
        return Verdict(
            id=f"can-fire[{rule.id}]",
            title=f"The rule '{rule.title}' fires for somebody",
            proved=answers is not None,
            why="" if answers is not None else f"it never fires: {self._never(rule)}",
            answers=answers,
        )

    def _never(self, rule: Rule) -> str:
        """Return why no alternative of a condition can hold."""
        found: dict[str, None] = {}
        for literals in conjunctions(rule.when):
            cannot = self.prover.impossible(
                [self.prover.encoding.truth(literal)[0] for literal in literals]
            )
            found[" and ".join(f"'{literals[place]}'" for place in cannot)] = None
        return "; ".join(f"{clash} is true of nobody" for clash in found)

    def _not_redundant(self, rule: Rule) -> Verdict:
        fires = self.prover.encoding.fires
        same = (
            other.id
            for other in self._rules
            if other.id != rule.id
            and all(any(self._covers(theirs, mine) for theirs in other.then) for mine in rule.then)
            and not self.prover.possible(fires[rule.id], opposite(fires[other.id]))
        )
        covered = next(same, None)
        return Verdict(
            id=f"not-redundant[{rule.id}]",
            title=f"The rule '{rule.title}' does something no other rule does",
            proved=covered is None,
            why=""
            if covered is None
            else f"'{covered}' fires whenever it does, with the same effects",
        )

    def _covers(self, theirs: Effect, mine: Effect) -> bool:
        if isinstance(mine, Refer) and isinstance(theirs, Refer):
            return theirs.refer == mine.refer and URGENCIES.index(
                theirs.urgency
            ) <= URGENCIES.index(mine.urgency)
        if isinstance(mine, Avoid) and isinstance(theirs, Avoid):
            targets = self.prover.encoding.catalog.targets
            return set(targets[mine.avoid]) <= set(targets[theirs.avoid])
        return theirs == mine

    def _matters(self, question: str) -> Verdict:
        """Prove by two people who differ in one answer that a question can change a decision."""
        limits = self.prover.encoding.catalog.limits
        before, after = next(
            filter(None, (self._changed_by(question, kind) for kind in self._outcomes)),
            (None, None),
        )
        if (
            before is not None
            and after is not None
            and not _unequal(self._decided(before), self._decided(after))
        ):
            raise WrongProofError(f"matters[{question}]")
        matters = (
            before is not None or question == limits.minutes_question
        )  # minutes decide what a plan has room for
        return Verdict(
            id=f"matters[{question}]",
            title=f"The answer to '{question}' can change a plan",
            proved=matters,
            why="" if matters else "no answer to it changes anybody's decision",
            answers=before,
            after=after,
        )

    def _changed_by(
        self, question: str, outcome: list[Formula]
    ) -> tuple[RawAnswers, RawAnswers] | None:
        """Return two people who differ in one answer and in one of these formulas."""
        encoding = self.prover.encoding
        other, pairs = self.prover.space.copy(question)
        valid, conflict, *changed = replaced([encoding.valid, encoding.conflict, *outcome], pairs)
        # a formula that comes out the same has no part in the answer
        unlike = either(
            z3.Xor(one, two) for one, two in zip(outcome, changed, strict=True) if not one.eq(two)
        )
        apart = both((unlike, valid, opposite(encoding.conflict), opposite(conflict)))
        return (
            None
            if unlike is FALSE
            else self.prover.find_change(question, other, apart, nearest=False)
        )

    @cached_property
    def _outcomes(self) -> tuple[list[Formula], ...]:
        """What can come out, in three parts: most questions change the first, which is the quickest
        to try.
        """
        encoding = self.prover.encoding
        votes = (
            encoding.votes(item, n)
            for item, asked in encoding.asked.items()
            for n in range(2, len(asked) + 1)
        )
        first = [*encoding.urgency.values(), *encoding.referred.values()]
        parts = first, [*encoding.avoided.values(), *encoding.doses.values()], list(votes)
        return tuple([formula for formula in part if formula is not FALSE] for part in parts)

    def _can_be_shown(self, item: str) -> Verdict:
        for formula in self._chances(item):
            answers = self.prover.find(formula, opposite(self.prover.encoding.conflict))
            if answers is not None and item in self._shown(answers):
                break
        else:
            why = "nobody was found whose plan has room for it"
            return self._of_item("can-be-shown", f"Somebody's plan shows {item}", item, why, None)
        return self._of_item("can-be-shown", f"Somebody's plan shows {item}", item, "", answers)

    def _chances(self, item: str) -> Iterator[Formula]:
        """Yield who could be shown an item: people with time, for whom a rule offers it or little
        else is.
        """
        encoding = self.prover.encoding
        section = next(one for one in encoding.catalog.limits.sections if item in one.order)
        minutes = encoding.catalog.limits.minutes_question
        plenty = encoding.catalog.questionnaire.questions[minutes].high  # type: ignore[union-attr]
        offered = both(
            (encoding.recommended[item], self.prover.space.variables[minutes].equal(plenty))
        )
        others = [(encoding.recommended[one], 1) for one in section.order if one != item]
        yield self._referred(item)
        for _, fires in encoding.asked[item]:
            yield both((offered, fires))
        for few in range(1, section.at_most + 1):
            yield both((offered, opposite(at_least(few, others))))

    def _referred(self, item: str) -> Formula:
        return either(part for (to, _), part in self.prover.encoding.referred.items() if to == item)

    def _can_be_left_out(self, item: str) -> Verdict:
        encoding = self.prover.encoding
        absent = both(
            (
                opposite(encoding.recommended[item]),
                opposite(self._referred(item)),
                opposite(encoding.conflict),
            )
        )
        answers = self.prover.anybody(absent)
        if answers is not None and item in self._shown(answers):
            raise WrongProofError(f"can-be-left-out[{item}]")
        why = "" if answers is not None else "it is in everybody's plan"
        return self._of_item(
            "can-be-left-out", f"Somebody's plan leaves {item} out", item, why, answers
        )

    def _of_item(
        self, kind: str, title: str, item: str, why: str, answers: RawAnswers | None
    ) -> Verdict:
        return Verdict(id=f"{kind}[{item}]", title=title, proved=not why, why=why, answers=answers)

    def _shown(self, answers: RawAnswers) -> set[str]:
        decision = self._decided(answers)
        return {*selected(decision), *decision.referred}

    def _decided(self, answers: RawAnswers) -> Decision:
        return decide(self.prover.encoding.catalog, answers)


def _unequal(one: Decision, two: Decision) -> bool:
    def seen(decision: Decision) -> Any:
        recommended = [(each.item, each.dose, each.votes) for each in decision.recommended]
        referrals = [each[:2] for each in decision.referrals]
        return decision.urgency, referrals, recommended, decision.avoided

    return bool(seen(one) != seen(two))
