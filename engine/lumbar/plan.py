"""A decision composed for a person: what to do, in which order, how much, why, and what was left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from lumbar.changes import changes, in_words
from lumbar.content import Called, Citation, Dose, Item, Kind, Label, Urgency, kind_of
from lumbar.decide import Decision, Recommended, Referral
from lumbar.rules import Section

LeftOutReason = Literal["avoided", "urgent", "no_room", "no_time", "not_recommended"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Part):
    """An answer in the person's words; `answer` is empty where the question was not answered."""

    question: str
    name: str
    answer: str


class Reason(_Part):
    """Why: the rule, its reason in plain words, and the answers that made it fire."""

    rule: str
    because: str
    answers: tuple[Said, ...]


class Evidence(_Part):
    """A source behind an item or a rule."""

    source: str
    title: str
    publisher: str
    year: int | Literal["unknown"]
    link: str
    direction: str
    strength: str
    certainty: str
    note: str


class LabelSaid(_Part):
    """An evidence label in words."""

    id: Label
    name: str
    meaning: str
    note: str


class Detail(_Part):
    """One heading of an item with its lines."""

    title: str
    lines: tuple[str, ...]


class PlanItem(_Part):
    """One item of the plan, ready to be shown."""

    item: str
    kind: Kind
    name: str
    summary: str
    dose: Dose | None
    details: tuple[Detail, ...]
    label: LabelSaid
    because: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]


class PlanReferral(_Part):
    """Somebody to see, how soon, and why."""

    to: str
    name: str
    urgency: Urgency
    how_soon: str
    because: tuple[Reason, ...]
    details: tuple[Detail, ...]


class PlanSection(_Part):
    """A section of the plan."""

    id: str
    title: str
    intro: str
    minutes: int
    items: tuple[PlanItem, ...]


class LeftOut(_Part):
    """An item that is not in the plan, and why; `wanted_by` are the rules that would have recommended it."""

    item: str
    name: str
    reason: LeftOutReason
    text: str
    because: tuple[Reason, ...]
    wanted_by: tuple[str, ...]


class Firing(_Part):
    """A rule that fired, with the answers it relied on and its standing."""

    rule: str
    title: str
    stage: str
    status: str
    because: str
    answers: tuple[Said, ...]
    evidence: tuple[Evidence, ...]


class WouldChange(_Part):
    """A change of one answer that would make it more urgent to be seen."""

    question: str
    answer: str
    text: str
    urgency: Urgency
    what_then: str
    rules: tuple[str, ...]


class UrgencySaid(_Part):
    """How soon somebody should see the person."""

    level: Urgency
    title: str
    how_soon: str
    action: str


class Safety(_Part):
    """When to seek help, and when to stop."""

    go_now: tuple[str, ...]
    same_day: tuple[str, ...]
    stop_rules: tuple[str, ...]
    while_you_wait: tuple[str, ...]


class Review(_Part):
    """When to answer the questions again; `on` is a day where the answers say when they were given."""

    after_days: int
    on: str | None
    text: str


class Provenance(_Part):
    """What made this plan: the same answers and the same rule set give the same bytes."""

    program: str
    rule_set: str
    sha256: str
    engines: tuple[str, ...]
    rules_fired: int
    rules_reviewed: int
    review_note: str


class Plan(_Part):
    """The whole plan; its JSON form is what integrators read. `failure` is empty unless no decision could be made."""

    format: Literal["lumbar-plan/1"] = "lumbar-plan/1"
    urgency: UrgencySaid
    failure: str
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


@dataclass
class _Selection:
    """Items taken so far with their doses, within the limits of each section and the minutes the person has."""

    minutes_left: int
    taken: dict[str, dict[str, Dose | None]] = field(default_factory=dict)
    refused: dict[str, LeftOutReason] = field(default_factory=dict)

    def spent(self, section: Section) -> int:
        """Return the minutes a day that a section takes so far."""
        return sum(dose.minutes for dose in self.taken.get(section.id, {}).values() if dose)

    def offer(self, section: Section, item: str, doses: Sequence[Dose | None], at_most: int) -> None:
        """Take the item in the first of these doses that fits; note why not where none does.

        An item that was taken before is raised to a dose that fits.
        """
        taken = self.taken.setdefault(section.id, {})
        if len(taken) >= at_most and item not in taken:
            self.refused[item] = "no_room"
            return
        before = taken.get(item)
        for dose in doses:
            more = (dose.minutes if dose else 0) - (before.minutes if before else 0)
            if section.minutes_at_most is not None and self.spent(section) + more > section.minutes_at_most:
                self.refused[item] = "no_room"
            elif more > self.minutes_left:
                self.refused[item] = "no_time"
            else:
                taken[item] = dose
                self.minutes_left -= more
                break
        if item in taken:
            self.refused.pop(item, None)


