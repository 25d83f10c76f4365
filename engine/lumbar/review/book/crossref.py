"""What hangs on what: who reads, concludes, offers, withholds or cites a thing, and which
properties hold a rule.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from lumbar.review.properties import safety
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, clauses
from lumbar.rulebook.rules import STAGES, Rule, Stage


class Ref(NamedTuple):
    """What a link means: a kind of thing, such as 'rule' or 'item', and which one."""

    kind: str
    id: str


class TopicRef(NamedTuple):
    """A file of rules: its stage and its name."""

    stage: Stage
    name: str

    @property
    def id(self) -> str:
        return f"{self.stage}/{self.name}"

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class CrossReference:
    """The catalog read the other way round. Every list stands in the order of the catalog."""

    catalog: Catalog

    @cached_property
    def topics(self) -> Mapping[TopicRef, tuple[Rule, ...]]:
        """The rules of each topic, by stage."""
        found: dict[TopicRef, list[Rule]] = {}
        for rule in self.catalog.rules.values():
            found.setdefault(self.topic(rule), []).append(rule)
        return {topic: tuple(rules) for topic, rules in found.items()}

    def topic(self, rule: Rule) -> TopicRef:
        """Return the topic of a rule."""
        return TopicRef(self.catalog.stage_of[rule.id], self.catalog.topic_of[rule.id])

    def ref(self, name: str) -> Ref:
        """Return what a name in a condition means: a question, a score or a finding."""
        if name in self.catalog.questionnaire.questions:
            return Ref("question", name)
        return Ref("score" if name in self.scores else "finding", name)

    @cached_property
    def scores(self) -> frozenset[str]:
        """The names of the scores."""
        return frozenset(score.id for score in self.catalog.questionnaire.scores)

    @cached_property
    def asked_in(self) -> Mapping[str, str]:
        """The question topic of each question."""
        return {
            one.id: topic.id
            for topic in self.catalog.questionnaire.topics
            for one in topic.questions
        }

    @cached_property
    def readers(self) -> Mapping[str, tuple[Ref, ...]]:
        """What reads each question, score and finding: rules, scores, and questions only asked when
        it is true.
        """
        questionnaire = self.catalog.questionnaire
        pairs = [
            (name, Ref("rule", rule.id))
            for rule in self.catalog.rules.values()
            for name in _names(rule.when)
        ]
        pairs += [
            (name, Ref("score", score.id))
            for score in questionnaire.scores
            for name in sorted(score.reads)
        ]
        pairs += [
            (name, Ref("question", question))
            for question, conditions in questionnaire.shown_when.items()
            for condition in conditions
            for name in _names(condition)
        ]
        return _grouped(pairs)

    @cached_property
    def rests_on(self) -> Mapping[str, frozenset[str]]:
        """All that each rule can rest on: what it reads, and what stands behind the scores and
        findings among it.
        """
        behind: dict[str, set[str]] = {
            one.id: {*one.reads} for one in self.catalog.questionnaire.scores
        }
        for rule in self.catalog.rules.values():
            for name in rule.concludes:
                behind.setdefault(name, set()).update(rule.when.reads)
        return {rule.id: _reached(rule.when.reads, behind) for rule in self.catalog.rules.values()}

    @cached_property
    def threshold_readers(self) -> Mapping[str, tuple[Ref, ...]]:
        """What compares with each threshold."""
        questionnaire = self.catalog.questionnaire
        every = [(Ref("rule", rule.id), rule.when) for rule in self.catalog.rules.values()]
        every += [
            (Ref("score", score.id), part) for score in questionnaire.scores for part in score.count
        ]
        every += [
            (Ref("question", name), one)
            for name, those in questionnaire.shown_when.items()
            for one in those
        ]
        return _grouped((name, ref) for ref, condition in every for name in thresholds(condition))

    @cached_property
    def concluded_by(self) -> Mapping[str, tuple[Ref, ...]]:
        """The rules that conclude each finding."""
        every = self.catalog.rules.values()
        return _grouped((name, Ref("rule", rule.id)) for rule in every for name in rule.concludes)

    @cached_property
    def offered_by(self) -> Mapping[str, tuple[Ref, ...]]:
        """The rules that recommend each item, or refer to it."""
        return _grouped(
            (item, Ref("rule", rule.id))
            for rule in self.catalog.rules.values()
            for item in offers(rule)
        )

    @cached_property
    def withheld_by(self) -> Mapping[str, tuple[Ref, ...]]:
        """The rules that keep each item out."""
        every = self.catalog.rules.values()
        return _grouped(
            (item, Ref("rule", rule.id)) for rule in every for item in withholds(self.catalog, rule)
        )

    @cached_property
    def cited_by(self) -> Mapping[str, tuple[Ref, ...]]:
        """What in the catalog cites each source."""
        catalog = self.catalog
        pairs = [
            (one.source, Ref("rule", rule.id))
            for rule in catalog.rules.values()
            for one in rule.evidence
        ]
        pairs += [
            (one.source, Ref("item", name))
            for name, item in catalog.items.items()
            for one in item.evidence
        ]
        pairs += [(one.source, Ref("threshold", one.id)) for one in catalog.thresholds.values()]
        pairs += [(one.source, Ref("score", one.id)) for one in catalog.questionnaire.scores]
        return _grouped(pairs)


def _names(condition: Condition) -> tuple[str, ...]:
    return tuple(dict.fromkeys(condition.reads))


def _reached(names: Iterable[str], behind: Mapping[str, set[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += behind.get(name, ())
    return frozenset(found)


def _grouped(pairs: Iterable[tuple[str, Ref]]) -> Mapping[str, tuple[Ref, ...]]:
    found: dict[str, dict[Ref, None]] = {}
    for name, ref in pairs:
        found.setdefault(name, {})[ref] = None
    return {name: tuple(refs) for name, refs in found.items()}


def by_stage(catalog: Catalog, refs: Iterable[Ref]) -> Iterator[tuple[str, tuple[Ref, ...]]]:
    """Yield rules grouped under the name of their stage, then whatever else there is under its
    kind.
    """
    waiting = tuple(refs)
    for stage in STAGES:
        mine = tuple(
            ref for ref in waiting if ref.kind == "rule" and catalog.stage_of[ref.id] == stage
        )
        if mine:
            yield stage, mine
    for kind in dict.fromkeys(ref.kind for ref in waiting if ref.kind != "rule"):
        yield f"{kind}s", tuple(ref for ref in waiting if ref.kind == kind)


def thresholds(condition: Condition) -> tuple[str, ...]:
    """Return the thresholds that a condition names, left to right."""
    every = (clause.threshold for clause, _ in clauses(condition))
    return tuple(dict.fromkeys(filter(None, every)))


def offers(rule: Rule) -> tuple[str, ...]:
    """Return the items that a rule recommends or refers to."""
    return (*(one.recommend for one in rule.recommends), *(one.refer for one in rule.refers))


def withholds(catalog: Catalog, rule: Rule) -> tuple[str, ...]:
    """Return the items that a rule keeps out."""
    return tuple(dict.fromkeys(item for one in rule.avoids for item in catalog.targets[one.avoid]))


@dataclass(frozen=True)
class Spoken:
    """What a property speaks of: names, items, rules, and whether of urgency; `of_all` where it
    names no one.
    """

    names: frozenset[str]
    items: frozenset[str]
    rules: frozenset[str]
    of_urgency: bool
    of_all: bool


def spoken(catalog: Catalog, prop: safety.Property) -> Spoken:
    """Return what a property speaks of; the questions of a whole group count as everybody's."""
    said = {name for one in (prop.when, prop.must) if one for name in one.reads}
    outcomes = [found for name in said if (found := safety.outcome(name))]
    names = {name for name in said if not safety.outcome(name)} - {safety.THIS, safety.URGENCY}
    names |= {*prop.for_each} if isinstance(prop.for_each, tuple) else set()
    change = prop.change.never if prop.change else ""
    return Spoken(
        names=frozenset(names),
        items=frozenset(
            item
            for verb, one in outcomes
            if verb != "fired"
            for item in safety.targets(catalog, one)
        ),
        rules=frozenset(one for verb, one in outcomes if verb == "fired"),
        of_urgency=safety.URGENCY in said or change == "lowers_urgency",
        of_all=not names,
    )


def holds(cross: CrossReference, said: Spoken, rule: Rule) -> bool:
    """Return whether a property is about this rule: names it, or both what it rests on or finds and
    what it does.
    """
    if rule.id in said.rules:
        return True
    acts = {*offers(rule), *withholds(cross.catalog, rule)}
    does = not said.items.isdisjoint(acts) or (said.of_urgency and bool(rule.refers))
    finds = not said.names.isdisjoint(rule.concludes)
    return finds or (does and not said.names.isdisjoint(cross.rests_on[rule.id]))
