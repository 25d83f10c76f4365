"""What would change this: every other answer to one question that raises the urgency."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lumbar.decision.decide import REFERRING, Decision
from lumbar.decision.ripple import Ripples, Touched
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Clause, Condition, Facts, Truth, Value, clauses
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf

_FEW = 20  # so many numbers are all tried: a score may add them up, with none of them compared


@dataclass(frozen=True, slots=True)
class Worsening:
    """Were `question` answered `answer`, the urgency would rise to `urgency`, by these `rules`."""

    question: str
    answer: Value
    urgency: Urgency
    rules: tuple[str, ...]


def changes(decision: Decision) -> tuple[Worsening, ...]:
    """Return the changes of one answer that raise the urgency, most urgent first.

    There is one for a question and urgency, or for an option where there are several. A change
    counts only where a rule that raises the urgency rests on the changed answer itself, not where
    it merely brings up further questions that were not answered.
    """
    found: dict[tuple[str, Urgency, str], Worsening] = {}
    if decision.urgency == "emergency" or decision.failure:
        return ()
    read, ripples = _clauses_on(decision.catalog), Ripples(decision.catalog)
    for name in _that_may_refer(decision.catalog):
        if name in decision.answers or name in decision.facts.unanswered:
            touched = ripples.touched(name)
            for value in _worth_trying(decision, name, read.get(name, ())):
                if worse := _worsening(decision, name, value, ripples, touched):
                    picked = str(sorted(value)) if isinstance(value, frozenset) else ""
                    found.setdefault((name, worse.urgency, picked), worse)
    return tuple(sorted(found.values(), key=lambda one: URGENCIES.index(one.urgency)))


def _that_may_refer(catalog: Catalog) -> tuple[str, ...]:
    """Return the questions that rules which refer read: directly, in scores, or to be asked."""
    asked = catalog.questionnaire
    names = {name for rule in _referring(catalog) for name in rule.reads}
    names |= {name for score in asked.scores if score.id in names for name in score.reads}
    for name, conditions in reversed([*asked.shown_when.items()]):  # shown by earlier ones
        if name in names:
            names |= {read for condition in conditions for read in condition.reads}
    return tuple(name for name in asked.questions if name in names)


def _referring(catalog: Catalog) -> Iterator[Condition]:
    return (rule.when for stage in REFERRING for rule in catalog.by_stage[stage])


def _worsening(
    decision: Decision, name: str, value: Value, ripples: Ripples, touched: Touched
) -> Worsening | None:
    after = ripples.after(decision, name, value, touched)
    if after is None or URGENCIES.index(after.urgency) >= URGENCIES.index(decision.urgency):
        return None
    urgent = (one for one in after.referrals if one.urgency == after.urgency)
    reasons = dict.fromkeys(rule for one in urgent for rule in one.rules)
    rules = tuple(rule for rule in reasons if name in after.rests_on(rule))
    return Worsening(name, value, after.urgency, rules) if rules else None


def _worth_trying(decision: Decision, name: str, read: Sequence[Clause]) -> Iterator[Value]:
    """Yield one other answer of each kind: if every clause comes out the same, so does the rest."""
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
    """Yield the other answers, the plainest first; of numbers those beside what they meet."""
    if isinstance(question, Number):
        yield from _numbers(question, now, read)
    elif isinstance(question, OneOf):
        worst_first = reversed(question.better_to_worse or tuple(question.labels))
        yield from (option for option in worst_first if option != now)
    else:
        chosen = now if isinstance(now, frozenset) else frozenset()
        for option in question.labels:
            if option not in chosen and option != NONE:
                yield (chosen - {NONE}) | {option}


def _numbers(question: Number, now: Value | None, read: Sequence[Clause]) -> list[int]:
    every = range(question.low, question.high + 1)
    met = [value for clause in read for value in clause.values if isinstance(value, int)]
    near = {question.low, question.high, *(value + step for value in met for step in (-1, 0, 1))}
    tried = {*every} if len(every) <= _FEW + 1 else near.intersection(every)
    start = now if isinstance(now, int) else question.example
    return sorted(tried - {now}, key=lambda value: (abs(value - start), value))


def _clauses_on(catalog: Catalog) -> Mapping[str, Sequence[Clause]]:
    """Return, by question, every clause on it that can have a part in a referral."""
    asked = catalog.questionnaire
    every = [*_referring(catalog), *(part for score in asked.scores for part in score.count)]
    every += [condition for conditions in asked.shown_when.values() for condition in conditions]
    found: dict[str, dict[Clause, None]] = {}
    for clause, _ in (one for condition in every for one in clauses(condition)):
        found.setdefault(clause.name, {})[clause] = None
    return {name: tuple(those) for name, those in found.items()}
