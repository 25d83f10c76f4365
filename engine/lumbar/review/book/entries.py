"""Rules, questions and answers as a page tells them: plain words, with what each word links to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lumbar.plan.explain import effects_in_words, in_words, name_in_words
from lumbar.reading.flow import flow
from lumbar.review.book.book import Book
from lumbar.review.book.chains import read_by
from lumbar.review.book.crossref import CrossReference, Ref, Refs, spaced, target, thresholds
from lumbar.review.book.truth_table import MOST_COLUMNS, Row, distinct_clauses, parts, rows
from lumbar.review.properties import safety
from lumbar.review.signing.since import Difference, since_signed
from lumbar.review.signing.standings import WORDS
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import And, Condition, Literal, Not, Or, conjunctions
from lumbar.rulebook.rules import Avoid, Conclude, Effect, Example, Recommend, Rule
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
    means: Refs


class Tried(NamedTuple):
    """An example in words: whether the rule fires, for which answers, and what should come out."""

    fires: bool
    answers: tuple[str, ...]
    gives: tuple[str, ...]


@dataclass(frozen=True)
class RuleEntry:
    """All that is told of one rule.

    `read_by` are the topics that read what it concludes. `people` are those it fires for, `others`
    those it does not. `rows` is its truth table under `columns`, where it has few clauses; else
    `parts` tells the part of each clause.
    """

    rule: Rule
    when: Phrase | Joined
    columns: tuple[Phrase, ...]
    rows: tuple[Row, ...]
    parts: tuple[tuple[Phrase, str], ...]
    effects: tuple[Done, ...]
    reads: Refs
    read_by: Refs
    thresholds: Refs
    examples: tuple[Tried, ...]
    people: Refs
    others: Refs
    properties: Refs
    standing: Standing
    said: str
    changed: tuple[Difference, ...]


def entry(book: Book, rule: Rule) -> RuleEntry:
    """Return all that is told of a rule."""
    catalog, cross = book.catalog, book.cross
    columns = distinct_clauses(rule.when)
    short = len(columns) <= MOST_COLUMNS
    told = () if short else parts(rule.when)
    standing = book.standings[rule.id]
    people = book.fires_for[rule.id]
    everybody = (Ref("persona", name) for name in book.personas)
    return RuleEntry(
        rule=rule,
        when=tree(cross, rule.when),
        columns=tuple(phrase(cross, one) for one in columns) if short else (),
        rows=rows(rule.when) if short else (),
        parts=tuple((phrase(cross, one.literal), one.part) for one in told),
        effects=tuple(_effects(catalog, rule)),
        reads=tuple(cross.ref(name) for name in dict.fromkeys(rule.when.reads)),
        read_by=read_by(cross, rule),
        thresholds=tuple(Ref("threshold", one) for one in thresholds(rule.when)),
        examples=tuple(_tried(catalog, one) for one in rule.examples),
        people=people,
        others=tuple(one for one in everybody if one not in people),
        properties=book.held_by[rule.id],
        standing=standing,
        said=WORDS[standing.status],
        changed=since_signed(catalog, standing),
    )


def tree(cross: CrossReference, condition: Condition, wanted: bool = True) -> Phrase | Joined:
    """Return a condition in words as it is built; each `not` stands at its clause."""
    if isinstance(condition, Not):
        return tree(cross, condition.part, not wanted)
    if isinstance(condition, (And, Or)):
        joint = "and" if isinstance(condition, And) is wanted else "or"
        return Joined(joint, tuple(tree(cross, part, wanted) for part in condition.parts))
    return phrase(cross, conjunctions(condition, wanted)[0][0])


# What is said of an outcome, and of its opposite.
_ENDS: Mapping[str, tuple[str, str]] = {
    "recommended": (" is offered", " is not offered"),
    "avoided": (" is kept out by a rule", " is not kept out by a rule"),
    "referred": (" is whom to see", " is not whom to see"),
    "fired": (" fires", " does not fire"),
}


def phrase(cross: CrossReference, literal: Literal) -> Phrase:
    """Return a clause in words."""
    clause: Any = literal.part if isinstance(literal, Not) else literal
    words, name = in_words(cross.catalog, literal), clause.name
    rest = spaced(words.rpartition("'")[2])
    if name in {safety.THIS, safety.URGENCY}:
        return Phrase(None, "The answer" if name == safety.THIS else "The urgency", rest)
    if said := safety.outcome(name):
        to, what = _outcome(cross.catalog, *said)
        ends = _ENDS.get(said[0])
        return Phrase(to, what, ends[literal is not clause] if ends else f" has {said[0]}{rest}")
    spoken = name_in_words(cross.catalog, name)
    return Phrase(cross.ref(name), spoken.strip("'"), words.removeprefix(spoken))


def _outcome(catalog: Catalog, verb: str, name: str) -> tuple[Ref, str]:
    if verb == "fired":
        return Ref("rule", name), f"The rule '{catalog.rules[name].title}'"
    to = target(catalog, name)
    if to.kind == "item":
        return to, catalog.items[name].name
    return to, f"Something tagged '{spaced(to.id)}'" if to.kind == "tag" else f"Some {to.id}"


def _effects(catalog: Catalog, rule: Rule) -> Iterator[Done]:
    for effect, words in zip(rule.then, effects_in_words(catalog, rule), strict=True):
        urgency = getattr(effect, "urgency", "")
        to = _to(catalog, effect)
        named = effect.avoid if isinstance(effect, Avoid) and to.kind != "item" else None
        means = tuple(Ref("item", one) for one in catalog.targets[named]) if named else ()
        yield Done(words.replace(urgency, spaced(urgency)), to, means)


def _to(catalog: Catalog, effect: Effect) -> Ref:
    if isinstance(effect, Conclude):
        return Ref("finding", effect.conclude)
    if isinstance(effect, Avoid):
        return target(catalog, effect.avoid)
    return Ref("item", effect.recommend if isinstance(effect, Recommend) else effect.refer)


def _tried(catalog: Catalog, example: Example) -> Tried:
    gives = example.gives.plain(short=True) if example.gives else {}
    said = tuple(f"{spaced(name)} {flow(value)}" for name, value in gives.items())
    return Tried(example.fires is not None, answers_in_words(catalog, example.answers), said)


def answers_in_words(catalog: Catalog, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return answers laid over the example person's; none at all is the example person."""
    said = tuple(_answer(catalog, name, value) for name, value in answers.items())
    return said or ("the example person as it is",)


def _answer(catalog: Catalog, name: str, value: Any) -> str:
    question = catalog.questionnaire.questions[name]
    if value is None:
        return f"{question.name}: not answered"
    return catalog.questionnaire.in_words(name, question.typed(value))
