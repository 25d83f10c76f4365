"""Every small mistake that could be made in rules, scores and thresholds: one change each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, TypeVar

from lumbar.reading.record import Record
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import (
    And,
    Clause,
    Comparison,
    Condition,
    Membership,
    Not,
    Or,
    clauses,
    mapped,
)
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import OneOf, Questionnaire
from lumbar.rulebook.rules import Recommend, Refer, Rule, Threshold
from lumbar.rulebook.scores import Score

NEIGHBOUR = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
NEVER, EVER = Or(()), And(())
R = TypeVar("R", bound=Record)
Options = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Mutant:
    """What was done (`kind`) to what, how it reads, the changed `part` (None: removed)."""

    owner: str
    kind: str
    change: str
    part: Rule | Score | Threshold | None

    def __str__(self) -> str:
        return f"{self.owner}: {self.kind}: {self.change}"


def mutants(catalog: Catalog) -> Iterator[Mutant]:
    """Yield every mutant of every rule in force, of every score and of every threshold."""
    options = _options(catalog)
    for rule in catalog.in_force:
        for kind, change, when in _mistakes(rule.when, options):
            yield Mutant(rule.id, kind, change, changed_record(rule, when=when))
        yield from _of_effects(rule)
        yield Mutant(rule.id, "rule removed", rule.title, None)
    for score in catalog.questionnaire.scores:
        yield from _of_score(score, options)
    for one in catalog.thresholds.values():
        for value in (one.value - 1, one.value + 1):
            change = f"{one.value} becomes {value}"
            yield Mutant(one.id, "threshold moved", change, changed_record(one, value=value))


def changed_record(record: R, **update: Any) -> R:
    """Return a record with fields changed, and without the caches of the old."""
    return replace(record, **update)


def _options(catalog: Catalog) -> Options:
    """Return the options of each one-of question, and the values of each finding."""
    asked = catalog.questionnaire.questions.items()
    found = {name: tuple(one.labels) for name, one in asked if isinstance(one, OneOf)}
    for rule in catalog.rules.values():
        for name, value in rule.concludes.items():
            if isinstance(value, str):
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), value)))
    return found


def put(condition: Condition, place: int, new: Condition) -> Condition:
    """Return the condition with another in the place of one of its clauses, from 0."""
    number = count()
    return mapped(condition, lambda clause: new if next(number) == place else clause)


def idle(condition: Condition, alone: Condition = EVER) -> Iterator[Condition]:
    """Yield for every clause, left to right, what in its place is as if it were not there."""
    if isinstance(condition, Not):
        yield from idle(condition.part, NEVER if alone == EVER else EVER)
    elif isinstance(condition, (And, Or)):
        for part in condition.parts:
            yield from idle(part, EVER if isinstance(condition, And) else NEVER)
    else:
        yield alone


def _mistakes(condition: Condition, options: Options) -> Iterator[tuple[str, str, Condition]]:
    """Yield what the mistake in a clause is called, how it reads, and the condition that comes."""
    every = zip(clauses(condition), idle(condition), strict=True)
    for place, ((clause, _), nothing) in enumerate(every):
        yield "clause dropped", str(clause), put(condition, place, nothing)
        for kind, new in _variants(clause, options):
            change = f"{clause} becomes {'never' if new == NEVER else new}"
            yield kind, change, put(condition, place, new)


def _variants(clause: Clause, options: Options) -> Iterator[tuple[str, Condition]]:
    """Yield what could stand in place of a clause by mistake, and the mistake's name."""
    yield "clause negated", Not(clause)
    others = [one for one in options.get(clause.name, ()) if one not in clause.values]
    if isinstance(clause, Membership):
        for value in clause.values:
            rest = tuple(one for one in clause.values if one != value)
            yield "option removed", Membership(clause.name, rest) if rest else NEVER
        for option in others:
            yield "option added", Membership(clause.name, (*clause.values, option))
    elif isinstance(clause, Comparison):
        yield "comparison shifted", replace(clause, operator=NEIGHBOUR[clause.operator])
        if isinstance(clause.value, int):
            for value in (clause.value - 1, clause.value + 1):
                yield "comparison shifted", Comparison(clause.name, clause.operator, value)
        else:
            for option in others:
                both = Membership(clause.name, (clause.value, option))
                yield "option added", both if clause.operator == "==" else Not(both)


