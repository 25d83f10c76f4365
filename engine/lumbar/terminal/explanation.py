"""Why a plan says what it says, and rules in plain words, on a terminal."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from lumbar.plan.blocks import cited, standing
from lumbar.plan.document import LeftOut, Plan, PlanItem, PlanReferral, Reason, Said
from lumbar.plan.explain import WhatIf, WhyNot, condition_in_words, effects_in_words
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import Citation
from lumbar.rulebook.rules import STAGES, Example, Rule
from lumbar.rulebook.words import fill
from lumbar.terminal.page import listing

Found = Plan | PlanItem | PlanReferral | LeftOut | WhyNot | WhatIf
Lines = Iterator[str | RenderableType]


def show(lines: Lines, console: Console) -> None:
    """Print an explanation."""
    for line in lines:
        console.print(Text(line) if isinstance(line, str) else line)


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _paragraph(text: str) -> RenderableType:
    """Return a text that wraps under its own beginning."""
    return Padding(Text(text), (0, 0, 0, 2), expand=False)


def _titled(title: str, lines: Iterable[str]) -> Lines:
    yield _heading(title)
    yield listing(lines)


class Explanation:
    """Says why a plan says what it says, and what a rule says, line by line."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog, self.words, self.says = catalog, catalog.words, catalog.words.explain

    def of(self, found: Found) -> Lines:
        """Yield whatever `lumbar explain` found."""
        by_type: Any = {
            Plan: self.plan,
            PlanItem: self.item,
            PlanReferral: self.referral,
            LeftOut: self.left_out,
            WhyNot: self.why_not,
            WhatIf: self.what_if,
        }
        lines: Lines = by_type[type(found)](found)
        return lines

    def answers(self, answers: Iterable[Said]) -> RenderableType:
        not_answered = self.words.page.not_answered
        return listing(
            f"{one.name}: {one.answer or not_answered} [{one.question}]" for one in answers
        )

    def citations(self, citations: Iterable[Citation]) -> RenderableType:
        sources = self.catalog.sources
        return listing(
            cited(self.words, sources[one.source], one, f" [{one.source}]") for one in citations
        )

    def condition(self, rule: Rule) -> Lines:
        alternatives = condition_in_words(self.catalog, rule.when)
        several = len(alternatives) > 1
        for number, literals in enumerate(alternatives):
            if several or len(literals) > 1:
                first = self.says.either if several else self.says.all_of
                yield f"  {self.says.or_else if number else first}"
            yield listing(literals)

    def reasons(self, reasons: Iterable[Reason]) -> Lines:
        for reason in reasons:
            rule = self.catalog.rules[reason.rule]
            yield _heading(fill(self.says.rule, rule=rule.id, status=rule.status, title=rule.title))
            yield _paragraph(reason.because)
            yield f"  {self.says.rests_on}"
            yield self.answers(reason.answers)
            yield f"  {self.says.when_it_fires}"
            yield from self.condition(rule)
            yield f"  {self.says.evidence_for_rule}"
            yield self.citations(rule.evidence)
            if rule.note:
                yield _paragraph(f"{self.says.note}: {rule.note}")

    def plan(self, plan: Plan) -> Lines:
        says = self.says
        yield _heading(f"{plan.urgency.title} ({plan.urgency.level})")
        if plan.failure:
            yield fill(says.failure, failure=plan.failure)
        yield _heading(says.findings)
        yield listing(
            f"{name.replace('_', ' ')}{'' if value is True else f': {value}'}"
            for name, value in plan.findings.items()
        )
        yield from self.fired(plan)
        yield _heading(says.in_plan)
        items = (item for section in plan.sections for item in section.items)
        yield listing(
            fill(says.from_rules, item=_named(one, one.item), rules=_rules(one.because))
            for one in items
        )
        yield _heading(says.more_urgent)
        yield listing(
            fill(says.change, urgency=one.urgency, change=one.text, rules=", ".join(one.rules))
            for one in plan.would_change
        )
        yield _heading(says.left_out)
        by_reason = sorted(plan.left_out, key=lambda one: one.reason)
        for reason, group in groupby(by_reason, lambda one: one.reason):
            yield f"  {reason.replace('_', ' ')}:"
            yield listing(map(self.left_out_by, group))

    def fired(self, plan: Plan) -> Lines:
        for stage in STAGES:
            firings = [one for one in plan.firings if one.stage == stage]
            total = len(self.catalog.by_stage[stage])
            yield _heading(fill(self.says.fired_in, stage=stage, number=len(firings), total=total))
            for one in firings:
                name = f"{one.rule} ({standing(self.words, one)})"
                yield Text(f"  {name}: {one.title}", style="bold")
                yield self.answers(one.answers)

    def left_out_by(self, one: LeftOut) -> str:
        rules = _rules(one.because)
        return fill(self.says.left_out_by, item=one.item, rules=rules) if rules else one.item

    def item(self, item: PlanItem) -> Lines:
        yield _heading(fill(self.says.item_in_plan, item=_named(item, item.item)))
        if item.dose:
            yield fill(self.says.dose, dose=item.dose.id, text=item.dose.text)
        yield from self.reasons(item.because)
        yield _heading(fill(self.says.evidence_for_item, label=item.label.name))
        yield f"{item.label.meaning} {item.label.note}"
        yield listing(cited(self.words, one, one, f" [{one.source}]") for one in item.evidence)
        for detail in item.details:
            yield from _titled(detail.title, detail.lines)

    def referral(self, referral: PlanReferral) -> Lines:
        yield _heading(f"{_named(referral, referral.to)}: {referral.urgency}")
        yield from self.reasons(referral.because)

    def left_out(self, left_out: LeftOut) -> Lines:
        yield _heading(fill(self.says.item_left_out, item=_named(left_out, left_out.item)))
        yield left_out.text
        yield from self.reasons(left_out.because)

    def why_not(self, found: WhyNot) -> Lines:
        yield from self.left_out(found.left_out)
        if nearest := found.nearest:
            yield _heading(fill(self.says.nearest, rule=nearest.rule, title=nearest.title))
            yield self.says.would_fire
            yield listing(nearest.missing)

    def what_if(self, found: WhatIf) -> Lines:
        before, after = found.urgency_before, found.urgency_after
        yield from _titled(self.says.if_answered, found.changed.values())
        stays = fill(self.says.urgency_stays, urgency=after)
        becomes = fill(self.says.urgency_becomes, before=before, after=after)
        yield _heading(stays if before == after else becomes)
        for field, title in self.says.what_if:
            if names := getattr(found, field):
                yield from _titled(title, names)

    def rules(self) -> Lines:
        """Yield every rule by stage and topic."""
        catalog = self.catalog
        for stage in STAGES:
            number, forms = len(catalog.by_stage[stage]), self.says.rules_of_stage
            yield _heading(self.words.counted(forms, number, stage=stage.upper()))
            mine = [rule for rule in catalog.rules.values() if catalog.stage_of[rule.id] == stage]
            for topic, group in groupby(mine, lambda rule: catalog.topic_of[rule.id]):
                yield Text(f"  {topic.replace('_', ' ')}", style="bold")
                yield listing(f"{rule.id} ({rule.status}): {rule.title}" for rule in group)

    def rule(self, rule: Rule) -> Lines:
        """Yield one rule in plain words, with its evidence and examples."""
        says = self.says
        file = f"rules/{self.catalog.stage_of[rule.id]}/{self.catalog.topic_of[rule.id]}.yaml"
        yield _heading(f"{rule.title} [{rule.id}]")
        yield fill(says.rule_file, file=file, status=rule.status)
        yield _heading(says.when)
        yield from self.condition(rule)
        yield from _titled(says.then, effects_in_words(self.catalog, rule))
        texts = ((says.because, rule.because), (says.note, rule.note), (says.not_for, rule.not_for))
        for title, text in texts:
            if text:
                yield _heading(title)
                yield _paragraph(text)
        yield _heading(says.evidence)
        yield self.citations(rule.evidence)
        yield from _titled(says.examples, map(self.example, rule.examples))

    def example(self, example: Example) -> str:
        said = self.says.silent if example.fires is None else self.says.fires
        over = (self._given(name, value) for name, value in example.answers.items())
        answers = fill(said, answers="; ".join(over) or self.says.as_example)
        given: Any = example.gives.plain(short=True) if example.gives else {}
        gives = "; ".join(
            f"{name.replace('_', ' ')} {_listed(value)}" for name, value in given.items()
        )
        return fill(self.says.gives, answers=answers, gives=gives) if gives else answers

    def _given(self, name: str, value: Any) -> str:
        return f"{name} = {self.words.page.not_answered if value is None else _listed(value)}"


def _named(one: PlanItem | PlanReferral | LeftOut, item: str) -> str:
    return f"{one.name} [{item}]"


def _rules(reasons: Iterable[Reason]) -> str:
    return ", ".join(reason.rule for reason in reasons)


def _listed(value: Any) -> str:
    if isinstance(value, dict):
        value = [f"{name} {one}" if one else name for name, one in value.items()]
    return ", ".join(value) if isinstance(value, (tuple, list)) else str(value)
