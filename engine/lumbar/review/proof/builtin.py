"""What must hold of any rule set: no two values, no rule, question or item in vain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from lumbar.decision.decide import Decision, decide, engines
from lumbar.engines.inference import ConflictError
from lumbar.form.formulas import Formula, at_least, both, either, opposite, replaced, unlike
from lumbar.intake.answers import Answers
from lumbar.plan.fitting import selected
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.verdict import Proof, RawAnswers, Verdict, WrongProofError
from lumbar.rulebook.conditions import conjunctions
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.rules import Avoid, Effect, Refer, Rule

# each kind of proof: of all together, and of one rule, question or item
TITLES: Mapping[str, tuple[str, str]] = {
    "one-value": ("No finding gets two values", "No finding gets two values"),
    "can-fire": ("Every rule fires for somebody", "The rule '{}' fires for somebody"),
    "not-redundant": (
        "Every rule does something that no other rule always does",
        "The rule '{}' does something no other rule does",
    ),
    "matters": ("Every question can change a plan", "The answer to '{}' can change a plan"),
    "can-be-shown": ("Every item is in somebody's plan", "Somebody's plan shows {}"),
    "can-be-left-out": (
        "Every item is left out of somebody's plan",
        "Somebody's plan leaves {} out",
    ),
}


@dataclass(frozen=True)
class BuiltInProofs:
    """Proofs about the prover's catalog as a whole: rules, findings, questions and items."""

    prover: Prover

    def proofs(self) -> Iterator[Proof]:
        """Yield a proof for each finding, rule, question and item."""
        yield self._one_value
        for rule in self.prover.encoding.catalog.in_force:
            yield partial(self._can_fire, rule)
            yield partial(self._not_redundant, rule)
        for question in self.prover.encoding.catalog.questionnaire.questions:
            yield partial(self._matters, question)
        for item in self.prover.encoding.catalog.items:
            yield partial(self._can_be_shown, item)
            yield partial(self._can_be_left_out, item)

    def _one_value(self) -> Verdict:
        answers = self.prover.find(self.prover.encoding.conflict)
        return _verdict(
            "one-value", "", "" if answers is None else self._conflict(answers), answers
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

    def _anybody(self, *formulas: Formula) -> RawAnswers | None:
        sound = opposite(self.prover.encoding.conflict)
        return self.prover.find(*formulas, sound, nearest=False)

    def _can_fire(self, rule: Rule) -> Verdict:
        answers = self._anybody(self.prover.encoding.fires[rule.id])
        if answers is not None and rule.id not in self._decided(answers).fired:
            raise WrongProofError(f"can-fire[{rule.id}]")
        why = "" if answers is not None else f"it never fires: {self._never(rule)}"
        return _verdict("can-fire", rule, why, answers)

    def _never(self, rule: Rule) -> str:
        """Return why no alternative of a condition can hold."""
        truth = self.prover.encoding.truth
        found: dict[str, None] = {}
        for literals in conjunctions(rule.when):
            cannot = self.prover.impossible([truth(literal)[0] for literal in literals])
            found[" and ".join(f"'{literals[place]}'" for place in cannot)] = None
        return "; ".join(f"{clash} is true of nobody" for clash in found)

    def _not_redundant(self, rule: Rule) -> Verdict:
        encoding = self.prover.encoding
        covered = next(
            (
                other.id
                for other in encoding.catalog.in_force
                if other.id != rule.id
                and all(any(self._covers(one, mine) for one in other.then) for mine in rule.then)
                and not self.prover.possible(
                    encoding.fires[rule.id], opposite(encoding.fires[other.id])
                )
            ),
            None,
        )
        why = f"'{covered}' fires whenever it does, with the same effects" if covered else ""
        return _verdict("not-redundant", rule, why)

    def _covers(self, theirs: Effect, mine: Effect) -> bool:
        if isinstance(mine, Refer) and isinstance(theirs, Refer):
            sooner = URGENCIES.index(theirs.urgency) <= URGENCIES.index(mine.urgency)
            return theirs.refer == mine.refer and sooner
        if isinstance(mine, Avoid) and isinstance(theirs, Avoid):
            targets = self.prover.encoding.catalog.targets
            return set(targets[mine.avoid]) <= set(targets[theirs.avoid])
        return theirs == mine

    def _matters(self, question: str) -> Verdict:
        """Prove by two people who differ in one answer that a question can change a decision."""
        encoding = self.prover.encoding
        # most questions change how soon to be seen, which is the quickest to try
        tried = (self._changed_by(question, kind) for kind in encoding.came_out)
        found = next(filter(None, tried), None)
        if found is None:
            # how much time there is decides what a plan has room for
            alone = question == encoding.catalog.limits.minutes_question
            return _verdict(
                "matters", question, "" if alone else "no answer to it changes anybody's decision"
            )
        if not _unequal(*map(self._decided, found)):
            raise WrongProofError(f"matters[{question}]")
        return _verdict("matters", question, "", *found)

    def _changed_by(
        self, question: str, outcome: Mapping[object, Formula]
    ) -> tuple[RawAnswers, RawAnswers] | None:
        """Return two people who differ in one answer and in one of these formulas."""
        encoding = self.prover.encoding
        other, pairs = self.prover.space.copy(question)
        sound = [encoding.valid, opposite(encoding.conflict)]
        parts = replaced([*sound, *outcome.values()], pairs)
        changed = dict(zip(outcome, parts[2:], strict=True))
        apart = list(unlike(outcome, changed))
        both_sound = both((*sound, *parts[:2]))
        return (
            self.prover.find_change(question, other, either(apart), both_sound, nearest=False)
            if apart
            else None
        )

    def _can_be_shown(self, item: str) -> Verdict:
        for formula in self._chances(item):
            answers = self.prover.find(formula, opposite(self.prover.encoding.conflict))
            if answers is not None and item in self._shown(answers):
                return _verdict("can-be-shown", item, "", answers)
        return _verdict("can-be-shown", item, "nobody was found whose plan has room for it")

    def _chances(self, item: str) -> Iterator[Formula]:
        """Yield who could be shown an item: with time, and a rule for it or little else offered."""
        encoding = self.prover.encoding
        limits = encoding.catalog.limits
        section = next(one for one in limits.sections if item in one.order)
        plenty = encoding.catalog.questionnaire.questions[limits.minutes_question].high  # type: ignore[union-attr]
        has_time = self.prover.space.variables[limits.minutes_question].equal(plenty)
        offered = both((encoding.recommended[item], has_time))
        others = [(encoding.recommended[one], 1) for one in section.order if one != item]
        yield encoding.sees(item)
        for _, fires in encoding.asked[item]:
            yield both((offered, fires))
        for few in range(1, section.at_most + 1):
            yield both((offered, opposite(at_least(few, others))))

    def _can_be_left_out(self, item: str) -> Verdict:
        encoding = self.prover.encoding
        answers = self._anybody(opposite(encoding.recommended[item]), opposite(encoding.sees(item)))
        if answers is not None and item in self._shown(answers):
            raise WrongProofError(f"can-be-left-out[{item}]")
        why = "" if answers is not None else "it is in everybody's plan"
        return _verdict("can-be-left-out", item, why, answers)

    def _shown(self, answers: RawAnswers) -> set[str]:
        decision = self._decided(answers)
        return {*selected(decision), *decision.referred}

    def _decided(self, answers: RawAnswers) -> Decision:
        return decide(self.prover.encoding.catalog, answers)


def _verdict(
    kind: str,
    about: Rule | str,
    why: str,
    answers: RawAnswers | None = None,
    after: RawAnswers | None = None,
) -> Verdict:
    name, title = (about.id, about.title) if isinstance(about, Rule) else (about, about)
    return Verdict(
        id=f"{kind}[{name}]" if name else kind,
        title=TITLES[kind][1].format(title),
        proved=not why,
        why=why,
        answers=answers,
        after=after,
    )


def _unequal(one: Decision, other: Decision) -> bool:
    """Return whether anything comes out otherwise that `Encoding.came_out` tells of."""

    def seen(decision: Decision) -> tuple[object, ...]:
        items = {each.item: (each.dose, each.votes) for each in decision.recommended}
        referrals = {each.to: each.urgency for each in decision.referrals}
        return decision.urgency, referrals, items, decision.avoided

    return seen(one) != seen(other)
