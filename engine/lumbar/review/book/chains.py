"""The chain from questions over findings to care, topic by topic."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lumbar.review.book.crossref import CrossReference, Ref, TopicRef, offers
from lumbar.rulebook.items import kind_of
from lumbar.rulebook.rules import Rule


class Link(NamedTuple):
    """What a topic of rules reads and acts on."""

    topic: TopicRef
    rules: int
    asks: tuple[Ref, ...]
    knows: tuple[Ref, ...]
    offers: tuple[Ref, ...]
    keeps_out: tuple[Ref, ...]


def links(cross: CrossReference) -> Iterator[Link]:
    """Yield of each topic its question topics, the topics that find for it, and kinds of care."""
    rule_of = cross.catalog.rules
    for topic, rules in cross.topics.items():
        read = tuple(dict.fromkeys(name for rule in rules for name in _behind(cross, rule)))
        found = (rule_of[ref.id] for name in read for ref in cross.concluded_by.get(name, ()))
        out = (item for rule in rules for item in cross.catalog.kept_out[rule.id])
        yield Link(
            topic,
            len(rules),
            _refs("asked", (cross.asked_in[name] for name in read if name in cross.asked_in)),
            _refs("topic", (other.id for other in map(cross.topic, found) if other != topic)),
            _refs("kind", (kind_of(item) for rule in rules for item in offers(rule))),
            _refs("kind", map(kind_of, out)),
        )


def _refs(kind: str, names: Iterable[str]) -> tuple[Ref, ...]:
    return tuple(Ref(kind, name) for name in dict.fromkeys(names))


def _behind(cross: CrossReference, rule: Rule) -> Iterator[str]:
    """Yield the questions and findings that a rule reads, those of its scores included."""
    scores = {score.id: score for score in cross.catalog.questionnaire.scores}
    for name in dict.fromkeys(rule.when.reads):
        yield from sorted(scores[name].reads) if name in scores else (name,)


def read_by(cross: CrossReference, rule: Rule) -> tuple[Ref, ...]:
    """Return the topics of other rules that read what a rule concludes."""
    readers = (ref for name in rule.concludes for ref in cross.readers.get(name, ()))
    rules = (cross.catalog.rules[ref.id] for ref in readers if ref.kind == "rule")
    return _refs("topic", (cross.topic(other).id for other in rules if other != rule))
