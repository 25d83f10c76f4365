"""Every small fault that could be made in rules, scores and thresholds: one change each."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
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
    mapped,
)
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import OneOf, Questionnaire, Score
from lumbar.rulebook.rules import Recommend, Refer, Rule, Threshold

NEIGHBOUR = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
NEVER, EVER = Or(()), And(())
R = TypeVar("R", bound=Record)
Put = Callable[[Condition], Condition]


@dataclass(frozen=True)
class Mutant:
    """One fault: what was done (`kind`), where, how it reads, and the changed thing; None where a
    rule was removed.
    """

    kind: str
    owner: str
    change: str
    part: Rule | Score | Threshold | None

    def __str__(self) -> str:
        return f"{self.owner}: {self.kind}: {self.change}"


def mutants(catalog: Catalog) -> Iterator[Mutant]:
    """Yield every mutant of every rule in force, of every score and of every threshold."""
    options = _options(catalog)
    for rules in catalog.by_stage.values():
        for rule in rules:
            yield from _of_condition(rule, options)
            yield from _of_effects(rule)
            yield Mutant("rule removed", rule.id, rule.title, None)
    for score in catalog.questionnaire.scores:
        yield from _of_score(score, options)
    for threshold in catalog.thresholds.values():
        for value in (threshold.value - 1, threshold.value + 1):
            change = f"{threshold.value} becomes {value}"
            yield Mutant(
                "threshold moved", threshold.id, change, changed_record(threshold, value=value)
            )


def changed_record(record: R, **update: Any) -> R:
    """Return a record with some fields changed; not `model_copy`, which would keep what was
    computed from the old.
    """
    fields = {name: getattr(record, name) for name in type(record).model_fields}
    return type(record).model_construct(**{**fields, **update})


def _options(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """Return what each one-of question can be answered with, and each finding with values can be."""
    found = {
        n: tuple(q.labels)
        for n, q in catalog.questionnaire.questions.items()
        if isinstance(q, OneOf)
    }
    for rule in catalog.rules.values():
        for name, value in rule.concludes.items():
            if isinstance(value, str):
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), value)))
    return found


def sites(
    condition: Condition, put: Put = lambda new: new, without: Condition = EVER
) -> Iterator[tuple[Clause, Put, Condition]]:
    """Yield every clause, left to right, with what puts another condition in its place, and the
    whole without it.
    """
    if isinstance(condition, Not):
        yield from sites(condition.part, lambda new: put(Not(new)), without)
    elif isinstance(condition, (And, Or)):
        kind, parts = type(condition), condition.parts
        for place, part in enumerate(parts):
            before, after = parts[:place], parts[place + 1 :]
            put_here = _putting(put, kind, before, after)
            yield from sites(part, put_here, put(kind((*before, *after))))
    else:
        yield condition, put, without


def _putting(
    put: Put,
    kind: type[And] | type[Or],
    before: tuple[Condition, ...],
    after: tuple[Condition, ...],
) -> Put:
    return lambda new: put(kind((*before, new, *after)))


def _of_condition(rule: Rule, options: Mapping[str, tuple[str, ...]]) -> Iterator[Mutant]:
    for clause, put, without in sites(rule.when):
        yield Mutant("clause dropped", rule.id, str(clause), changed_record(rule, when=without))
        for kind, new in variants(clause, options):
            yield Mutant(kind, rule.id, _becomes(clause, new), changed_record(rule, when=put(new)))


def _becomes(clause: Clause, new: Condition) -> str:
    return f"{clause} becomes {'never' if new == NEVER else new}"


def variants(
    clause: Clause, options: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, Condition]]:
    """Yield what could stand in the place of a clause by mistake, each with what the mistake is
    called.
    """
    yield "clause negated", Not(clause)
    if isinstance(clause, Membership):
        yield from _other_members(clause, options)
    elif isinstance(clause, Comparison):
        yield "comparison shifted", replace(clause, operator=NEIGHBOUR[clause.operator])
        if isinstance(clause.value, int):
            for value in (clause.value - 1, clause.value + 1):
                yield "comparison shifted", Comparison(clause.name, clause.operator, value)
        else:
            for option in (one for one in options.get(clause.name, ()) if one != clause.value):
                both = Membership(clause.name, (clause.value, option))
                yield "option added", both if clause.operator == "==" else Not(both)


def _other_members(
    clause: Membership, options: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, Condition]]:
    for value in clause.values:
        rest = tuple(one for one in clause.values if one != value)
        yield "option removed", Membership(clause.name, rest) if rest else NEVER
    for option in (one for one in options.get(clause.name, ()) if one not in clause.values):
        yield "option added", Membership(clause.name, (*clause.values, option))


def _of_effects(rule: Rule) -> Iterator[Mutant]:
    for place, effect in enumerate(rule.then):
        said = " ".join(str(value) for value in effect.model_dump().values() if value is not None)
        before, after = rule.then[:place], rule.then[place + 1 :]
        yield Mutant("effect removed", rule.id, said, changed_record(rule, then=(*before, *after)))
        if isinstance(effect, Refer) and effect.urgency != "routine":
            lower = URGENCIES[URGENCIES.index(effect.urgency) + 1]
            then = (*before, changed_record(effect, urgency=lower), *after)
            yield Mutant(
                "urgency lowered",
                rule.id,
                f"{said} becomes {lower}",
                changed_record(rule, then=then),
            )
        if isinstance(effect, Recommend) and effect.dose:
            then = (*before, changed_record(effect, dose=None), *after)
            yield Mutant("dose removed", rule.id, said, changed_record(rule, then=then))


def _of_score(score: Score, options: Mapping[str, tuple[str, ...]]) -> Iterator[Mutant]:
    way = "sum" if score.sum else "mean" if score.mean else "count"
    parts: tuple[Any, ...] = getattr(score, way)
    for place, part in enumerate(parts):
        before, after = parts[:place], parts[place + 1 :]
        if before or after:
            yield Mutant(
                "part removed",
                score.id,
                str(part),
                changed_record(score, **{way: (*before, *after)}),
            )
        for clause, put, without in sites(part) if score.count else ():
            every = [
                *variants(clause, options),
                *([("clause dropped", None)] if without != EVER else []),
            ]
            for kind, new in every:
                count = (*before, without if new is None else put(new), *after)
                change = _becomes(clause, new) if new is not None else str(clause)
                yield Mutant(kind, score.id, change, changed_record(score, count=count))


def changed(catalog: Catalog, mutant: Mutant) -> Catalog:
    """Return the catalog with the fault in it."""
    part = mutant.part
    if isinstance(part, Threshold):
        return _moved(catalog, part)
    if isinstance(part, Score):
        scores = tuple(part if one.id == part.id else one for one in catalog.questionnaire.scores)
        return replace(catalog, questionnaire=Questionnaire(catalog.questionnaire.topics, scores))
    rules = {
        name: rule
        for name, rule in catalog.rules.items()
        if part is not None or name != mutant.owner
    }
    return replace(catalog, rules=rules if part is None else {**rules, part.id: part})


def _moved(catalog: Catalog, threshold: Threshold) -> Catalog:
    """Return the catalog with another number for a threshold, in rules, in scores and in what is
    shown when.
    """
    other = compared_otherwise(catalog, lambda clause: _at(clause, threshold))
    return replace(other, thresholds={**catalog.thresholds, threshold.id: threshold})


def _at(clause: Clause, threshold: Threshold) -> Clause:
    if isinstance(clause, Comparison) and clause.threshold == threshold.id:
        return replace(clause, value=threshold.value)
    return clause


def moved(condition: Condition, threshold: Threshold) -> Condition:
    """Return the condition with another number wherever it names the threshold."""
    return mapped(condition, lambda clause: _at(clause, threshold))


def compared_otherwise(catalog: Catalog, other: Callable[[Clause], Clause]) -> Catalog:
    """Return the catalog with every comparison replaced: in rules, in scores and in what is shown
    when.
    """

    def shown(record: Any, **update: Any) -> Any:
        if record.shown_when is not None:
            update["shown_when"] = mapped(record.shown_when, other)
        return changed_record(record, **update)

    asked = catalog.questionnaire
    topics = tuple(
        shown(topic, questions=tuple(map(shown, topic.questions))) for topic in asked.topics
    )
    scores = tuple(
        changed_record(s, count=tuple(mapped(part, other) for part in s.count))
        for s in asked.scores
    )
    rules = {
        name: changed_record(rule, when=mapped(rule.when, other))
        for name, rule in catalog.rules.items()
    }
    return replace(catalog, questionnaire=Questionnaire(topics, scores), rules=rules)
