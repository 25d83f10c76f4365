"""Rules, questions and answers as a page tells them: plain words, with what each word links to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lumbar.catalog import Catalog
from lumbar.conditions import Condition, Literal, Not, Or, conjunctions
from lumbar.explain import effects_in_words, in_words, name_in_words
from lumbar.review.crossref import CrossReference, TopicRef, thresholds
from lumbar.review.picture import Ref
from lumbar.review.subject import Subject
from lumbar.review.truth_table import MOST_COLUMNS, Row, distinct_clauses, parts, rows
from lumbar.rules import Avoid, Conclude, Effect, Recommend, Refer, Rule
from lumbar.signoffs import Standing

SAID: Mapping[str, str] = {
    "never_reviewed": "never reviewed",
    "valid": "validly signed",
    "changed": "changed since it was signed",
    "due": "signed, due for review soon",
    "overdue": "signed, overdue for review",
    "disputed": "disputed",
    "retired": "retired, never runs",
    "broken_record": "counts as unsigned: the record of signatures is broken",
}


class Phrase(NamedTuple):
    """A clause in words: the name it is about, and the rest."""

    to: Ref
    name: str
    rest: str


class Done(NamedTuple):
    """An effect in words, what it links to, and the items that it means where they are several."""

    words: str
    to: Ref
    items: tuple[Ref, ...]
    verb: str


@dataclass(frozen=True)
class RuleEntry:
    """All that is told of one rule.

    `ways` are the alternatives of its condition. `rows` is its truth table under `columns`, where it has few clauses;
    else `parts` tells the part of each clause.
    """

    rule: Rule
    topic: TopicRef
    ways: tuple[tuple[Phrase, ...], ...]
    columns: tuple[Phrase, ...]
    rows: tuple[Row, ...]
    parts: tuple[tuple[Phrase, str], ...]
    effects: tuple[Done, ...]
    thresholds: tuple[Ref, ...]
    fires: tuple[tuple[str, ...], ...]
    silent: tuple[tuple[str, ...], ...]
    people: tuple[Ref, ...]
    properties: tuple[Ref, ...]
    standing: Standing
    said: str


def entry(subject: Subject, rule: Rule) -> RuleEntry:
    """Return all that is told of a rule."""
    catalog, cross = subject.catalog, subject.cross
    columns = distinct_clauses(rule.when)
    short = len(columns) <= MOST_COLUMNS
    standing = subject.standings[rule.id]
    return RuleEntry(
        rule=rule,
        topic=cross.topic(rule),
        ways=ways(cross, rule.when),
        columns=tuple(phrase(cross, one) for one in columns) if short else (),
        rows=rows(rule.when) if short else (),
        parts=() if short else tuple((phrase(cross, one.literal), one.part) for one in parts(rule.when)),
        effects=tuple(_effects(catalog, rule)),
        thresholds=tuple(Ref("threshold", one) for one in thresholds(rule.when)),
        fires=tuple(told(catalog, one.answers) for one in rule.examples if one.fires is not None),
        silent=tuple(told(catalog, one.answers) for one in rule.examples if one.silent is not None),
        people=subject.fires_for[rule.id],
        properties=subject.held_by[rule.id],
        standing=standing,
        said=SAID[standing.status],
    )


def ways(cross: CrossReference, condition: Condition) -> tuple[tuple[Phrase, ...], ...]:
    """Return the alternatives of a condition, each the clauses that must all be true."""
    alternatives = condition.parts if isinstance(condition, Or) else (condition,)
    return tuple(
        tuple(phrase(cross, literal) for literal in literals) for one in alternatives for literals in conjunctions(one)
    )


def phrase(cross: CrossReference, literal: Literal) -> Phrase:
    """Return a clause in words."""
    name = (literal.part if isinstance(literal, Not) else literal).name  # type: ignore[union-attr]
    words, spoken = in_words(cross.catalog, literal), name_in_words(cross.catalog, name)
    return Phrase(cross.ref(name), spoken.strip("'"), words.removeprefix(spoken))


def _effects(catalog: Catalog, rule: Rule) -> Iterator[Done]:
    for effect, words in zip(rule.then, effects_in_words(catalog, rule), strict=True):
        group = catalog.targets[effect.avoid] if isinstance(effect, Avoid) else ()
        items = tuple(Ref("item", one) for one in group) if group and group != (effect.avoid,) else ()  # type: ignore[union-attr]
        yield Done(words, _to(catalog, effect), items, type(effect).__name__.lower())


def _to(catalog: Catalog, effect: Effect) -> Ref:
    if isinstance(effect, Conclude):
        return Ref("finding", effect.conclude)
    if isinstance(effect, (Recommend, Refer)):
        return Ref("item", effect.recommend if isinstance(effect, Recommend) else effect.refer)
    kind, _, tag = effect.avoid.partition(":")
    if kind == "tag":
        return Ref("tag", tag)
    return Ref("item", effect.avoid) if effect.avoid in catalog.items else Ref("kind", effect.avoid.partition("/")[0])


def told(catalog: Catalog, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return answers laid over the example person's, in words; none at all is the example person."""
    return tuple(_answer(catalog, name, value) for name, value in answers.items()) or ("the example person as it is",)


def _answer(catalog: Catalog, name: str, value: Any) -> str:
    question = catalog.questionnaire.questions[name]
    if value is None:
        return f"{question.name}: not answered"
    return catalog.questionnaire.in_words(name, question.typed(value))
