"""Rules, questions and answers as a page tells them: plain words, with what each word links to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lumbar.plan.explain import effects_in_words, in_words, name_in_words
from lumbar.reading.flow import flow
from lumbar.review.book.chains import read_by
from lumbar.review.book.crossref import CrossReference, Ref, TopicRef, thresholds
from lumbar.review.book.subject import Subject
from lumbar.review.book.truth_table import MOST_COLUMNS, Row, distinct_clauses, parts, rows
from lumbar.review.properties import safety
from lumbar.review.signing.since import Difference, since_signed
from lumbar.review.signing.standings import WORDS
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import And, Condition, Literal, Not, Or, conjunctions
from lumbar.rulebook.rules import Avoid, Conclude, Effect, Example, Recommend, Refer, Rule
from lumbar.signatures.signoffs import Standing


class Phrase(NamedTuple):
    """A clause in words: the name it is about, what that links to, and the rest."""

    to: Ref | None
    name: str
    rest: str


class Joined(NamedTuple):
    """Parts of a condition, joined by 'and' or by 'or'."""

    joint: str
    parts: "tuple[Phrase | Joined, ...]"


class Done(NamedTuple):
    """An effect in words, what it links to, and the items that it means where it names a group."""

    words: str
    to: Ref
    means: tuple[Ref, ...]


class Tried(NamedTuple):
    """An example in words: whether the rule fires, for which answers, and what the person is said
    to get.
    """

    fires: bool
    answers: tuple[str, ...]
    gives: tuple[str, ...]


@dataclass(frozen=True)
class RuleEntry:
    """All that is told of one rule.

    `read_by` are the topics that read what it concludes. `people` are those it fires for, `others`
    those it does not. `rows` is its truth table under
    `columns`, where it has few clauses; else `parts` tells the part of each clause.
    """

    rule: Rule
    topic: TopicRef
    when: Phrase | Joined
    columns: tuple[Phrase, ...]
    rows: tuple[Row, ...]
    parts: tuple[tuple[Phrase, str], ...]
    effects: tuple[Done, ...]
    reads: tuple[Ref, ...]
    read_by: tuple[Ref, ...]
    thresholds: tuple[Ref, ...]
    examples: tuple[Tried, ...]
    people: tuple[Ref, ...]
    others: tuple[Ref, ...]
    properties: tuple[Ref, ...]
    standing: Standing
    said: str
    changed: tuple[Difference, ...]


def entry(subject: Subject, rule: Rule) -> RuleEntry:
    """Return all that is told of a rule."""
    catalog, cross = subject.catalog, subject.cross
    columns = distinct_clauses(rule.when)
    short = len(columns) <= MOST_COLUMNS
    standing = subject.standings[rule.id]
    everybody = tuple(Ref("persona", name) for name in subject.personas)
    return RuleEntry(
        rule=rule,
        topic=cross.topic(rule),
        when=tree(cross, rule.when),
        columns=tuple(phrase(cross, one) for one in columns) if short else (),
        rows=rows(rule.when) if short else (),
        parts=()
        if short
        else tuple((phrase(cross, one.literal), one.part) for one in parts(rule.when)),
        effects=tuple(_effects(catalog, rule)),
        reads=tuple(cross.ref(name) for name in dict.fromkeys(rule.when.reads)),
        read_by=read_by(cross, rule),
        thresholds=tuple(Ref("threshold", one) for one in thresholds(rule.when)),
        examples=tuple(_tried(catalog, one) for one in rule.examples),
        people=subject.fires_for[rule.id],
        others=tuple(one for one in everybody if one not in subject.fires_for[rule.id]),
        properties=subject.held_by[rule.id],
        standing=standing,
        said=WORDS[standing.status],
        changed=since_signed(catalog, standing),
    )


def tree(cross: CrossReference, condition: Condition, wanted: bool = True) -> "Phrase | Joined":
    """Return a condition in words as it is built: a clause, or joined parts; each `not` stands at
    its clause.
    """
    if isinstance(condition, Not):
        return tree(cross, condition.part, not wanted)
    if isinstance(condition, (And, Or)):
        joint = "and" if isinstance(condition, And) is wanted else "or"
        return Joined(joint, tuple(tree(cross, part, wanted) for part in condition.parts))
    return phrase(cross, conjunctions(condition, wanted)[0][0])


def phrase(cross: CrossReference, literal: Literal) -> Phrase:
    """Return a clause in words."""
    clause: Any = literal.part if isinstance(literal, Not) else literal
    name = clause.name
    if name in {safety.THIS, safety.URGENCY}:
        spoken = "The answer" if name == safety.THIS else "The urgency"
        return Phrase(None, spoken, _rest(cross, literal))
    if said := safety.outcome(name):
        to, what = _outcome(cross.catalog, *said)
        ends = _ENDS.get(said[0])
        return Phrase(
            to,
            what,
            ends[literal is not clause] if ends else f" has {said[0]}{_rest(cross, literal)}",
        )
    words, spoken = in_words(cross.catalog, literal), name_in_words(cross.catalog, name)
    return Phrase(cross.ref(name), spoken.strip("'"), words.removeprefix(spoken))


# What is said of an outcome, and of its opposite.
_ENDS: Mapping[str, tuple[str, str]] = {
    "recommended": (" is offered", " is not offered"),
    "avoided": (" is kept out by a rule", " is not kept out by a rule"),
    "referred": (" is whom to see", " is not whom to see"),
    "fired": (" fires", " does not fire"),
}


def _rest(cross: CrossReference, literal: Literal) -> str:
    """Return what in_words says after the name, underscores spoken as spaces."""
    return in_words(cross.catalog, literal).rpartition("'")[2].replace("_", " ")


def _outcome(catalog: Catalog, verb: str, target: str) -> tuple[Ref, str]:
    if verb == "fired":
        return Ref("rule", target), f"The rule '{catalog.rules[target].title}'"
    if target in catalog.items:
        return Ref("item", target), catalog.items[target].name
    kind, _, tag = target.partition(":")
    kind = target.partition("/")[0]
    return (
        (Ref("tag", tag), f"Something tagged '{tag.replace('_', ' ')}'")
        if tag
        else (Ref("kind", kind), f"Some {kind}")
    )


def _effects(catalog: Catalog, rule: Rule) -> Iterator[Done]:
    for effect, words in zip(rule.then, effects_in_words(catalog, rule), strict=True):
        urgency = effect.urgency if isinstance(effect, Refer) else ""
        yield Done(
            words.replace(urgency, urgency.replace("_", " ")),
            _to(catalog, effect),
            _means(catalog, effect),
        )


def _means(catalog: Catalog, effect: Effect) -> tuple[Ref, ...]:
    if not isinstance(effect, Avoid) or effect.avoid in catalog.items:
        return ()
    return tuple(Ref("item", one) for one in catalog.targets[effect.avoid])


def _to(catalog: Catalog, effect: Effect) -> Ref:
    if isinstance(effect, Conclude):
        return Ref("finding", effect.conclude)
    if isinstance(effect, (Recommend, Refer)):
        return Ref("item", effect.recommend if isinstance(effect, Recommend) else effect.refer)
    kind, _, tag = effect.avoid.partition(":")
    if kind == "tag":
        return Ref("tag", tag)
    return (
        Ref("item", effect.avoid)
        if effect.avoid in catalog.items
        else Ref("kind", effect.avoid.partition("/")[0])
    )


def _tried(catalog: Catalog, example: Example) -> Tried:
    gives = example.gives.model_dump(exclude_defaults=True) if example.gives else {}
    said = tuple(f"{name.replace('_', ' ')} {flow(value)}" for name, value in gives.items())
    return Tried(example.fires is not None, told(catalog, example.answers), said)


def told(catalog: Catalog, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return answers laid over the example person's, in words; none at all is the example person."""
    return tuple(_answer(catalog, name, value) for name, value in answers.items()) or (
        "the example person as it is",
    )


def _answer(catalog: Catalog, name: str, value: Any) -> str:
    question = catalog.questionnaire.questions[name]
    if value is None:
        return f"{question.name}: not answered"
    return catalog.questionnaire.in_words(name, question.typed(value))
