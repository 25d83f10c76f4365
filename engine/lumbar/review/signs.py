"""What `lumbar check` looks for in signs: left open they are noticed, answered they do as said."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from lumbar.decision.decide import URGENT, foresee
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import And, Facts, Literal, Unanswered, Value, clauses, conjunctions
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.questionnaire import Number, OneOf, Question, SeveralOf, SignKind

Odd = tuple[str, str, str, str]  # what it is about, such as `rule:bed-rest`; code, message, hint
Over = dict[str, Any]  # raw answers that lie over the example person's

_WAYS = 8  # to be asked a question that are tried: the mildest is among the first


def odd_signs(catalog: Catalog) -> Iterator[Odd]:
    """Yield every sign that could be left open unnoticed, or does not do what its kind says."""
    conditions = [rule.when for rule in catalog.rules.values()]
    conditions += [part for score in catalog.questionnaire.scores for part in score.count]
    every = (clause for condition in conditions for clause, _ in clauses(condition))
    watched = {clause.name for clause in every if isinstance(clause, Unanswered)}
    for name, question in catalog.questionnaire.questions.items():
        if question.kind in {"decisive", "contributing"} and name not in watched:
            said = f"leaving the sign '{name}' unanswered goes unnoticed"
            hint = "count unanswered(...) in rules/scores.yaml"
            yield f"question:{name}", "unwatched-sign", said, hint
        if not isinstance(question, Number) and question.kinds:
            yield from _wrong_kinds(catalog, question)


def _wrong_kinds(catalog: Catalog, question: OneOf | SeveralOf) -> Iterator[Odd]:
    """Compare each sign with the harmless answer of the same person."""
    found = _mildest(catalog, question)
    if found is None:
        return  # nobody was found whom it is asked of, or rules contradict each other already
    over, without = found
    for option, kind in question.kinds.items():
        about, answered = f"option:{question.id}={option}", f"'{question.id}' answered '{option}'"
        urgency = _urgency(catalog, over | {question.id: question.alone(option)})
        if urgency is None:
            said = f"{answered} makes two rules contradict each other"
            yield about, "contradiction", said, "their conclusions must exclude each other"
        elif wrong := _wrong(kind, without, urgency):
            yield about, "wrong-kind", f"{answered} {wrong[0]}", wrong[1]


def _mildest(catalog: Catalog, question: OneOf | SeveralOf) -> tuple[Over, Urgency] | None:
    """Return who is asked a question and least to be hurried, but for the answer to it."""
    found = None
    for over in islice(_ways_to_ask(catalog, question.id, {}), _WAYS):
        urgency = _urgency(catalog, over | {question.id: question.harmless})
        if urgency and (found is None or _later(urgency, found[1])):
            found = over, urgency
    return found


def _later(one: Urgency, other: Urgency) -> bool:
    return URGENCIES.index(one) > URGENCIES.index(other)


def _wrong(kind: SignKind, without: Urgency, urgency: Urgency) -> tuple[str, str] | None:
    """Return what an answer does that its kind does not say, and how to mend it."""
    if kind == "decisive" and urgency not in URGENT:
        hint = "write the rule that has this person seen today, or give the answer another 'sign'"
        return f"is decisive and must be seen the same day or now, but ends in '{urgency}'", hint
    if kind == "contributing" and urgency in URGENT and without not in URGENT:
        hint = "ask for a second sign in the rule, or say 'sign: decisive'"
        return f"only counts with others, but ends in '{urgency}' alone", hint
    if kind == "background" and urgency != without:
        hint = "let it only make others count more, or give the answer another 'sign'"
        return f"is background, but alone changes '{without}' to '{urgency}'", hint
    return None


def _urgency(catalog: Catalog, over: Over) -> Urgency | None:
    """Return how soon this person is to be seen; None where two rules contradict each other."""
    seen = foresee(catalog, catalog.questionnaire.example(over))
    return seen.urgency if seen else None


def _ways_to_ask(catalog: Catalog, name: str, over: Over) -> Iterator[Over]:
    """Yield how the example person, changed no further than is needed, is asked a question."""
    for literals in conjunctions(And(catalog.questionnaire.shown_when[name])):
        yield from _ways_to_meet(catalog, literals, over)


def _ways_to_meet(catalog: Catalog, literals: Sequence[Literal], over: Over) -> Iterator[Over]:
    if not literals:
        yield over
        return
    (name,) = literals[0].reads
    question = catalog.questionnaire.questions[name]
    said = (over.get(name, question.example),)
    usual = [one for one in said if _meets(question, literals[0], one)]
    other = [] if usual or name in over else _answers(question, literals[0])
    for answer in usual or other:
        for asked in _ways_to_ask(catalog, name, over | {name: answer}):
            yield from _ways_to_meet(catalog, literals[1:], asked)


def _answers(question: Question, literal: Literal) -> Iterator[Any]:
    """Yield the answers to a question that make a literal true, as they stand in the file."""
    if isinstance(question, Number):
        named = [int(value) for clause, _ in clauses(literal) for value in clause.values]
        near = (number + step for number in named for step in (0, -1, 1))
        some: Iterator[Any] = (one for one in near if question.low <= one <= question.high)
    else:
        some = (question.alone(option) for option in question.labels)
    return (one for one in some if _meets(question, literal, one))


def _meets(question: Question, literal: Literal, answer: Any) -> bool:
    typed: Value = question.typed(answer)
    return literal.truth(Facts({question.id: typed}, frozenset())) is True
