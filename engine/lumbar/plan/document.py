"""The plan as a document: every part of what a person is shown and an integrator reads."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from lumbar.rulebook.items import Certainty, Direction, Dose, Kind, Label, Strength, Urgency

LeftOutReason = Literal["avoided", "urgent", "no_room", "no_time", "not_recommended"]


class Part(BaseModel):
    """What every part of a document has in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(Part):
    """An answer in the person's words; `answer` is empty where the question was not answered."""

    question: str
    name: str
    answer: str


class Reason(Part):
    """Why: the rule, its reason in plain words, and the answers that made it fire."""

    rule: str
    because: str
    answers: tuple[Said, ...]


class Evidence(Part):
    """A source behind an item or a rule."""

    source: str
    title: str
    publisher: str
    year: int | Literal["unknown"]
    link: str
    direction: Direction
    strength: Strength
    certainty: Certainty
    note: str


class LabelSaid(Part):
    """An evidence label in words."""

    id: Label
    name: str
    meaning: str
    note: str
    warning: str


class Detail(Part):
    """One heading of an item with its lines."""

    field: SkipJsonSchema[str] = Field(default="", exclude=True)  # for the layout, not in JSON
    title: str
    lines: tuple[str, ...]


class PlanItem(Part):
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


class Step(Part):
    """One thing to do today: what, how much, and a `warning` where its evidence calls for one."""

    item: str
    name: str
    text: str
    warning: str


class NotNow(Part):
    """A wish that the plan does not grant, and why; `answers` are what was said that is against it.

    `rule` is empty where no rule is against it, but the limits of a plan.
    """

    items: tuple[str, ...]
    name: str
    text: str
    rule: str
    answers: tuple[Said, ...]


class PlanReferral(Part):
    """Somebody to see, how soon, and why."""

    to: str
    name: str
    urgency: Urgency
    how_soon: str
    because: tuple[Reason, ...]
    details: tuple[Detail, ...]


class PlanSection(Part):
    """A section of the plan."""

    id: str
    title: str
    intro: str
    minutes: int
    items: tuple[PlanItem, ...]


class LeftOut(Part):
    """An item that is not in the plan, and why; `wanted_by` rules would have recommended it."""

    item: str
    name: str
    reason: LeftOutReason
    text: str
    because: tuple[Reason, ...]
    wanted_by: tuple[str, ...]


class Firing(Part):
    """A rule that fired, and the answers it relied on; `signed` is whether a signature holds."""

    rule: str
    title: str
    stage: str
    status: str
    signed: bool
    because: str
    answers: tuple[Said, ...]
    evidence: tuple[Evidence, ...]


class WouldChange(Part):
    """A change of one answer that would make it more urgent to be seen."""

    question: str
    answer: str
    text: str
    urgency: Urgency
    what_then: str
    rules: tuple[str, ...]


class UrgencySaid(Part):
    """How soon somebody should see the person; `because` is the first reason, if a rule has one."""

    level: Urgency
    title: str
    how_soon: str
    action: str
    because: Reason | None


class Safety(Part):
    """When to seek help, and when to stop; `come_back` is the short list for this person."""

    come_back: tuple[str, ...]
    go_now: tuple[str, ...]
    same_day: tuple[str, ...]
    stop_rules: tuple[str, ...]
    while_you_wait: tuple[str, ...]


class Review(Part):
    """When to answer again; `on` is a day where the answers say when they were given."""

    after_days: int
    on: str | None
    text: str


class Provenance(Part):
    """What made this plan: the same answers, rules and signatures give the same bytes."""

    program: str
    rule_set: str
    sha256: str
    engines: tuple[str, ...]
    rules_fired: int
    rules_signed: int
    review_note: str


class Plan(Part):
    """The whole plan, in JSON for integrators; `failure` is empty unless nothing was decided.

    It is read in layers: now (`urgency`), `today` with what was wished for and is `not_now`, when
    to come back (`safety_net`), how to do each (`sections`), the weeks after, and all the rest.
    """

    format: Literal["lumbar-plan/2"] = "lumbar-plan/2"
    urgency: UrgencySaid
    failure: str
    today: tuple[Step, ...]
    not_now: tuple[NotNow, ...]
    pain_limit: str
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