def _of_effects(rule: Rule) -> Iterator[Mutant]:
    for place, effect in enumerate(rule.then):
        said = " ".join(str(value) for value in effect.plain().values() if value is not None)

        def mutant(kind: str, change: str, *new: Any, place: int = place) -> Mutant:
            then = (*rule.then[:place], *new, *rule.then[place + 1 :])
            return Mutant(rule.id, kind, change, changed_record(rule, then=then))

        yield mutant("effect removed", said)
        if isinstance(effect, Refer) and effect.urgency != "routine":
            lower = URGENCIES[URGENCIES.index(effect.urgency) + 1]
            change = f"{said} becomes {lower}"
            yield mutant("urgency lowered", change, changed_record(effect, urgency=lower))
        if isinstance(effect, Recommend) and effect.dose:
            yield mutant("dose removed", said, changed_record(effect, dose=None))


def _of_score(score: Score, options: Options) -> Iterator[Mutant]:
    if score.fall:
        before, after = score.fall
        turned = changed_record(score, fall=(after, before))
        yield Mutant(score.id, "fall turned round", f"from {after} to {before}", turned)
        return
    way = "sum" if score.sum else "mean" if score.mean else "count"
    parts: tuple[Any, ...] = getattr(score, way)
    for place, part in enumerate(parts):

        def mutant(kind: str, change: str, *new: Any, place: int = place) -> Mutant:
            left = (*parts[:place], *new, *parts[place + 1 :])
            return Mutant(score.id, kind, change, changed_record(score, **{way: left}))

        if len(parts) > 1:
            yield mutant("part removed", str(part))
        alone = score.count and len(list(clauses(part))) == 1
        for kind, change, new in _mistakes(part, options) if score.count else ():
            if not (alone and kind == "clause dropped"):  # that would be to count everybody
                yield mutant(kind, change, new)


def changed(catalog: Catalog, mutant: Mutant) -> Catalog:
    """Return the catalog with the mistake in it."""
    part = mutant.part
    if isinstance(part, Threshold):
        return _moved(catalog, part)
    if isinstance(part, Score):
        asked = catalog.questionnaire
        scores = tuple(part if one.id == part.id else one for one in asked.scores)
        return replace(catalog, questionnaire=Questionnaire(asked.topics, scores))
    rules = {**catalog.rules, mutant.owner: part}
    return replace(catalog, rules={name: rule for name, rule in rules.items() if rule is not None})


def _moved(catalog: Catalog, threshold: Threshold) -> Catalog:
    """Return the catalog with another number for a threshold, wherever a condition names it."""

    def moved(condition: Condition) -> Condition:
        return mapped(condition, at)

    def at(clause: Clause) -> Clause:
        if isinstance(clause, Comparison) and clause.threshold == threshold.id:
            return replace(clause, value=threshold.value)
        return clause

    def shown(record: Any, **update: Any) -> Any:
        when = record.shown_when
        return changed_record(record, **update, shown_when=when and moved(when))

    asked = catalog.questionnaire
    topics = tuple(shown(one, questions=tuple(map(shown, one.questions))) for one in asked.topics)
    scores = tuple(changed_record(one, count=tuple(map(moved, one.count))) for one in asked.scores)
    rules = {one.id: changed_record(one, when=moved(one.when)) for one in catalog.rules.values()}
    return replace(
        catalog,
        thresholds={**catalog.thresholds, threshold.id: threshold},
        questionnaire=Questionnaire(topics, scores),
        rules=rules,
    )
