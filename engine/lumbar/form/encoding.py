"""The rules as formulas over everybody who could answer: who is valid, what fires, what comes out.

A condition becomes two formulas, true and false; where neither holds it is unknown, as in
`conditions`. The stages are run as the reference engine runs them, on formulas instead of facts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, TypeVar

from lumbar.decision.decide import URGENT
from lumbar.form.formulas import (
    FALSE,
    TRUE,
    Formula,
    at_least,
    both,
    by_operator,
    either,
    foremost,
    opposite,
    unlike,
)
from lumbar.form.space import AnswerSpace, Choice, Variable
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import (
    COMPARE,
    And,
    Answered,
    Bare,
    Comparison,
    Condition,
    Inclusion,
    Not,
    Or,
    Unanswered,
)
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.rules import STAGES, Avoid, Effect, Recommend, Refer, Stage
from lumbar.rulebook.scores import Score

Truths = tuple[Formula, Formula]  # is true, is false; neither: unknown
E = TypeVar("E", bound=Effect)
K = TypeVar("K")


class Encoding:
    """One catalog over a space: which answers it takes, which rules fire, and what comes out.

    `valid` is true of the answers that are a person's; every other formula means something only
    where it holds. `conflict` is that some finding is concluded with two values; nothing else means
    anything then. `concluded` has every value of every finding.
    """

    def __init__(self, catalog: Catalog, space: AnswerSpace | None = None) -> None:
        self.catalog = catalog
        self.space = space or AnswerSpace(catalog)
        self.applies: dict[str, Formula] = {}
        self.unanswered: dict[str, Formula] = {}
        self.fires: dict[str, Formula] = {}
        self.concluded: dict[str, dict[Any, Formula]] = {}
        self._asked = catalog.questionnaire.questions
        self._answers: dict[str, Variable | _Total] = {
            name: self.space.variables[name] for name in self._asked
        }
        self.valid = both(self._valid())
        for score in catalog.questionnaire.scores:
            self._answers[score.id] = self._total(score)
        for stage in STAGES:
            self._run(stage)
        self.conflict = self._conflict()

    def _valid(self) -> Iterator[Formula]:
        """Yield what any answers keep: each is one answer, only to a question that is asked."""
        for name, conditions in self.catalog.questionnaire.shown_when.items():
            variable = self.space.variables[name]
            known = name in self.catalog.questionnaire.known
            asked = self.applies[name] = variable.answered if known else self._open(conditions)
            self.unanswered[name] = both((asked, opposite(variable.answered)))
            yield variable.rules()
            yield from self._in_range(self._asked[name], variable)
            yield either((opposite(variable.answered), asked))

    def _open(self, conditions: Iterable[Condition]) -> Formula:
        """Return that a question applies, or may apply: see `Questionnaire.walk`."""
        truths = [self.truth(condition) for condition in conditions]
        names = dict.fromkeys(name for condition in conditions for name in condition.reads)
        known = both(true for true, _ in truths)
        missing = either(self.unanswered[name] for name in names)
        return both((*(opposite(false) for _, false in truths), either((known, missing))))

    def _in_range(self, question: Any, variable: Variable) -> Iterator[Formula]:
        if isinstance(variable, Choice):
            unknown = (option for option in variable.picked if option not in question.labels)
            yield from (opposite(variable.picked[option]) for option in unknown)
        else:
            yield either((opposite(variable.answered), variable.reaches(question.low)))
            yield opposite(variable.exceeds(question.high))

    def _run(self, stage: Stage) -> None:
        """Run a stage until formulas come out the same twice: then they will not change again."""
        rules = waiting = self.catalog.by_stage[stage]
        for _ in range(len(rules) + 1):
            before = {rule.id: self.fires.get(rule.id) for rule in waiting}
            self.fires |= {rule.id: self.truth(rule.when)[0] for rule in waiting}
            self._conclude()
            waiting = self.catalog.chained[stage]
            olds = ((before.get(rule.id), self.fires[rule.id]) for rule in waiting)
            if all(old is new for old, new in olds):
                return

    def _conclude(self) -> None:
        """Set each finding to what the rules so far make of it."""
        run = (rule for rule in self.catalog.in_force if rule.id in self.fires)
        every = ((one, self.fires[rule.id]) for rule in run for one in rule.concludes.items())
        for (name, value), parts in _grouped(every).items():
            self.concluded.setdefault(name, {})[value] = either(parts)

    def truth(self, condition: Condition) -> Truths:
        """Return two formulas: that the condition is true, and that it is false."""
        if isinstance(condition, Not):
            true, false = self.truth(condition.part)
            return false, true
        if isinstance(condition, (And, Or)):
            parts = [self.truth(part) for part in condition.parts]
            trues, falses = [true for true, _ in parts], [false for _, false in parts]
            if isinstance(condition, And):
                return both(trues), either(falses)
            return either(trues), both(falses)
        if condition.name not in self._answers:
            return self.of_values(condition)
        return self._of_answers(condition)

    def _of_answers(self, clause: Any) -> Truths:
        """Return the truth of a clause about a question or a score."""
        if isinstance(clause, Unanswered):
            missing = self.unanswered.get(clause.name, FALSE)
            return missing, opposite(missing)
        if isinstance(clause, Bare):
            return FALSE, TRUE
        answer = self._answers[clause.name]
        if isinstance(clause, Answered):
            return answer.answered, opposite(answer.answered)
        true = _holds(answer, clause)
        return true, both((answer.answered, opposite(true)))

    def values(self, name: str) -> Mapping[Any, Formula]:
        """Return the values that a name, which is no question or score, can have."""
        return self.concluded.get(name, {})

    def of_values(self, clause: Any) -> Truths:
        """Return the truth of a clause about a name that is no question or score."""
        values = self.values(clause.name)
        if isinstance(clause, Bare):
            return values.get(True, FALSE), opposite(values.get(True, FALSE))
        if isinstance(clause, (Answered, Unanswered, Inclusion)):
            return FALSE, TRUE
        true = either(part for value, part in values.items() if agrees(clause, value))
        return true, either(part for value, part in values.items() if not agrees(clause, value))

    def _total(self, score: Score) -> "_Total":
        if score.fall:
            return _Total(tuple((part, 1) for part in self._steps_down(*score.fall)), 0, 1)
        terms = [(self.truth(part)[0], 1) for part in score.count]
        least = self.catalog.questionnaire.least
        for name in (*score.sum, *score.mean):
            variable: Any = self.space.variables[name]
            question: Any = self._asked[name]
            if isinstance(variable, Choice):
                points = question.points.items()
                terms += [(variable.picked[one], worth - least[name]) for one, worth in points]
            else:
                numbers = range(question.low + 1, question.high + 1)
                terms += [(variable.reaches(number), 1) for number in numbers]
        start = sum(least[name] for name in (*score.sum, *score.mean))
        return _Total(tuple(terms), start, len(score.mean) or 1)

    def _steps_down(self, before: str, after: str) -> Iterator[Formula]:
        """Yield for every number that one answer reaches it, and the other lies below it."""
        one: Any = self.space.variables[before]
        other: Any = self.space.variables[after]
        for number in range(other.low + 1, one.high + 1):
            below = both((other.answered, opposite(other.reaches(number))))
            yield both((one.reaches(number), below))

    def _conflict(self) -> Formula:
        every = (combinations(values.values(), 2) for values in self.concluded.values())
        return either(both(pair) for pairs in every for pair in pairs)

    def _effects(self, kind: type[E]) -> Iterator[tuple[E, Formula]]:
        """Yield every effect of a kind, each with the formula that its rule fires."""
        for rule in self.catalog.in_force:
            for effect in rule.then:
                if isinstance(effect, kind):
                    yield effect, self.fires[rule.id]

    @property
    def decides(self) -> Formula:
        """That something is decided: the answers are a person's, and no two rules contradict."""
        return both((self.valid, opposite(self.conflict)))

    @cached_property
    def referred(self) -> Mapping[tuple[str, Urgency], Formula]:
        """That somebody is referred to, with this as the most urgent of what is said."""
        said = _grouped((one.refer, (one.urgency, fires)) for one, fires in self._effects(Refer))
        found: dict[tuple[str, Urgency], Formula] = {}
        for to, parts in said.items():
            by = _grouped(parts)
            soonest = {level: either(by[level]) for level in URGENCIES if level in by}
            found |= {(to, level): part for level, part in foremost(soonest).items()}
        return found

    def sees(self, to: str) -> Formula:
        """Return that somebody is referred to, however soon."""
        return either(part for (who, _), part in self.referred.items() if who == to)

    @cached_property
    def urgent_as(self) -> Mapping[Urgency, Formula]:
        """That the urgency is this or a more urgent one."""
        found: dict[Urgency, Formula] = {}
        above: Formula = FALSE
        for level in URGENCIES:
            said = (fires for effect, fires in self._effects(Refer) if effect.urgency == level)
            above = found[level] = TRUE if level == "self_care" else either((above, *said))
        return found

    @cached_property
    def urgency(self) -> Mapping[Urgency, Formula]:
        """That the urgency is exactly this."""
        return foremost(self.urgent_as)

    @cached_property
    def avoided(self) -> Mapping[str, Formula]:
        """That a rule keeps an item out."""
        targets, every = self.catalog.targets, self._effects(Avoid)
        said = _grouped((item, fires) for one, fires in every for item in targets[one.avoid])
        return {item: either(said[item]) for item in self.catalog.items}

    @cached_property
    def asked(self) -> Mapping[str, list[tuple[str | None, Formula]]]:
        """The rules that recommend an item: the dose each asks for, and that it fires."""
        every = self._effects(Recommend)
        said = _grouped((one.recommend, (one.dose, fires)) for one, fires in every)
        return {item: said[item] for item in self.catalog.items}

    @cached_property
    def recommended(self) -> Mapping[str, Formula]:
        """That an item is offered: recommended, not avoided, and nobody must be seen today."""
        calm = opposite(either(self.urgency[level] for level in URGENT))
        return {
            item: both((either(part for _, part in asked), opposite(self.avoided[item]), calm))
            for item, asked in self.asked.items()
        }

    @cached_property
    def doses(self) -> Mapping[tuple[str, str | None], Formula]:
        """That an item is offered in the gentlest dose asked for; None where no rule names one."""
        found: dict[tuple[str, str | None], Formula] = {}
        for item, asked in self.asked.items():
            named = [dose for dose in self.catalog.doses[item] if dose]
            by = {dose: either(part for one, part in asked if one == dose) for dose in named}
            for dose, part in foremost({**by, None: TRUE}).items():
                found[item, dose] = both((self.recommended[item], part))
        return found

    def votes(self, item: str, count: int) -> Formula:
        """Return that `count` or more rules ask for the strongest dose: see `Recommended`."""
        places = self.catalog.doses[item]
        by = _grouped((places[dose], part) for dose, part in self.asked[item])
        strongest = foremost({place: either(by[place]) for place in sorted(by, reverse=True)})
        enough = {at: at_least(count, ((one, 1) for one in parts)) for at, parts in by.items()}
        voted = either(both((part, enough[at])) for at, part in strongest.items())
        return both((self.recommended[item], voted))

    @cached_property
    def came_out(self) -> tuple[Mapping[Any, Formula], ...]:
        """What is decided: how soon and whom to see; items and doses; how many rules speak for
        each.

        The last decides which items a plan has room for.
        """
        counts = ((item, n) for item, asked in self.asked.items() for n in range(2, len(asked) + 1))
        votes = {key: self.votes(*key) for key in counts}
        return {**self.urgency, **self.referred}, {**self.avoided, **self.doses}, votes