class _Composer:
    """Composes one decision; every list follows the order of the catalog."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.catalog = decision.catalog
        self.fills = decision.catalog.operator.model_dump()

    def said(self, text: str) -> str:
        """Return a text with the operator's words filled in."""
        for name, words in self.fills.items():
            text = text.replace(f"{{{name}}}", words)
        return text

    def lines(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.said, texts))

    def answers(self, questions: Iterable[str]) -> tuple[Said, ...]:
        asked, given = self.catalog.questionnaire.questions, self.decision.answers
        return tuple(
            Said(
                question=name, name=asked[name].name, answer=asked[name].in_words(given[name]) if name in given else ""
            )
            for name in questions
        )

    def reasons(self, rules: Iterable[str]) -> tuple[Reason, ...]:
        return tuple(
            Reason(
                rule=name,
                because=self.said(self.catalog.rules[name].because),
                answers=self.answers(self.decision.rests_on(name)),
            )
            for name in rules
        )

    def evidence(self, citations: Iterable[Citation]) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(
                title=(source := self.catalog.sources[one.source]).title,
                publisher=source.publisher,
                year=source.year,
                link=source.link,
                **one.model_dump(),
            )
            for one in citations
        )

    def select(self) -> _Selection:
        """Choose what is shown: every section's least in the gentlest doses, then the doses asked for, then more.

        So nobody with little time gets one long exercise in place of three short ones. Items that more rules
        recommend come first, then those earlier in the order of `rules/plan.yaml`.
        """
        limits = self.catalog.limits
        low = self.catalog.questionnaire.questions[limits.minutes_question].low  # type: ignore[union-attr]
        minutes = self.decision.answers.get(limits.minutes_question, low)
        selection = _Selection(minutes)  # type: ignore[arg-type]
        for section in limits.sections:
            for one in self._ranked(section):
                selection.offer(section, one.item, self._doses(one)[-1:], section.at_least)
        for section in limits.sections:
            for item in [*selection.taken.get(section.id, ())]:
                one = next(one for one in self.decision.recommended if one.item == item)
                selection.offer(section, item, self._doses(one), section.at_most)
        for section in limits.sections:
            for one in self._ranked(section):
                if one.item not in selection.taken.get(section.id, ()):
                    selection.offer(section, one.item, self._doses(one), section.at_most)
        return selection

    def _ranked(self, section: Section) -> list[Recommended]:
        referred = {referral.to for referral in self.decision.referrals}
        mine = [one for one in self.decision.recommended if one.item in section.order and one.item not in referred]
        return sorted(mine, key=lambda one: (-one.votes, section.order.index(one.item)))

    def _doses(self, one: Recommended) -> tuple[Dose | None, ...]:
        """Return the dose asked for and the gentler ones, the gentlest last; where none is asked for, the gentlest."""
        doses = self.catalog.items[one.item].doses
        place = next((place for place, dose in enumerate(doses) if dose.id == one.dose), 0)
        return tuple(reversed(doses[: place + 1])) or (None,)

    def sections(self, selection: _Selection) -> Iterator[PlanSection]:
        for section in self.catalog.limits.sections:
            taken = selection.taken.get(section.id, {})
            chosen = [one for one in self.decision.recommended if one.item in taken]
            if chosen:
                words = self.catalog.words.sections[section.kind]
                yield PlanSection(
                    id=section.id,
                    title=words.title,
                    intro=self.said(words.intro),
                    minutes=selection.spent(section),
                    items=tuple(
                        self.item(one, taken[one.item])
                        for one in sorted(chosen, key=lambda one: section.order.index(one.item))
                    ),
                )

    def item(self, one: Recommended, dose: Dose | None) -> PlanItem:
        item = self.catalog.items[one.item]
        label = self.catalog.words.labels[item.label]
        return PlanItem(
            item=one.item,
            kind=kind_of(one.item),  # type: ignore[arg-type]
            name=item.name,
            summary=self.said(item.summary),
            dose=dose and dose.model_copy(update={"text": self.said(dose.text)}),
            details=tuple(self.details(item)),
            label=LabelSaid(id=item.label, name=label.name, meaning=label.meaning, note=self.said(item.label_note)),
            because=self.reasons(one.rules),
            evidence=self.evidence(item.evidence),
        )

    def details(self, item: Item) -> Iterator[Detail]:
        """Yield what an item says about itself, under the headings of its kind."""
        for title, name in _HEADINGS:
            value: Any = getattr(item, name, None)
            if isinstance(value, Called):
                value = f"{value.english}, {value.pinyin} {value.characters}"
            if value:
                yield Detail(title=title, lines=self.lines((value,) if isinstance(value, str) else value))

    def referral(self, referral: Referral) -> PlanReferral:
        item = self.catalog.items[referral.to]
        return PlanReferral(
            to=referral.to,
            name=item.name,
            urgency=referral.urgency,
            how_soon=self.said(self.catalog.words.urgency[referral.urgency].how_soon),
            because=self.reasons(referral.rules),
            details=tuple(self.details(item)),
        )

    def left_out(self, selection: _Selection, shown: set[str]) -> Iterator[LeftOut]:
        withheld = {one.item: one for one in self.decision.withheld}
        wanted = {one.item: one.rules for one in self.decision.recommended}
        for name, item in self.catalog.items.items():
            if name in shown:
                continue
            held = withheld.get(name)
            otherwise = "urgent" if self.decision.failure else selection.refused.get(name, "not_recommended")
            reason: Any = held.reason if held else otherwise
            text = getattr(self.catalog.words.left_out, reason)
            yield LeftOut(
                item=name,
                name=item.name,
                reason=reason,
                text=text,
                because=self.reasons(held.rules) if held else (),
                wanted_by=held.wanted_by if held else wanted.get(name, ()),
            )

    def would_change(self) -> Iterator[WouldChange]:
        for change in changes(self.decision):
            question = self.catalog.questionnaire.questions[change.question]
            yield WouldChange(
                question=change.question,
                answer=question.in_words(change.answer),
                text=in_words(self.catalog, change, self.decision.answers.get(change.question)),
                urgency=change.urgency,
                what_then=self.said(self.catalog.words.urgency[change.urgency].how_soon),
                rules=change.rules,
            )

    def firings(self) -> Iterator[Firing]:
        for name in self.decision.fired:
            rule = self.catalog.rules[name]
            yield Firing(
                rule=name,
                title=rule.title,
                stage=self.catalog.stage_of[name],
                status=rule.status,
                because=self.said(rule.because),
                answers=self.answers(self.decision.rests_on(name)),
                evidence=self.evidence(rule.evidence),
            )

    def urgency(self) -> UrgencySaid:
        level = self.decision.urgency
        words = self.catalog.words.urgency[level]
        failed = self.catalog.words.fail_closed
        unsure = self.decision.failure and level != "emergency"
        title, action = (failed.title, failed.action) if unsure else (words.title, words.action)
        return UrgencySaid(
            level=level, title=self.said(title), how_soon=self.said(words.how_soon), action=self.said(action)
        )

    def safety(self) -> Safety:
        net = self.catalog.safety_net
        waiting: Mapping[str, tuple[str, ...]] = net.while_you_wait  # type: ignore[assignment]
        return Safety(
            go_now=self.lines(net.go_now),
            same_day=self.lines(net.same_day),
            stop_rules=self.lines(net.stop_rules),
            while_you_wait=self.lines(waiting.get(self.decision.urgency, ())),
        )

    def review(self, answered_on: str | None) -> Review:
        recheck = self.catalog.safety_net.recheck[self.decision.urgency]
        return Review(
            after_days=recheck.after_days, on=_later(answered_on, recheck.after_days), text=self.said(recheck.text)
        )

    def provenance(self) -> Provenance:
        rules = [self.catalog.rules[name] for name in self.decision.fired]
        reviewed = sum(rule.status == "reviewed" for rule in rules)
        note = self.catalog.words.not_scored_by_clinician
        note = note.replace("{reviewed}", str(reviewed)).replace("{total}", str(len(rules)))
        return Provenance(
            program=f"lumbar {program_version()}",
            rule_set=self.catalog.limits.version,
            sha256=self.catalog.sha256,
            engines=self.decision.engines,
            rules_fired=len(rules),
            rules_reviewed=reviewed,
            review_note=note,
        )


