"""Safety properties: what must hold for everybody, in the condition language and a little more.

A property speaks of a person's answers, scores and findings, and of what came out: `urgency`,
`recommended(massage/*)` (one item of the group is offered), `avoided(tag:percussion)` (every item
of the group is kept out by a rule), `referred(practitioner/gp)`, `fired(ces-bladder)`,
`label(belt/support)`, `days(rest/relative_rest)` (the longest dose). `safety.lark` adds these to
the grammar of conditions; here they are names like any other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, model_validator

from lumbar.decision.decide import Decision
from lumbar.reading.yamlfile import Record
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import And, Condition, Facts, Not, Value, mapped, with_thresholds
from lumbar.rulebook.items import Words
from lumbar.rulebook.parsing import parse
from lumbar.rulebook.questionnaire import Number, OneOf, SeveralOf
from lumbar.rulebook.rules import matches

FILE = "rules/safety.yaml"
THIS = "this"
URGENCY = "urgency"
_GRAMMAR = Path(__file__).with_suffix(".lark")
_OUTCOME = re.compile(r"(\w+)\((.+)\)")


def parse_statement(text: Any) -> Condition:
    """Parse a statement of a property; raise ConditionError as `parsing.parse` does."""
    return parse(text, _GRAMMAR)


Statement = Annotated[Condition, PlainValidator(parse_statement)]
Group = Literal["red_flags", "emergency_red_flags", "ordered_questions"]


class Change(Record):
    """The answer to `this` moved from one of `before` to one of `after`, everything else equal.

    Where both are empty: moved to any answer that the questionnaire orders as worse.
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    never: Literal["lowers_urgency", "offers_what_was_avoided"]

    @model_validator(mode="after")
    def _both_or_none(self) -> "Change":
        if bool(self.before) != bool(self.after):
            raise ValueError("a change names the answers before and after, or neither")
        return self


class Property(Record):
    """One entry of `rules/safety.yaml`: for everybody `when` is true of, `always` is true and
    `never` is not.

    `for_each` says it once for every question of a group or list, as `this`. A property with a
    `change` compares two people who differ in that one answer.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: Words
    hazard: str
    for_each: Group | tuple[str, ...] = ()
    when: Statement | None = None
    always: Statement | None = None
    never: Statement | None = None
    change: Change | None = None
    source: str
    note: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> "Property":
        if sum(one is not None for one in (self.always, self.never, self.change)) != 1:
            raise ValueError("a property has exactly one of always, never and change")
        if self.change and not self.for_each:
            raise ValueError("a change needs for_each: the questions whose answers change")
        return self


@dataclass(frozen=True, slots=True)
class Claim:
    """A property about one question of its `for_each` (or about none), with names and thresholds
    put in.

    It is broken for a person for whom `when` is true and `must` is not. `change` is set instead of
    `must` where two people are compared.
    """

    prop: Property
    this: str
    when: Condition
    must: Condition | None

    @property
    def id(self) -> str:
        """The property's id, with the question where it is about one."""
        return f"{self.prop.id}[{self.this}]" if self.this else self.prop.id

    def broken(self, decision: Decision) -> bool:
        """Return whether a decision breaks the claim; one that compares two people is broken by no
        one person.
        """
        facts = observed(decision, self.when, self.must)
        return (
            self.must is not None
            and self.when.truth(facts) is True
            and self.must.truth(facts) is not True
        )


def claims(catalog: Catalog, prop: Property) -> Iterator[Claim]:
    """Yield what a property claims, once for each question it is about."""
    numbers = {name: one.value for name, one in catalog.thresholds.items()}
    when = prop.when or And(())
    must = prop.always or (Not(prop.never) if prop.never else None)

    def said(condition: Condition, this: str) -> Condition:
        about = mapped(condition, lambda one: replace(one, name=this) if one.name == THIS else one)
        return with_thresholds(about, numbers)

    for this in for_each(catalog, prop) or ("",):
        yield Claim(prop, this, said(when, this), said(must, this) if must else None)


def for_each(catalog: Catalog, prop: Property) -> tuple[str, ...]:
    """Return the questions a property is about, in the order they are asked."""
    if isinstance(prop.for_each, tuple):
        return prop.for_each
    return tuple(
        one.id for one in catalog.questionnaire.questions.values() if _belongs(one, prop.for_each)
    )


def _belongs(question: Number | OneOf | SeveralOf, group: Group) -> bool:
    if group == "ordered_questions":
        return not isinstance(question, SeveralOf) and question.better_to_worse is not None
    return question.red_flag == "emergency" or (
        group == "red_flags" and question.red_flag is not None
    )


def observed(decision: Decision, *conditions: Condition | None) -> Facts:
    """Return the facts of a decision together with those outcomes that the conditions speak of."""
    offered, avoided = decision.offered, decision.avoided
    known: dict[str, Value] = {URGENCY: decision.urgency}
    for name in {name for condition in conditions if condition for name in condition.reads}:
        said = outcome(name)
        value = _outcome(decision, offered, avoided, *said) if said else None
        if value is not None:
            known[name] = value
    return decision.settled.having(known)


def _outcome(
    decision: Decision, offered: frozenset[str], avoided: frozenset[str], verb: str, target: str
) -> Value | None:
    meant = targets(decision.catalog, target)
    if verb == "recommended":
        return not offered.isdisjoint(meant)
    if verb == "avoided":
        return avoided.issuperset(meant)
    if verb == "referred":
        return target in decision.referred
    return target in decision.fired if verb == "fired" else constant(decision.catalog, verb, target)


def outcome(name: str) -> tuple[str, str] | None:
    """Return verb and target of an outcome's name: ('avoided', 'massage/knock'); None for any other
    name.
    """
    found = _OUTCOME.fullmatch(name)
    return (found[1], found[2]) if found else None


def targets(catalog: Catalog, target: str) -> tuple[str, ...]:
    """Return the items that an item, a kind (`massage/*`) or a tag (`tag:percussion`) means."""
    return tuple(name for name, item in catalog.items.items() if matches(target, name, item.tags))


def constant(catalog: Catalog, verb: str, target: str) -> Value | None:
    """Return what `label(..)` or `days(..)` says of a group: the same for everybody, None where it
    is not one value.
    """
    items = [catalog.items[name] for name in targets(catalog, target)]
    if verb == "label":
        labels = {item.label for item in items}
        return labels.pop() if len(labels) == 1 else None
    days = [dose.days_at_most for item in items for dose in item.doses]
    return None if None in days else max((day for day in days if day is not None), default=None)