@dataclass(frozen=True)
class _Total:
    """A score: weighted parts that add up from `start`, `times` over; always known."""

    terms: tuple[tuple[Formula, int], ...]
    start: int
    times: int
    answered: Formula = TRUE

    def reaches(self, number: int) -> Formula:
        return at_least(number * self.times - self.start, self.terms)

    def exceeds(self, number: int) -> Formula:
        return at_least(number * self.times - self.start + 1, self.terms)


def _grouped(pairs: Iterable[tuple[K, Any]]) -> dict[K, list[Any]]:
    found: dict[K, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _holds(answer: Variable | _Total, clause: Any) -> Formula:
    """Return the formula that a clause that compares is true of an answer or a score."""
    if isinstance(answer, Choice):
        found = (part for option, part in answer.picked.items() if agrees(clause, option))
        return either(found)
    operator = clause.operator if isinstance(clause, Comparison) else "=="
    numbers = [int(value) for value in clause.values]
    parts = (by_operator(operator, answer.reaches(n), answer.exceeds(n)) for n in numbers)
    return both((answer.answered, either(parts)))


def agrees(clause: Any, value: Any) -> bool:
    """Return whether a clause that compares is true of a value."""
    if isinstance(clause, Comparison):
        return COMPARE[clause.operator](value, clause.value)
    return value in clause.values


def differs(one: Encoding, other: Encoding, votes: bool = True) -> Formula:
    """Return the formula that two catalogs decide differently; `votes` tells whether they count.

    It is the twin of `difference` between two decisions.
    """
    sides = list(zip(one.came_out, other.came_out, strict=True))
    return either(part for pair in (sides if votes else sides[:2]) for part in unlike(*pair))