def _later(day: str | None, days: int) -> str | None:
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat() if day else None
    except OverflowError:  # the calendar ends
        return None


def _in_order(chosen: Iterable[Recommended], section: Section) -> list[Recommended]:
    return sorted(chosen, key=lambda one: section.order.index(one.item))


_HEADINGS: tuple[tuple[str, str], ...] = (
    ("Also called", "called"),
    ("How soon", "how_soon"),
    ("Why them", "why_them"),
    ("Position", "position"),
    ("Hands", "hands"),
    ("Where", "where"),
    ("What to do", "steps"),
    ("It should feel", "should_feel"),
    ("It should not feel", "should_not_feel"),
    ("When to do more", "progress"),
    ("How much pain is all right", "pain_gate"),
    ("Stop if", "stop_if"),
    ("Not for you if", "not_for"),
    ("What to ask", "ask"),
    ("What to tell them", "tell"),
    ("What to bring", "bring"),
    ("What the source says", "source_says"),
    ("What we changed", "we_changed"),
)


def program_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("lumbar")
    except PackageNotFoundError:
        return "unknown"


def make_plan(decision: Decision, answered_on: str | None = None) -> Plan:
    """Compose a decision into a plan; `answered_on` is the day of the answers (2026-11-22), for the day of review."""
    composer = _Composer(decision)
    selection = composer.select()
    sections = tuple(composer.sections(selection))
    referrals = tuple(map(composer.referral, decision.referrals))
    shown = {item.item for section in sections for item in section.items} | {one.to for one in referrals}
    return Plan(
        urgency=composer.urgency(),
        failure=decision.failure,
        referrals=referrals,
        sections=sections,
        left_out=tuple(composer.left_out(selection, shown)),
        would_change=tuple(composer.would_change()),
        safety_net=composer.safety(),
        review=composer.review(answered_on),
        findings={name: value for name, value in decision.findings.items() if isinstance(value, (str, bool))},
        firings=tuple(composer.firings()),
        limits=composer.lines(decision.catalog.words.limits),
        provenance=composer.provenance(),
    )
