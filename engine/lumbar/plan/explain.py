"""Why, why not, and what if: the trace of a decision in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lumbar.decision.decide import Decision, decide
from lumbar.decision.difference import difference
from lumbar.intake.answers import Place, nowhere
from lumbar.plan.document import LeftOut, Plan, PlanItem, PlanReferral
from lumbar.plan.fitting import selected
from lumbar.reading.problems import did_you_mean
from lumbar.reading.record import Record
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import (
    Answered,
    Comparison,
    Condition,
    Inclusion,
    Literal,
    Membership,
    Not,
    Or,
    Unanswered,
    conjunctions,
    untrue,
)
from lumbar.rulebook.questionnaire import OneOf, SeveralOf
from lumbar.rulebook.rules import Conclude, Recommend, Refer, Rule
from lumbar.rulebook.words import fill

_COMPARED = {  # an operator's words
    "==": "equal",
    "!=": "unequal",
    "<": "under",
    "<=": "at_most",
    ">": "over",
    ">=": "at_least",
}


class Nearest(Record):
    """The rule that came nearest to recommending an item, and what was missing for it to fire."""

    rule: str
    title: str
    missing: tuple[str, ...]


class WhyNot(Record):
    """Why an item is not in the plan; `nearest` where no rule recommended it."""

    left_out: LeftOut
    nearest: Nearest | None


class WhatIf(Record):
    """How a plan would differ with some answers changed."""

    changed: Mapping[str, str]
    dropped: tuple[str, ...]
    urgency_before: str
    urgency_after: str
    items_added: tuple[str, ...]
    items_removed: tuple[str, ...]
    referrals_added: tuple[str, ...]
    referrals_removed: tuple[str, ...]
    rules_now_firing: tuple[str, ...]
    rules_now_silent: tuple[str, ...]


class UnknownNameError(Exception):
    """Nothing has the name that was asked for."""

    def __init__(self, what: str, name: str, known: Mapping[str, Any]) -> None:
        hint = did_you_mean(name, known)
        super().__init__(f"there is no {what} '{name}'" + (f"; {hint}" if hint else ""))


def why(plan: Plan, catalog: Catalog, item: str) -> PlanItem | PlanReferral | LeftOut:
    """Return what the plan says of an item: in it, referred to, left out; UnknownNameError."""
    if item not in catalog.items:
        raise UnknownNameError("item", item, catalog.items)
    every: dict[str, PlanItem | PlanReferral | LeftOut] = {one.item: one for one in plan.left_out}
    every |= {one.to: one for one in plan.referrals}
    every |= {one.item: one for section in plan.sections for one in section.items}
    return every[item]


def why_not(decision: Decision, plan: Plan, item: str) -> WhyNot | None:
    """Return why an item is left out, or None where it is in the plan; raise UnknownNameError."""
    found = why(plan, decision.catalog, item)
    if not isinstance(found, LeftOut):
        return None
    return WhyNot(
        left_out=found,
        nearest=_nearest(decision, item) if found.reason == "not_recommended" else None,
    )


def _nearest(decision: Decision, item: str) -> Nearest | None:
    catalog = decision.catalog
    rules = (rule for rule in catalog.in_force if _offers(rule, item))
    missing = {rule.id: untrue(rule.when, decision.settled) for rule in rules}
    if not missing:
        return None
    nearest = min(missing, key=lambda rule: len(missing[rule]))
    words = tuple(in_words(catalog, literal) for literal in missing[nearest])
    return Nearest(rule=nearest, title=catalog.rules[nearest].title, missing=words)


def _offers(rule: Rule, item: str) -> bool:
    effects = (effect for effect in rule.then if isinstance(effect, (Recommend, Refer)))
    return any(
        item == (effect.recommend if isinstance(effect, Recommend) else effect.refer)
        for effect in effects
    )


def what_if(before: Decision, changed: Mapping[str, Any], place: Place = nowhere) -> WhatIf:
    """Compare the plan of a decision with the plan when raw answers are laid over its answers.

    Answers to questions that are no longer asked are dropped, and named. Raises BadAnswersError.
    """
    catalog = before.catalog
    answers, dropped = before.answers.having(changed, place)
    after = decide(catalog, answers)
    differs = difference(before, after, offered=_in_plan)
    return WhatIf(
        changed={name: catalog.questionnaire.in_words(name, answers[name]) for name in changed},
        dropped=dropped,
        urgency_before=before.urgency,
        urgency_after=after.urgency,
        items_added=tuple(sorted(differs.offered.added)),
        items_removed=tuple(sorted(differs.offered.removed)),
        referrals_added=tuple(sorted(differs.referrals.added)),
        referrals_removed=tuple(sorted(differs.referrals.removed)),
        rules_now_firing=differs.fired.added,
        rules_now_silent=differs.fired.removed,
    )


def _in_plan(decision: Decision) -> dict[str, str]:
    return {item: dose.id if dose else "" for item, dose in selected(decision).items()}


def in_words(catalog: Catalog, literal: Literal) -> str:
    """Return a clause, or a negated one, as a clinician would say it."""
    says = catalog.words.explain.conditions
    negated = isinstance(literal, Not)
    clause: Any = literal.part if isinstance(literal, Not) else literal
    value = ""
    if isinstance(clause, Comparison):
        text, value = getattr(says, _COMPARED[clause.operator]), _value(catalog, clause)
    elif isinstance(clause, Membership):
        text = says.unequal if negated else says.equal
        labels = (_label(catalog, clause.name, one) for one in clause.values)
        value = catalog.words.joined(catalog.words.lists.either, labels)
    elif isinstance(clause, Inclusion):
        text = says.excludes if negated else says.includes
        value = _label(catalog, clause.name, clause.option)
    elif isinstance(clause, (Answered, Unanswered)):
        text = says.unanswered if isinstance(clause, Answered) is negated else says.answered
    else:
        text = says.not_found if negated else says.found
    return fill(text, name=name_in_words(catalog, clause.name), value=value)


def name_in_words(catalog: Catalog, name: str) -> str:
    """Return a question, score or finding by its plain name."""
    question = catalog.questionnaire.questions.get(name)
    if question:
        return f"'{question.name}'"
    score = next((one for one in catalog.questionnaire.scores if one.id == name), None)
    return f"'{score.title}'" if score else f"'{name.replace('_', ' ')}'"


def _label(catalog: Catalog, name: str, value: int | str) -> str:
    question = catalog.questionnaire.questions.get(name)
    if isinstance(question, (OneOf, SeveralOf)):
        return f'"{question.labels[str(value)]}"'
    return str(value)


def _value(catalog: Catalog, clause: Comparison) -> str:
    unit = getattr(catalog.questionnaire.questions.get(clause.name), "unit", "")
    named = f" ({clause.threshold.replace('_', ' ')})" if clause.threshold else ""
    return f"{_label(catalog, clause.name, clause.value)}{' ' + unit if unit else ''}{named}"


def condition_in_words(catalog: Catalog, condition: Condition) -> tuple[tuple[str, ...], ...]:
    """Return the alternatives of a condition, each a list of clauses that must all hold."""
    parts = condition.parts if isinstance(condition, Or) else (condition,)
    return tuple(
        tuple(in_words(catalog, literal) for literal in literals)
        for part in parts
        for literals in conjunctions(part)
    )


def effects_in_words(catalog: Catalog, rule: Rule) -> Iterator[str]:
    """Yield what a rule does, one line an effect."""
    says = catalog.words.explain.effects
    for effect in rule.then:
        if isinstance(effect, Conclude):
            text = says.concludes_value if effect.value else says.concludes
            finding = effect.conclude.replace("_", " ")
            yield fill(text, finding=finding, value=effect.value)
        elif isinstance(effect, Refer):
            name, urgency = catalog.items[effect.refer].name, effect.urgency
            how_soon = catalog.words.urgency[urgency].how_soon
            yield fill(says.refers, name=name, urgency=urgency, how_soon=how_soon)
        elif isinstance(effect, Recommend):
            text = says.recommends_dose if effect.dose else says.recommends
            name = catalog.items[effect.recommend].name
            yield fill(text, name=name, item=effect.recommend, dose=effect.dose)
        else:
            yield fill(says.avoids, item=effect.avoid)
