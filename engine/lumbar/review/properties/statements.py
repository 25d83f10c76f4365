"""What is wrong with what a safety property says: a name, option or outcome that cannot be.

A statement about something that never happens holds for everybody and protects nobody, so it is
refused.
"""

from collections.abc import Iterator
from functools import partial
from typing import get_args

from lumbar.reading.problems import did_you_mean, listed
from lumbar.review.properties.safety import (
    THIS,
    URGENCY,
    AnswerChange,
    Claim,
    Property,
    claims,
    constant,
    outcome,
)
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Bare, Clause, Comparison, Membership, clauses
from lumbar.rulebook.items import URGENCIES, Label, kind_of
from lumbar.rulebook.names import Names
from lumbar.rulebook.questionnaire import OneOf, SeveralOf


def fault(catalog: Catalog, prop: Property) -> str:
    """Return what is wrong with what a property says, or an empty text."""
    return next(filter(None, _wrong(catalog, prop)), "")


def _wrong(catalog: Catalog, prop: Property) -> Iterator[str]:
    questions = catalog.questionnaire.questions
    for name in prop.for_each if isinstance(prop.for_each, tuple) else ():
        if name not in questions:
            yield _near(f"there is no question '{name}'", did_you_mean(name, questions))
            return
    yield _idle_list(prop)
    of_clause = partial(_of_clause, catalog, _names(catalog))
    for claim in claims(catalog, prop):
        yield from map(of_clause, _said(claim))
        if prop.change:
            yield _of_change(catalog, claim.this, prop.change)


def _idle_list(prop: Property) -> str:
    """Tell of listed questions that nothing speaks of, and of `this` without a list."""
    said = (name for part in (prop.when, prop.must) if part for name in part.reads)
    spoken = bool(prop.change) or THIS in said
    if prop.for_each and not spoken:
        return f"'for_each' lists questions, but no statement speaks of '{THIS}'"
    return f"'{THIS}' means nothing without 'for_each'" if spoken and not prop.for_each else ""


def _said(claim: Claim) -> Iterator[Clause]:
    for part in (claim.when, claim.must):
        if part is not None:
            yield from (clause for clause, _ in clauses(part))


def _names(catalog: Catalog) -> Names:
    """Return the names of a catalog: properties are held to the language of the rules."""
    questions = catalog.questionnaire
    rules = ((catalog.stage_of[name], rule) for name, rule in catalog.rules.items())
    scores = (score.id for score in questions.scores)
    return Names(questions.questions.values(), scores, catalog.thresholds, rules)


def _of_clause(catalog: Catalog, names: Names, clause: Clause) -> str:
    if said := outcome(clause.name):
        return _of_target(catalog, *said) or _of_outcome(catalog, clause, *said)
    if clause.name == URGENCY:
        return _of_values(clause, URGENCIES)
    found = names.complaint(clause)
    return _near(found[1], found[2]) if found else ""


def _of_target(catalog: Catalog, verb: str, target: str) -> str:
    """Say where an outcome is of something that there is not."""
    if verb == "referred":
        known = [name for name in catalog.items if kind_of(name) == "practitioner"]
        said = f"nobody is referred to '{target}'; allowed: {listed(known)}"
        return "" if target in known else said
    if verb == "fired":
        running = [rule.id for rule in catalog.in_force]
        near = did_you_mean(target, running)
        return "" if target in running else _near(f"there is no rule in force '{target}'", near)
    near = did_you_mean(target, catalog.items)
    return "" if catalog.meant(target) else _near(f"'{target}' means no item", near)


def _of_outcome(catalog: Catalog, clause: Clause, verb: str, target: str) -> str:
    """Say where an outcome is asked for in a way that does not fit it."""
    if verb not in {"label", "days"}:
        right = isinstance(clause, Bare)
        return "" if right else f"'{clause.name}' is true or false; write it alone"
    if verb == "label" and (wrong := _of_values(clause, get_args(Label))):
        return wrong
    if verb == "days" and not isinstance(getattr(clause, "value", None), int):
        return f"'{clause.name}' is a number of days; compare it with one"
    fixed = constant(catalog, verb, target) is not None
    return "" if fixed else f"'{clause.name}' is not one value: items differ in it or have none"


def _of_values(clause: Clause, known: tuple[str, ...]) -> str:
    fits = isinstance(clause, (Comparison, Membership))
    if not fits or getattr(clause, "operator", "==") not in {"==", "!="}:
        return f"'{clause.name}' is compared with ==, != or in"
    wrong = next((one for one in clause.values if one not in known), None)
    return "" if wrong is None else f"'{clause.name}' is never '{wrong}'; allowed: {listed(known)}"


def _of_change(catalog: Catalog, this: str, change: AnswerChange) -> str:
    question = catalog.questionnaire.questions[this]
    if not change.before:
        ordered = isinstance(question, SeveralOf) or question.better_to_worse
        return "" if ordered else f"the answers to '{this}' have no order, so none is worse"
    options = question.labels if isinstance(question, OneOf) else {}
    wrong = next((one for one in (*change.before, *change.after) if one not in options), None)
    return "" if wrong is None else f"'{this}' is never '{wrong}'; allowed: {listed(options)}"


def _near(message: str, hint: str) -> str:
    return f"{message}; {hint}" if hint else message
