"""What would change this: every change of one answer that would make it more urgent to be seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lumbar.decision.decide import REFERRING, Decision, foresee
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Clause, Condition, Facts, Truth, Value, clauses
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf

_FEW = 20  # so many numbers are all tried


@dataclass(frozen=True, slots=True)
class Change:
    """If the answer to `question` became `answer`, the urgency would rise to `urgency`, because of
    `rules`.
    """

    question: str
    answer: Value
    urgency: Urgency
    rules: tuple[str, ...]


def changes(decision: Decision) -> tuple[Change, ...]:
    """Return the changes of one answer that raise the urgency, most urgent first, one a question
    and urgency.

    A change counts only where a rule that raises the urgency rests on the changed answer itself,
    not where it merely brings up further questions that were not answered.
    """
    found: dict[tuple[str, Urgency, str], Change] = {}
    if decision.urgency == "emergency" or decision.failure:
        return ()
    read = _clauses_on(decision.catalog)
    for name in _that_may_refer(decision.catalog):
        if name in decision.answers or name in decision.facts.unanswered:
            for value in _worth_trying(decision, name, read.get(name, ())):
                change = _change(decision, name, value)
                if change:
                    picked = str(sorted(value)) if isinstance(value, frozenset) else ""
                    found.setdefault((name, change.urgency, picked), change)
    return tuple(sorted(found.values(), key=lambda change: URGENCIES.index(change.urgency)))


def _that_may_refer(catalog: Catalog) -> tuple[str, ...]:
    """Return the questions, in their order, that the rules which refer read: directly, in scores,
    or to be asked.
    """
    names = {
        name for stage in REFERRING for rule in catalog.by_stage[stage] for name in rule.when.reads
    }
    names |= {
        name for score in catalog.questionnaire.scores if score.id in names for name in score.reads
    }
    shown_when = list(catalog.questionnaire.shown_when.items())
    for name, conditions in reversed(shown_when):  # a question is shown by earlier ones
        if name in names:
            names |= {read for condition in conditions for read in condition.reads}
    return tuple(name for name in catalog.questionnaire.questions if name in names)


def _change(decision: Decision, name: str, value: Value) -> Change | None:
    answers, _ = decision.answers.having({name: value})
    changed = foresee(decision.catalog, answers)
    if changed is None or URGENCIES.index(changed.urgency) >= URGENCIES.index(decision.urgency):
        return None
    reasons = (
        rule for one in changed.referrals if one.urgency == changed.urgency for rule in one.rules
    )
    rules = tuple(rule for rule in dict.fromkeys(reasons) if name in changed.rests_on(rule))
    return Change(name, value, changed.urgency, rules) if rules else None


def _worth_trying(decision: Decision, name: str, read: Sequence[Clause]) -> Iterator[Value]:
    """Yield one other answer of each kind: answers for which every clause comes out the same have
    the same effect.
    """
    questions = decision.catalog.questionnaire
    question, now = questions.questions[name], decision.answers.get(name)
    added_up = any(name in (*score.sum, *score.mean) for score in questions.scores)
    seen = set() if now is None else {_kind(read, name, now)}
    for value in _others(question, now, read):
        kind = _kind(read, name, value)
        if added_up or kind not in seen:
            if not isinstance(question, SeveralOf):  # each option is told by itself
                seen.add(kind)
            yield value


def _kind(read: Sequence[Clause], name: str, value: Value) -> tuple[Truth, ...]:
    facts = Facts({name: value})
    return tuple(clause.truth(facts) for clause in read)


def _others(
    question: Number | OneOf | SeveralOf, now: Value | None, read: Sequence[Clause]
) -> Iterator[Value]:
    """Yield the other answers, for a number those beside the ones it is compared with; the plainest
    first.
    """
    if isinstance(question, Number):
        near = {value + step for value in _numbers(read) for step in (-1, 0, 1)} | {
            question.low,
            question.high,
        }
        if (
            question.high - question.low <= _FEW
        ):  # a score may add these up, with no number of their own compared
            near = set(range(question.low, question.high + 1))
        start = now if isinstance(now, int) else question.example
        yield from sorted(
            (value for value in near if question.low <= value <= question.high and value != now),
            key=lambda value: (abs(value - start), value),
        )
    elif isinstance(question, OneOf):
        worst_first = reversed(question.better_to_worse or tuple(question.labels))
        yield from (option for option in worst_first if option != now)
    else:
        chosen = now if isinstance(now, frozenset) else frozenset()
        for option in question.labels:
            if option not in chosen and option != NONE:
                yield (chosen - {NONE}) | {option}


def _numbers(read: Sequence[Clause]) -> Iterator[int]:
    for clause in read:
        yield from (value for value in clause.values if isinstance(value, int))


def _clauses_on(catalog: Catalog) -> Mapping[str, tuple[Clause, ...]]:
    """Return, by question, every clause on it that can have a part in a referral."""
    found: dict[str, dict[Clause, None]] = {}
    for condition in _conditions(catalog):
        for clause, _ in clauses(condition):
            found.setdefault(clause.name, {})[clause] = None
    return {name: tuple(every) for name, every in found.items()}


def _conditions(catalog: Catalog) -> Iterator[Condition]:
    yield from (rule.when for stage in REFERRING for rule in catalog.by_stage[stage])
    yield from (part for score in catalog.questionnaire.scores for part in score.count)
    for conditions in catalog.questionnaire.shown_when.values():
        yield from conditions
