"""What hangs on what, and which properties are about a rule."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from lumbar.review.properties import safety
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, clauses
from lumbar.rulebook.items import kind_of
from lumbar.rulebook.rules import STAGES, Rule, Stage


class Ref(NamedTuple):
    """What a link means: a kind of thing, such as 'rule' or 'item', and which one."""

    kind: str
    id: str


Refs = tuple[Ref, ...]


def spaced(name: str) -> str:
    """Return an id as words."""
    return name.replace("_", " ")


def target(catalog: Catalog, name: str) -> Ref:
    """Return what the name in an effect or a property means: an item, a tag, or a kind."""
    if name in catalog.items:
        return Ref("item", name)
    kind, _, tag = name.partition(":")
    return Ref("tag", tag) if kind == "tag" else Ref("kind", name.partition("/")[0])


class _Grouped(dict[str, Refs]):
    def __missing__(self, name: str) -> Refs:
        return ()


def grouped(pairs: Iterable[tuple[str, Ref]]) -> Mapping[str, Refs]:
    """Return what belongs to each name, each once and in order; nothing to any other name."""
    found: dict[str, dict[Ref, None]] = {}
    for name, ref in pairs:
        found.setdefault(name, {})[ref] = None
    return _Grouped({name: tuple(refs) for name, refs in found.items()})


class TopicRef(NamedTuple):
    """A file of rules: its stage and its name."""

    stage: Stage
    name: str

    @property
    def id(self) -> str:
        return f"{self.stage}/{self.name}"


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
        scores = {score.id for score in self.catalog.questionnaire.scores}
        return Ref("score" if name in scores else "finding", name)

    @cached_property
    def asked_in(self) -> Mapping[str, str]:
        """The question topic of each question."""
        topics = self.catalog.questionnaire.topics
        return {one.id: topic.id for topic in topics for one in topic.questions}

    @cached_property
    def _conditions(self) -> tuple[tuple[Ref, Condition], ...]:
        """Every condition, with the rule, the score, or the question asked when it is true."""
        rules, asked = self.catalog.rules.values(), self.catalog.questionnaire
        return (
            *((Ref("rule", rule.id), rule.when) for rule in rules),
            *((Ref("score", score.id), one) for score in asked.scores for one in score.count),
            *((Ref("question", q), one) for q, those in asked.shown_when.items() for one in those),
        )

    @cached_property
    def readers(self) -> Mapping[str, Refs]:
        """What reads each question, score and finding: rules, scores, and questions."""
        scores = self.catalog.questionnaire.scores
        pairs = [(name, Ref("score", one.id)) for one in scores for name in one.reads]
        pairs += [(name, ref) for ref, condition in self._conditions for name in condition.reads]
        return grouped(pairs)

    @cached_property
    def threshold_readers(self) -> Mapping[str, Refs]:
        """What compares with each threshold."""
        every = self._conditions
        return grouped((name, ref) for ref, condition in every for name in thresholds(condition))

    @cached_property
    def rests_on(self) -> Mapping[str, frozenset[str]]:
        """All that each rule can rest on: what it reads, and what stands behind that."""
        scores, rules = self.catalog.questionnaire.scores, self.catalog.rules.values()
        behind: dict[str, set[str]] = {one.id: {*one.reads} for one in scores}
        for rule in rules:
            for name in rule.concludes:
                behind.setdefault(name, set()).update(rule.when.reads)
        return {rule.id: _reached(rule.when.reads, behind) for rule in rules}

    def _rules_by(self, names: Callable[[Rule], Iterable[str]]) -> Mapping[str, Refs]:
        every = self.catalog.rules.values()
        return grouped((name, Ref("rule", rule.id)) for rule in every for name in names(rule))

    @cached_property
    def concluded_by(self) -> Mapping[str, Refs]:
        """The rules that conclude each finding."""
        return self._rules_by(lambda rule: rule.concludes)

    @cached_property
    def offered_by(self) -> Mapping[str, Refs]:
        """The rules that recommend each item, or refer to it."""
        return self._rules_by(offers)

    @cached_property
    def withheld_by(self) -> Mapping[str, Refs]:
        """The rules that keep each item out."""
        return self._rules_by(lambda rule: self.catalog.kept_out[rule.id])

    def values_of(self, finding: str) -> list[str]:
        """Return the values that rules give a finding; none to one that is just there or not."""
        rules = (self.catalog.rules[ref.id] for ref in self.concluded_by[finding])
        values = {rule.concludes[finding] for rule in rules}
        return sorted(value for value in values if isinstance(value, str))

    @cached_property
    def cited_by(self) -> Mapping[str, Refs]:
        """What in the catalog cites each source."""
        rules, items = self.catalog.rules.items(), self.catalog.items.items()
        numbers = self.catalog.thresholds.values(), self.catalog.questionnaire.scores
        pairs = [(one.source, Ref("rule", name)) for name, rule in rules for one in rule.evidence]
        pairs += [(one.source, Ref("item", name)) for name, item in items for one in item.evidence]
        pairs += [(one.source, Ref("threshold", one.id)) for one in numbers[0]]
        return grouped(pairs + [(one.source, Ref("score", one.id)) for one in numbers[1]])

    @property
    def kinds(self) -> Mapping[str, tuple[str, ...]]:
        """The items of each kind."""
        return {kind: tuple(some) for kind, some in groupby(self.catalog.items, key=kind_of)}

    @property
    def tags(self) -> Mapping[str, Refs]:
        """The items with each tag."""
        items = self.catalog.items.items()
        return grouped(sorted((tag, Ref("item", name)) for name, one in items for tag in one.tags))

    def by_stage(self, refs: Refs) -> Mapping[str, Refs]:
        """Return rules under the name of their stage, then whatever else there is by its kind."""
        stage_of = self.catalog.stage_of
        under = [(stage_of[one.id] if one.kind == "rule" else f"{one.kind}s", one) for one in refs]
        return grouped(sorted(under, key=lambda one: _place(one[0])))


def _place(group: str) -> int:
    return [*STAGES].index(group) if group in STAGES else len(STAGES)


def _reached(names: Iterable[str], behind: Mapping[str, set[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += behind.get(name, ())
    return frozenset(found)


def thresholds(condition: Condition) -> tuple[str, ...]:
    """Return the thresholds that a condition names, left to right."""
    every = (clause.threshold for clause, _ in clauses(condition))
    return tuple(dict.fromkeys(filter(None, every)))


def offers(rule: Rule) -> tuple[str, ...]:
    """Return the items that a rule recommends or refers to."""
    return (*(one.recommend for one in rule.recommends), *(one.refer for one in rule.refers))


@dataclass(frozen=True)
class Spoken:
    """What a property speaks of, and whether of urgency; `of_all` where it names no one."""

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
            item for verb, one in outcomes if verb != "fired" for item in catalog.meant(one)
        ),
        rules=frozenset(one for verb, one in outcomes if verb == "fired"),
        of_urgency=safety.URGENCY in said or change == "lowers_urgency",
        of_all=not names,
    )


def holds(cross: CrossReference, said: Spoken, rule: Rule) -> bool:
    """Return whether a property is about this rule.

    It is if it names the rule, or both what the rule rests on or finds and what it does.
    """
    if rule.id in said.rules:
        return True
    acts = {*offers(rule), *cross.catalog.kept_out[rule.id]}
    does = not said.items.isdisjoint(acts) or (said.of_urgency and bool(rule.refers))
    finds = not said.names.isdisjoint(rule.concludes)
    return finds or (does and not said.names.isdisjoint(cross.rests_on[rule.id]))
