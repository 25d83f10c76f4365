"""The rules as formulas over everybody who could answer: who is valid, which rules fire, and what
comes out.

A condition becomes two formulas, true and false; where neither holds it is unknown, as in
`conditions`. The stages are run as the reference engine runs them, on formulas instead of facts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import z3

from lumbar.decision.decide import URGENT
from lumbar.review.proof.formulas import (
    FALSE,
    TRUE,
    Formula,
    at_least,
    both,
    by_operator,
    either,
    opposite,
)
from lumbar.review.proof.space import Amount, AnswerSpace, Choice
from lumbar.review.properties import safety
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import (
    COMPARE,
    And,
    Answered,
    Bare,
    Condition,
    Inclusion,
    Membership,
    Not,
    Or,
    Unanswered,
)
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.questionnaire import Number, OneOf, Score
from lumbar.rulebook.rules import STAGES

Truths = tuple[Formula, Formula]  # is true, is false; neither: unknown


class Encoding:
    """One catalog over a space: which answers it takes, which rules fire, and what comes out.

    `valid` is true of the answers that are a person's; every other formula means something only
    where it holds. `conflict` is that some finding is concluded with two values; nothing else means
    anything then.
    """

    def __init__(self, catalog: Catalog, space: AnswerSpace | None = None) -> None:
        self.catalog = catalog
        self.space = space or AnswerSpace(catalog)
        self._questions = catalog.questionnaire.questions
        self._scores: dict[str, _Score] = {}
        self._values: dict[
            str, dict[str | bool, Formula]
        ] = {}  # concluded findings, and the urgency
        self._truths: dict[Condition, Truths] = {}
        self.unanswered: dict[str, Formula] = {}
        self.fires: dict[str, Formula] = {}
        self.valid = both(self._valid())
        for score in catalog.questionnaire.scores:
            self._scores[score.id] = self._score(score)
        for stage in STAGES:
            self._run(stage)
        self.conflict = self._conflict()
        self._values[safety.URGENCY] = {str(level): part for level, part in self.urgency.items()}

    def _valid(self) -> Iterable[Formula]:
        """Yield what every set of answers keeps: each one answer, only to questions that are asked."""
        for name, conditions in self.catalog.questionnaire.shown_when.items():
            variable = self.space.variables[name]
            answered = variable.answered
            open_ = self._open(conditions)
            self.unanswered[name] = both((open_, opposite(answered)))
            yield variable.rules()
            yield from self._in_range(name, variable)
            yield either((opposite(answered), open_))

    def _open(self, conditions: Iterable[Condition]) -> Formula:
        """Return the formula that a question applies, or that it is not known whether: see
        `Questionnaire.walk`.
        """
        parts = [(condition, *self.truth(condition)) for condition in conditions]
        names = dict.fromkeys(name for condition, _, _ in parts for name in condition.reads)
        known = both(true for _, true, _ in parts)
        missing = either(self.unanswered[name] for name in names)
        return both((*(opposite(false) for _, _, false in parts), either((known, missing))))

    def _in_range(self, name: str, variable: Choice | Amount) -> Iterable[Formula]:
        question = self._questions[name]
        if isinstance(variable, Choice):
            offered: Any = getattr(question, "labels", {})
            yield from (
                opposite(part) for option, part in variable.picked.items() if option not in offered
            )
        elif isinstance(question, Number):
            yield either((opposite(variable.answered), variable.reaches(question.low)))
            yield opposite(variable.reaches(question.high + 1))

    def _run(self, stage: Any) -> None:
        """Run one stage until nothing changes: a formula that comes out the same twice will not
        change again.
        """
        rules = self.catalog.by_stage[stage]
        waiting = rules
        for _ in range(len(rules) + 1):
            before = {rule.id: self.fires.get(rule.id) for rule in waiting}
            for rule in waiting:
                self.fires[rule.id] = self.truth(rule.when)[0]
            self._conclude(stage)
            waiting = self.catalog.chained[stage]
            if all(
                before.get(rule.id) is not None and self.fires[rule.id].eq(before[rule.id])
                for rule in waiting
            ):
                return

    def _conclude(self, stage: Any) -> None:
        """Set each finding that this stage concludes to what the rules so far make of it."""
        said: dict[tuple[str, str | bool], list[Formula]] = {}
        upto = STAGES[: STAGES.index(stage) + 1]
        for rule in (rule for one in upto for rule in self.catalog.by_stage[one]):
            for finding, value in rule.concludes.items():
                said.setdefault((finding, value), []).append(self.fires[rule.id])
        for (finding, value), parts in said.items():
            self._values.setdefault(finding, {})[value] = either(parts)

    def truth(self, condition: Condition) -> Truths:
        """Return two formulas: that the condition is true, and that it is false."""
        if isinstance(condition, Not):
            true, false = self.truth(condition.part)
            return false, true
        if isinstance(condition, (And, Or)):
            parts = [self.truth(part) for part in condition.parts]
            joined = both(true for true, _ in parts), either(false for _, false in parts)
            return (
                joined
                if isinstance(condition, And)
                else (either(t for t, _ in parts), both(f for _, f in parts))
            )
        if condition.name in self._questions or condition.name in self._scores:
            if condition not in self._truths:
                self._truths[condition] = self._of_answers(condition)
            return self._truths[condition]
        return self._of_values(condition)

    def _of_answers(self, clause: Any) -> Truths:
        """Return the truth of a clause about a question or a score."""
        if isinstance(clause, Unanswered):
            missing = self.unanswered.get(clause.name, FALSE)
            return missing, opposite(missing)
        if isinstance(clause, Bare):
            return FALSE, TRUE
        score = self._scores.get(clause.name)
        if score:
            return score.truth(clause)
        variable = self.space.variables[clause.name]
        if isinstance(clause, Answered):
            return variable.answered, opposite(variable.answered)
        true = _holds(variable, clause)
        return true, both((variable.answered, opposite(true)))

    def _of_values(self, clause: Any) -> Truths:
        """Return the truth of a clause about a finding, or about what came out."""
        said = safety.outcome(clause.name)
        if said:
            return self._of_outcome(clause, *said)
        values = self._values.get(clause.name, {})
        if isinstance(clause, Bare):
            concluded = values.get(True, FALSE)
            return concluded, opposite(concluded)
        if isinstance(clause, (Answered, Unanswered, Inclusion)):
            return FALSE, TRUE
        true = either(part for value, part in values.items() if _agrees(clause, value))
        return true, either(part for value, part in values.items() if not _agrees(clause, value))

    def _of_outcome(self, clause: Any, verb: str, target: str) -> Truths:
        if verb in {"label", "days"}:
            value = safety.constant(self.catalog, verb, target)
            if value is None or isinstance(clause, Bare):
                return FALSE, FALSE
            return (TRUE, FALSE) if _agrees(clause, value) else (FALSE, TRUE)
        if verb == "fired":
            true = self.fires.get(target, FALSE)
        elif verb == "referred":
            true = either(part for (to, _), part in self.referred.items() if to == target)
        elif verb == "avoided":
            true = both(self.avoided[item] for item in safety.targets(self.catalog, target))
        else:
            true = either(self.recommended[item] for item in safety.targets(self.catalog, target))
        return true, opposite(true)

    def _score(self, score: Score) -> "_Score":
        if score.count:
            return _Score(tuple((self.truth(part)[0], 1) for part in score.count), 0, 1)
        terms: list[tuple[Formula, int]] = []
        least = self.catalog.questionnaire.least
        for name in score.sum or score.mean:
            variable, question = self.space.variables[name], self._questions[name]
            if isinstance(variable, Amount) and isinstance(question, Number):
                terms += [
                    (variable.reaches(number), 1)
                    for number in range(question.low + 1, question.high + 1)
                ]
            elif isinstance(variable, Choice) and isinstance(question, OneOf):
                terms += [
                    (variable.picked[option], worth - least[name])
                    for option, worth in question.points.items()
                ]
        start = sum(least[name] for name in score.sum or score.mean)
        return _Score(tuple(terms), start, len(score.mean) or 1)

    def _conflict(self) -> Formula:
        return either(
            both((one, other))
            for values in self._values.values()
            for place, one in enumerate(values.values())
            for other in list(values.values())[place + 1 :]
        )

    @cached_property
    def referred(self) -> Mapping[tuple[str, Urgency], Formula]:
        """That somebody is referred to, with this as the most urgent of what is said."""
        said: dict[tuple[str, Urgency], list[Formula]] = {}
        for rule in self._in_force():
            for effect in rule.refers:
                said.setdefault((effect.refer, effect.urgency), []).append(self.fires[rule.id])
        found = {}
        for to in dict.fromkeys(to for to, _ in said):
            above: Formula = FALSE
            for urgency in URGENCIES:
                now = either(said.get((to, urgency), ()))
                if now is not FALSE:
                    found[to, urgency] = both((now, opposite(above)))
                above = either((above, now))
        return found

    @cached_property
    def urgent_as(self) -> Mapping[Urgency, Formula]:
        """That the urgency is this or a more urgent one."""
        found: dict[Urgency, Formula] = {}
        above: Formula = FALSE
        for urgency in URGENCIES:
            said = (
                self.fires[r.id]
                for r in self._in_force()
                for effect in r.refers
                if effect.urgency == urgency
            )
            above = found[urgency] = TRUE if urgency == "self_care" else either((above, *said))
        return found

    @cached_property
    def urgency(self) -> Mapping[Urgency, Formula]:
        """That the urgency is exactly this."""
        levels = list(self.urgent_as.items())
        above = [FALSE, *(part for _, part in levels)]
        return {
            level: both((part, opposite(up)))
            for (level, part), up in zip(levels, above, strict=False)
        }

    @cached_property
    def avoided(self) -> Mapping[str, Formula]:
        """That a rule keeps an item out."""
        said: dict[str, list[Formula]] = {item: [] for item in self.catalog.items}
        for rule in self._in_force():
            for effect in rule.avoids:
                for item in self.catalog.targets[effect.avoid]:
                    said[item].append(self.fires[rule.id])
        return {item: either(parts) for item, parts in said.items()}

    @cached_property
    def asked(self) -> Mapping[str, tuple[tuple[str | None, Formula], ...]]:
        """The rules that recommend an item: the dose each asks for, and that it fires."""
        said: dict[str, list[tuple[str | None, Formula]]] = {
            item: [] for item in self.catalog.items
        }
        for rule in self._in_force():
            for effect in rule.recommends:
                said[effect.recommend].append((effect.dose, self.fires[rule.id]))
        return {item: tuple(parts) for item, parts in said.items()}

    @cached_property
    def recommended(self) -> Mapping[str, Formula]:
        """That an item is offered: recommended, not avoided, and nobody must be seen today."""
        urgent = either(self.urgency[level] for level in URGENT)
        return {
            item: both(
                (either(part for _, part in asked), opposite(self.avoided[item]), opposite(urgent))
            )
            for item, asked in self.asked.items()
        }

    @cached_property
    def doses(self) -> Mapping[tuple[str, str | None], Formula]:
        """That an item is offered in this dose: the gentlest that is asked for; None where no rule
        names one.
        """
        found: dict[tuple[str, str | None], Formula] = {}
        for item, asked in self.asked.items():
            gentler: Formula = FALSE
            for dose in self.catalog.doses[item]:
                if dose is not None:
                    now = either(part for name, part in asked if name == dose)
                    found[item, dose] = both((self.recommended[item], now, opposite(gentler)))
                    gentler = either((gentler, now))
            found[item, None] = both((self.recommended[item], opposite(gentler)))
        return found

    def votes(self, item: str, count: int) -> Formula:
        """Return the formula that `count` or more rules speak for the strongest dose asked for: see
        `Recommended`.
        """
        places = self.catalog.doses[item]
        found, stronger = [], FALSE
        for place in sorted(set(places.values()), reverse=True):
            mine = [part for dose, part in self.asked[item] if places[dose] == place]
            found.append(both((opposite(stronger), at_least(count, ((part, 1) for part in mine)))))
            stronger = either((stronger, *mine))
        return both((self.recommended[item], either(found)))

    def _in_force(self) -> Iterable[Any]:
        return (rule for stage in STAGES for rule in self.catalog.by_stage[stage])


@dataclass(frozen=True)
class _Score:
    """A score: the weighted parts that add up to it from `start`, `times` over; it is always known."""

    terms: tuple[tuple[Formula, int], ...]
    start: int
    times: int

    def truth(self, clause: Any) -> Truths:
        """Return that a comparison is true, and that it is false."""
        operator = getattr(clause, "operator", "==")
        true = either(self._compared(operator, int(value)) for value in clause.values)
        return true, opposite(true)

    def _compared(self, operator: str, number: int) -> Formula:
        total = number * self.times - self.start
        reached, passed = at_least(total, self.terms), at_least(total + 1, self.terms)
        return by_operator(operator, reached, passed)


def _holds(variable: Choice | Amount, clause: Any) -> Formula:
    """Return the formula that a clause is true of an answer."""
    if isinstance(clause, Inclusion):
        return variable.picked.get(clause.option, FALSE)  # type: ignore[union-attr]
    if isinstance(variable, Amount):
        operator = getattr(clause, "operator", "==")
        parts = (
            by_operator(operator, variable.reaches(int(value)), variable.reaches(int(value) + 1))
            for value in clause.values
        )
        return both((variable.answered, either(parts)))
    return either(part for option, part in variable.picked.items() if _agrees(clause, option))


def _agrees(clause: Any, value: Any) -> bool:
    """Return whether a comparison or membership is true of a value."""
    if isinstance(clause, Membership):
        return value in clause.values
    return bool(COMPARE[clause.operator](value, clause.value))


def differs(one: Encoding, other: Encoding, votes: bool = True) -> Formula:
    """Return the formula that two catalogs decide differently: urgency, referrals, items kept out,
    items and doses.

    With `votes`, also how many rules speak for an item: it decides which items a plan has room for.
    """
    pairs: list[tuple[Formula, Formula]] = [
        (one.urgency[level], other.urgency[level]) for level in URGENCIES
    ]
    for left, right in (
        (one.referred, other.referred),
        (one.avoided, other.avoided),
        (one.doses, other.doses),
    ):
        every: Any = {**left, **right}
        pairs += [(left.get(key, FALSE), right.get(key, FALSE)) for key in every]
    for item in {**one.asked, **other.asked} if votes else ():
        most = max(len(side.asked.get(item, ())) for side in (one, other))
        for count in range(2, most + 1):
            pairs.append(
                tuple(e.votes(item, count) if item in e.asked else FALSE for e in (one, other))
            )
    return either(z3.Xor(left, right) for left, right in pairs if not left.eq(right))
