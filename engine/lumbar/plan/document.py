"""The plan as a document: every part of what a person is shown and an integrator reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from lumbar.reading.jsontext import json_text
from lumbar.reading.record import Record
from lumbar.rulebook.items import Certainty, Direction, Dose, Kind, Label, Strength, Urgency

LeftOutReason = Literal["avoided", "urgent", "no_room", "no_time", "not_recommended"]


class _ForLayout:
    """Marks what is for the layout of a page, and no part of the document."""

    def __get_pydantic_json_schema__(self, *_: object) -> Any:
        from pydantic_core import PydanticOmit

        raise PydanticOmit


def to_json(part: Record) -> str:
    """Return a plan, or a part of one, as JSON: the same bytes for the same plan."""
    return json_text(part)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a plan."""
    from pydantic import TypeAdapter

    return TypeAdapter(Plan).json_schema()


class Said(Record):
    """An answer in the person's words; `answer` is empty where the question was not answered."""

    in_many_plans = True
    question: str
    name: str
    answer: str


class Reason(Record):
    """Why: the rule, its reason in plain words, and the answers that made it fire."""

    in_many_plans = True
    rule: str
    because: str
    answers: tuple[Said, ...]


class Evidence(Record):
    """A source behind an item or a rule."""

    in_many_plans = True
    source: str
    title: str
    publisher: str
    year: int | Literal["unknown"]
    link: str
    direction: Direction
    strength: Strength
    certainty: Certainty
    note: str


class LabelSaid(Record):
    """An evidence label in words."""

    in_many_plans = True
    id: Label
    name: str
    meaning: str
    note: str
    warning: str


class Detail(Record):
    """One heading of an item with its lines."""

    in_many_plans = True
    field: Annotated[str, _ForLayout()] = ""
    title: str
    lines: tuple[str, ...]
    for_layout = frozenset({"field"})


class PlanItem(Record):
    """One item of the plan, ready to be shown; of `because` the most specific reason is first."""

    item: str
    kind: Kind
    name: str
    summary: str
    dose: Dose | None
    details: tuple[Detail, ...]
    label: LabelSaid
    because: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]


class Step(Record):
    """One thing to do today: what, how much, and a `warning` where its evidence calls for one."""

    item: str
    name: str
    text: str
    warning: str


class NotNow(Record):
    """A wish that the plan does not grant, and why; `answers` are what was said that is against it.

    `rule` is empty where no rule is against it, but the limits of a plan.
    """

    items: tuple[str, ...]
    name: str
    text: str
    rule: str
    answers: tuple[Said, ...]


class Followed(Record):
    """How an answer changed: as it was when the first plan was made, last time, and now."""

    question: str
    name: str
    first: str
    last: str
    now: str


class SinceLast(Record):
    """What changed since last time, and what comes of it."""

    followed: tuple[Followed, ...]
    because: tuple[Reason, ...]


class PlanReferral(Record):
    """Somebody to see, how soon, and why."""

    to: str
    name: str
    urgency: Urgency
    how_soon: str
    because: tuple[Reason, ...]
    details: tuple[Detail, ...]


class PlanSection(Record):
    """A section of the plan."""

    id: str
    title: str
    intro: str
    minutes: int
    items: tuple[PlanItem, ...]


class LeftOut(Record):
    """An item that is not in the plan, and why; `wanted_by` rules would have recommended it."""

    in_many_plans = True
    item: str
    name: str
    reason: LeftOutReason
    text: str
    because: tuple[Reason, ...]
    wanted_by: tuple[str, ...]


class Firing(Record):
    """A rule that fired, and the answers it relied on; `signed` is whether a signature holds."""

    in_many_plans = True
    rule: str
    title: str
    stage: str
    status: str
    signed: bool
    because: str
    answers: tuple[Said, ...]
    evidence: tuple[Evidence, ...]


class WouldChange(Record):
    """A change of one answer that would make it more urgent to be seen."""

    in_many_plans = True
    question: str
    answer: str
    text: str
    urgency: Urgency
    what_then: str
    rules: tuple[str, ...]


class UrgencySaid(Record):
    """How soon somebody should see the person; `because` is the first reason, if a rule has one."""

    level: Urgency
    title: str
    how_soon: str
    action: str
    because: Reason | None


class Safety(Record):
    """When to seek help, and when to stop; `come_back` is the short list for this person."""

    come_back: tuple[str, ...]
    go_now: tuple[str, ...]
    same_day: tuple[str, ...]
    stop_rules: tuple[str, ...]
    while_you_wait: tuple[str, ...]


class Review(Record):
    """When to answer again; `on` is a day where the answers say when they were given."""

    after_days: int
    on: str | None
    text: str


class Provenance(Record):
    """What made this plan: the same answers, rules and signatures give the same bytes."""

    program: str
    rule_set: str
    sha256: str
    engines: tuple[str, ...]
    rules_fired: int
    rules_signed: int
    review_note: str


class Plan(Record):
    """The whole plan, in JSON for integrators; `failure` is empty unless nothing was decided.

    It is read in layers: now (`urgency`), for somebody who comes again what changed (`since_last`;
    never beside a sign that should be seen within days or sooner), `today` with what was wished for
    and is `not_now`, when to come back (`safety_net`), how to do each (`sections`), the weeks
    after, and all the rest.
    """

    format: Literal["lumbar-plan/2"] = "lumbar-plan/2"
    urgency: UrgencySaid
    failure: str
    today: tuple[Step, ...]
    not_now: tuple[NotNow, ...]
    pain_limit: str
    since_last: SinceLast | None
    referrals: tuple[PlanReferral, ...]
    sections: tuple[PlanSection, ...]
    left_out: tuple[LeftOut, ...]
    would_change: tuple[WouldChange, ...]
    safety_net: Safety
    review: Review
    findings: Mapping[str, str | bool]
    firings: tuple[Firing, ...]
    limits: tuple[str, ...]
    provenance: Provenance
