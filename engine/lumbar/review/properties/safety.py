"""Safety properties: what must hold for everybody, in the condition language and a little more.

A property speaks of a person's answers, scores and findings, and of what came out: `urgency`,
`recommended(massage/*)` (one item of the group is offered), `avoided(tag:percussion)` (every item
of the group is kept out by a rule), `referred(practitioner/gp)`, `fired(ces-bladder)`,
`label(belt/support)`, `days(rest/relative_rest)` (the longest dose). `safety.lark` adds these to
the grammar of conditions; here they are names like any other.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, model_validator

from lumbar.decision.decide import Decision
from lumbar.reading.model import Model
from lumbar.reading.yamlfile import Loc, YamlFile
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import (
    And,
    Bare,
    Condition,
    Facts,
    Not,
    Value,
    mapped,
    with_thresholds,
)
from lumbar.rulebook.items import Words, labels_of
from lumbar.rulebook.parsing import parse
from lumbar.rulebook.questionnaire import NONE

FILE = "rules/safety.yaml"
THIS = "this"
URGENCY = "urgency"
_GRAMMAR = Path(__file__).with_suffix(".lark")
_OUTCOME = re.compile(r"(\w+)\((.+)\)")


def parse_statement(text: Any) -> Condition:
    """Parse a statement of a property; raise ConditionError as `parsing.parse` does."""
    return parse(text, _GRAMMAR)


Statement = Annotated[Condition, PlainValidator(parse_statement)]
Group = Literal["signs", "decisive_signs", "several_signs", "ordered_questions"]
_BELONGS: Mapping[Group, Callable[[Any], bool]] = {
    "signs": lambda question: question.kind in {"decisive", "contributing"},
    "decisive_signs": lambda question: question.kind == "decisive",
    "several_signs": lambda question: question.kind and question.harmless == (NONE,),
    "ordered_questions": lambda question: getattr(question, "better_to_worse", None) is not None,
}


class AnswerChange(Model):
    """The answer to `this` changed from one of `before` to one of `after`, everything else equal.

    Where both are empty: changed to any answer that is worse as the questionnaire orders them, and
    where several can be picked, to any that says more.
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    never: Literal["lowers_urgency", "offers_what_was_avoided"]

    @model_validator(mode="after")
    def _both_or_none(self) -> "AnswerChange":
        if bool(self.before) != bool(self.after):
            raise ValueError("a change names the answers before and after, or neither")
        return self


class _Said(Model):
    """What the heading of a table says for all its rows, or a row for itself."""

    hazard: str = ""
    source: str = ""
    note: str = ""
    for_each: Group | tuple[str, ...] = ()
    when: Statement | None = None
    always: Statement | None = None
    never: Statement | None = None
    keeps_out: tuple[Words, ...] = ()
    change: AnswerChange | None = None


class Property(_Said):
    """One row of `rules/safety.yaml`, with what its heading says for it.

    For everybody `when` is true of, `always` is true, `never` is not, and `keeps_out` is avoided.
    `for_each` says it once for every question of a group or list, as `this`. A property with a
    `change` compares two people who differ in that one answer.
    """

    heading: str = ""
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: Words

    @property
    def must(self) -> Condition | None:
        """What is true of everybody it is about; None where two people are compared."""
        kept = tuple(Bare(f"avoided({one})") for one in self.keeps_out)
        if kept:
            return And(kept) if len(kept) > 1 else kept[0]
        return self.always or (Not(self.never) if self.never else None)


class Table(_Said):
    """One entry of `rules/safety.yaml`: a claim as its heading, and the rows it is made for."""

    heading: Words
    rows: tuple[Property, ...] = Field(min_length=1)


def properties(file: YamlFile) -> Iterator[tuple[Loc, Property]]:
    """Yield the properties of a file's tables, each with its place and with what its heading says.

    What is wrong with one becomes a problem of the file.
    """
    tables: tuple[Table, ...] = file.read(tuple[Table, ...]) or ()
    for place, table in enumerate(tables):
        shared = {name: getattr(table, name) for name in table.model_fields_set - {"rows"}}
        for number, row in enumerate(table.rows):
            loc, prop = (place, "rows", number), row.model_copy(update=shared)
            twice = next((name for name in shared if name in row.model_fields_set), "")
            said = f"its heading says '{twice}' already" if twice else _unclear(prop)
            if said:
                file.problems.append(file.problem(loc, "bad-property", f"'{prop.id}': {said}"))
            yield loc, prop


def _unclear(prop: Property) -> str:
    for name in ("hazard", "source"):
        if not getattr(prop, name):
            return f"neither the row nor its heading names a {name}"
    if sum(map(bool, (prop.always, prop.never, prop.keeps_out, prop.change))) != 1:
        return "a property has exactly one of always, never, keeps_out and change"
    if prop.change and not prop.for_each:
        return "a change needs for_each: the questions whose answers change"
    return ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A property about one question of its `for_each` (or about none), thresholds put in.

    It is broken for a person for whom `when` is true and `must` is not. There is no `must` where
    two people are compared.
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
        """Return whether a decision breaks the claim; one that compares two people never is."""
        if self.must is None:
            return False
        facts = observed(decision, self.when, self.must)
        return self.when.truth(facts) is True and self.must.truth(facts) is not True


def claims(catalog: Catalog, prop: Property) -> Iterator[Claim]:
    """Yield what a property claims, once for each question it is about."""
    numbers = {name: one.value for name, one in catalog.thresholds.items()}
    when = prop.when or And(())

    def said(condition: Condition, this: str) -> Condition:
        about = mapped(condition, lambda one: replace(one, name=this) if one.name == THIS else one)
        return with_thresholds(about, numbers)

    for this in for_each(catalog, prop) or ("",):
        yield Claim(prop, this, said(when, this), said(prop.must, this) if prop.must else None)


def for_each(catalog: Catalog, prop: Property) -> tuple[str, ...]:
    """Return the questions a property is about, in the order they are asked."""
    if isinstance(prop.for_each, tuple):
        return prop.for_each
    belongs = _BELONGS[prop.for_each]
    return tuple(one.id for one in catalog.questionnaire.questions.values() if belongs(one))


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
    meant = decision.catalog.meant(target)
    if verb == "recommended":
        return not offered.isdisjoint(meant)
    if verb == "avoided":
        return avoided.issuperset(meant)
    if verb == "referred":
        return target in decision.referred
    return target in decision.fired if verb == "fired" else constant(decision.catalog, verb, target)


def outcome(name: str) -> tuple[str, str] | None:
    """Return verb and target of an outcome's name, ('avoided', 'massage/knock'), or None."""
    found = _OUTCOME.fullmatch(name)
    return (found[1], found[2]) if found else None


def constant(catalog: Catalog, verb: str, target: str) -> Value | None:
    """Return what `label(..)` or `days(..)` says of a group; None where it is not one value."""
    items = [catalog.items[name] for name in catalog.meant(target)]
    if verb == "label":
        labels = {label for item in items for label in labels_of(item)}
        return labels.pop() if len(labels) == 1 else None
    days = [dose.days_at_most for item in items for dose in item.doses]
    return None if None in days else max((day for day in days if day is not None), default=None)
