"""What would change this: every other answer to one question that raises the urgency."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from lumbar.decision.decide import Decision
from lumbar.decision.terms import terms
from lumbar.decision.variants import Variants, places
from lumbar.rulebook.catalog import Catalog, kept
from lumbar.rulebook.conditions import Value
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
    if decision.urgency == "emergency" or decision.failure:
        return ()
    tried = _tried(decision)
    variants = Variants(decision, tried)
    every = [(name, value) for name, values in tried.items() for value in values]
    found: dict[tuple[str, Urgency, Value | None], Worsening] = {}
    for place, urgency, rules in _raised(decision, variants):
        name, value = every[place]
        picked = value if isinstance(value, frozenset) else None
        found.setdefault((name, urgency, picked), Worsening(name, value, urgency, rules))
    return tuple(found.values())


def _raised(
    decision: Decision, variants: Variants
) -> Iterator[tuple[int, Urgency, tuple[str, ...]]]:
    """Yield each variant that is more urgent because of its answer: to what it is, and why."""
    sound = ~variants.contradicted
    for urgency in URGENCIES[: URGENCIES.index(decision.urgency)]:
        reasons: defaultdict[int, dict[str, None]] = defaultdict(dict)
        less = sound
        for rules in terms(decision.catalog).referring.values():
            said = (variants.fires.get(rule.id, 0) for rule, soon in rules if urgency in soon)
            who = sound & reduce(or_, said, 0)
            less &= ~who
            for rule, _ in rules if who else ():
                for place in places(who & variants.rests(rule)):
                    reasons[place][rule.id] = None
        sound = less
        yield from ((place, urgency, (*rules,)) for place, rules in sorted(reasons.items()))


def _tried(decision: Decision) -> dict[str, tuple[Value, ...]]:
    """Return the other answers to each question that is asked and can have a part in a referral.

    What is known from an earlier visit does not change by itself.
    """
    answers, others = decision.answers, _others(decision.catalog)
    known = decision.catalog.questionnaire.known
    return {
        name: others(name, answers.get(name))
        for name in terms(decision.catalog).shown
        if (name in answers and name not in known) or name in decision.facts.unanswered
    }


@kept
def _others(catalog: Catalog) -> Callable[[str, Value | None], tuple[Value, ...]]:
    """Return how to ask for the other answers to a question: the plainest first."""
    questions = catalog.questionnaire.questions

    @lru_cache(4096)
    def others(name: str, now: Value | None) -> tuple[Value, ...]:
        return tuple(other_answers(questions[name], now, terms(catalog).numbers(name)))

    return others


def other_answers(
    question: Number | OneOf | SeveralOf, now: Value | None, compared: Iterable[int]
) -> Iterator[Value]:
    """Yield the other answers, the plainest first; of numbers those beside what they meet."""
    if isinstance(question, Number):
        yield from _numbers(question, now, compared)
    elif isinstance(question, OneOf):
        worst_first = reversed(question.better_to_worse or tuple(question.labels))
        yield from (option for option in worst_first if option != now)
    else:
        chosen = now if isinstance(now, frozenset) else frozenset()
        for option in question.labels:
            if option not in chosen and option != NONE:
                yield (chosen - {NONE}) | {option}


def _numbers(question: Number, now: Value | None, compared: Iterable[int]) -> list[int]:
    every = range(question.low, question.high + 1)
    near = {question.low, question.high, *(one + step for one in compared for step in (-1, 0, 1))}
    tried = every if len(every) <= _FEW + 1 else [one for one in near if one in every]
    start = now if isinstance(now, int) else question.example
    return sorted({*tried} - {now}, key=lambda value: (abs(value - start), value))
