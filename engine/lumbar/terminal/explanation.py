"""Explanations and rules on a terminal."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from lumbar.plan.document import Evidence, LeftOut, Plan, PlanItem, PlanReferral, Reason
from lumbar.plan.explain import WhatIf, WhyNot, condition_in_words, effects_in_words
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import Citation
from lumbar.rulebook.rules import STAGES, Example, Rule
from lumbar.terminal import page


def explanation(
    found: Plan | PlanItem | PlanReferral | LeftOut | WhyNot | WhatIf,
    catalog: Catalog,
    console: Console,
) -> None:
    """Print whatever `lumbar explain` found."""
    lines: Any = {
        Plan: _plan,
        PlanItem: _item,
        PlanReferral: _referral,
        LeftOut: _left_out,
        WhyNot: _why_not,
        WhatIf: _what_if,
    }[type(found)]
    for line in lines(found, catalog):
        console.print(line if not isinstance(line, str) else Text(line))


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _answers(reason: Any) -> Iterator[str]:
    for said in reason.answers:
        yield f"{said.name}: {said.answer or 'not answered'} [{said.question}]"


def _cited(source: Any, one: Evidence | Citation) -> str:
    grade = (
        f"{one.direction}, strength {one.strength}, certainty {one.certainty.replace('_', ' ')}."
    )
    return f"{source.title} ({source.publisher}, {source.year}) [{one.source}]: {grade} {one.note}".rstrip()


def _reasons(reasons: Iterable[Reason], catalog: Catalog) -> Iterator[Any]:
    for reason in reasons:
        rule = catalog.rules[reason.rule]
        yield _heading(f"Rule {reason.rule} ({rule.status}): {rule.title}")
        yield f"  {reason.because}"
        yield "  Your answers it rests on:"
        yield page.listing(_answers(reason))
        yield "  When it fires:"
        yield from _condition(catalog, rule)
        yield "  Evidence for the rule:"
        yield page.listing(_citations(catalog, rule.evidence))
        if rule.note:
            yield f"  Note for clinicians: {rule.note}"


def _citations(catalog: Catalog, citations: Iterable[Citation]) -> Iterator[str]:
    return (_cited(catalog.sources[one.source], one) for one in citations)


def _condition(catalog: Catalog, rule: Rule) -> Iterator[Any]:
    alternatives = condition_in_words(catalog, rule.when)
    for number, literals in enumerate(alternatives):
        lead = "either" if number == 0 and len(alternatives) > 1 else "or" if number else "all of"
        yield f"  {lead}:"
        yield page.listing(literals)


def _plan(plan: Plan, catalog: Catalog) -> Iterator[Any]:
    yield _heading(f"{plan.urgency.title} ({plan.urgency.level})")
    if plan.failure:
        yield f"No safe decision could be made: {plan.failure}."
    yield _heading("Findings")
    yield page.listing(
        f"{name.replace('_', ' ')}{'' if value is True else f': {value}'}"
        for name, value in plan.findings.items()
    )
    for stage in STAGES:
        firings = [one for one in plan.firings if one.stage == stage]
        yield _heading(
            f"Rules that fired in {stage} ({len(firings)} of {len(catalog.by_stage[stage])})"
        )
        for one in firings:
            yield Text(f"  {one.rule} ({page.standing(one)}): {one.title}", style="bold")
            yield page.listing(_answers(one))
    yield _heading("In the plan")
    yield page.listing(
        f"{item.name} [{item.item}] from {', '.join(r.rule for r in item.because)}"
        for s in plan.sections
        for item in s.items
    )
    yield _heading("What would make it more urgent")
    yield page.listing(
        f"{one.urgency}: if {one.text} [{', '.join(one.rules)}]" for one in plan.would_change
    )
    yield _heading("Left out")
    for reason, group in groupby(
        sorted(plan.left_out, key=lambda one: one.reason), key=lambda one: one.reason
    ):
        yield f"  {reason.replace('_', ' ')}:"
        yield page.listing(f"{one.item}{_by(one)}" for one in group)


def _by(one: LeftOut) -> str:
    return f" by {', '.join(reason.rule for reason in one.because)}" if one.because else ""


def _item(item: PlanItem, catalog: Catalog) -> Iterator[Any]:
    yield _heading(f"{item.name} [{item.item}] is in the plan")
    if item.dose:
        yield f"Dose '{item.dose.id}': {item.dose.text}"
    yield from _reasons(item.because, catalog)
    yield _heading(f"Evidence for the item: {item.label.name}")
    yield f"{item.label.meaning} {item.label.note}"
    yield page.listing(_cited(one, one) for one in item.evidence)
    for detail in item.details:
        yield _heading(detail.title)
        yield page.listing(detail.lines)


def _referral(referral: PlanReferral, catalog: Catalog) -> Iterator[Any]:
    yield _heading(f"{referral.name} [{referral.to}]: {referral.urgency}")
    yield from _reasons(referral.because, catalog)


def _left_out(left_out: LeftOut, catalog: Catalog) -> Iterator[Any]:
    yield _heading(f"{left_out.name} [{left_out.item}] is left out")
    yield left_out.text
    yield from _reasons(left_out.because, catalog)


def _why_not(found: WhyNot, catalog: Catalog) -> Iterator[Any]:
    yield from _left_out(found.left_out, catalog)
    if found.nearest:
        yield _heading(f"The nearest rule is {found.nearest.rule}: {found.nearest.title}")
        yield "It would fire if, besides what is true already:"
        yield page.listing(found.nearest.missing)


def _what_if(found: WhatIf, _: Catalog) -> Iterator[Any]:
    yield _heading("If you had answered")
    yield page.listing(found.changed.values())
    same = found.urgency_before == found.urgency_after
    yield _heading(
        f"Urgency: {'stays ' if same else f'{found.urgency_before} becomes '}{found.urgency_after}"
    )
    parts = {
        "Added to the plan": found.items_added,
        "No longer in the plan": found.items_removed,
        "Also refers to": found.referrals_added,
        "No longer refers to": found.referrals_removed,
        "Rules that would fire": found.rules_now_firing,
        "Rules that would fall silent": found.rules_now_silent,
        "No longer asked, so dropped": found.dropped,
    }
    for title, names in parts.items():
        if names:
            yield _heading(title)
            yield page.listing(names)


def rule_list(catalog: Catalog, console: Console) -> None:
    """Print every rule by stage and topic."""
    for stage in STAGES:
        console.print(_heading(f"{stage.upper()} ({len(catalog.by_stage[stage])} rules)"))
        mine = [rule for rule in catalog.rules.values() if catalog.stage_of[rule.id] == stage]
        for topic, group in groupby(mine, key=lambda rule: catalog.topic_of[rule.id]):
            console.print(Text(f"  {topic.replace('_', ' ')}", style="bold"))
            console.print(
                page.listing(f"{rule.id} ({rule.status}): {rule.title}" for rule in group)
            )


def rule(catalog: Catalog, rule: Rule, console: Console) -> None:
    """Print one rule in plain English, with its evidence and examples."""
    stage, topic = catalog.stage_of[rule.id], catalog.topic_of[rule.id]
    console.print(_heading(f"{rule.title} [{rule.id}]"))
    console.print(Text(f"rules/{stage}/{topic}.yaml, status {rule.status}"))
    console.print(_heading("When"))
    console.print(Text(f"  {rule.when}", style="dim"))
    for line in _condition(catalog, rule):
        console.print(line)
    console.print(_heading("Then it"))
    console.print(page.listing(effects_in_words(catalog, rule)))
    console.print(_heading("Because (the person reads this)"))
    console.print(Text(f"  {rule.because}"))
    for title, text in (("Note for clinicians", rule.note), ("Not for", rule.not_for)):
        if text:
            console.print(_heading(title))
            console.print(Text(f"  {text}"))
    console.print(_heading("Evidence"))
    console.print(page.listing(_citations(catalog, rule.evidence)))
    console.print(_heading("Examples (laid over the example person)"))
    console.print(
        page.listing(
            f"{'fires' if one.fires is not None else 'silent'}: {_over(one.answers)}{_gives(one)}"
            for one in rule.examples
        )
    )


def _gives(example: Example) -> str:
    """Return what an example says its person gets, to be read after its answers."""
    said: Any = example.gives.model_dump(exclude_defaults=True) if example.gives else {}
    parts = (f"{name.replace('_', ' ')} {_named(value)}" for name, value in said.items())
    return f" (gives {'; '.join(parts)})" if said else ""


def _named(value: Any) -> str:
    if isinstance(value, str):
        return value
    return (
        ", ".join(f"{name} {one}" for name, one in value.items())
        if isinstance(value, dict)
        else ", ".join(value)
    )


def _over(answers: Any) -> str:
    said = (
        f"{name} = {', '.join(value) if isinstance(value, tuple) else value}"
        for name, value in answers.items()
    )
    return "; ".join(said) or "the example person as it is"
