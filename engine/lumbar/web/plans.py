"""What the pages of a plan show of it."""

from collections.abc import Iterable
from typing import Any

from lumbar.decision.decide import Decision
from lumbar.plan.blocks import Block, before_doing, card, layers, stops_of_several
from lumbar.plan.composing import make_plan
from lumbar.plan.document import Plan, PlanItem
from lumbar.plan.summary import summary, to_take_along
from lumbar.rulebook.words import WordsFile, fill

_MOVED = frozenset({"exercise", "massage"})  # the kinds that are done one after the other


def layered(words: WordsFile, plan: Plan) -> dict[str, Any]:
    """Return the layers of a plan, and the number of the page of each thing to do."""
    first, *rest = layers(plan, words, cards=False)
    items = _items(plan)
    numbers = {one.item: number for number, one in enumerate(items, 1)}
    return {
        "plan": plan,
        "first": first,
        "rest": rest,
        "numbers": numbers,
        "named": {one.name: numbers[one.item] for one in items},
        "moving": bool(movements(plan)),
    }


def how(words: WordsFile, plan: Plan, number: int) -> dict[str, Any] | None:
    """Return what the page of the n-th thing to do needs; None where there is none."""
    items = _items(plan)
    if not 1 <= number <= len(items):
        return None
    item = items[number - 1]
    shown = [one for one in card(plan, words, item) if one.kind != "item"]
    every = [one for one in card(plan, words, item, whole=True) if one.kind != "item"]
    text = fill(words.page.evidence, label=item.label.name, note=item.label.note).rstrip()
    because = (Block("text", (one.because,)) for one in item.because[:1])
    return {
        "item": item,
        "blocks": shown,
        "more": [*because, Block("label", (text,)), *every[len(shown) :]],
        "number": number,
        "following": items[number] if number < len(items) else None,
    }


def movements(plan: Plan) -> tuple[PlanItem, ...]:
    """Return the movements of today, in their order."""
    items = {one.item: one for one in _items(plan)}
    today = (items[step.item] for step in plan.today)
    return tuple(one for one in today if one.kind in _MOVED)


def movement(words: WordsFile, plan: Plan, number: int) -> dict[str, Any] | None:
    """Return what the page of the n-th movement of today needs, or that after the last one;
    None where there is none.
    """
    moved = movements(plan)
    if not moved or not 1 <= number <= len(moved) + 1:
        return None
    if number > len(moved):
        return {"item": None, "number": number, "total": len(moved), "plan": plan}
    item = moved[number - 1]
    dose = fill(words.page.how_much, dose=item.dose.text) if item.dose else ""
    blocks = [one for one in card(plan, words, item) if one.kind != "item" and one.lines != (dose,)]
    return {
        "item": item,
        "blocks": blocks,
        "number": number,
        "total": len(moved),
        "following": moved[number] if number < len(moved) else None,
        "plan": plan,
    }


def on_paper(words: WordsFile, decision: Decision, plan: Plan, day: str) -> dict[str, Any]:
    """Return what a plan is on two sides of paper; who must be seen takes along what they said."""
    first, *rest = layers(plan, words, cards=False)
    items = {one.item: one for one in _items(plan)}
    today = {step.item: items.pop(step.item) for step in plan.today}
    stops = stops_of_several(today.values())
    urgent = bool(plan.safety_net.while_you_wait)
    return {
        "plan": plan,
        "first": first,
        "cards": {name: _on_card(words, plan, one, stops) for name, one in today.items()},
        "stops": stops,
        "before": list(before_doing(plan, words)),
        "also": "; ".join(one.name for one in items.values()),
        "week": [one for layer in rest if layer.title == words.page.week for one in layer.blocks],
        "along": list(to_take_along(decision, plan, day)) if urgent else [],
    }


def _on_card(words: WordsFile, plan: Plan, item: PlanItem, told: Iterable[str] = ()) -> list[Block]:
    """Return how to do a thing whose name and dose stand above it, less what was told before."""
    dose = fill(words.page.how_much, dose=item.dose.text) if item.dose else ""
    blocks = card(plan, words, item, told=frozenset(told))
    return [one for one in blocks if one.kind != "item" and one.lines != (dose,)]


def emergency(decision: Decision, day: str) -> dict[str, Any]:
    """Return what to do now, what to say, and what to take along."""
    plan = make_plan(decision, day)
    reasons = (
        one for seen in plan.referrals if seen.urgency == "emergency" for one in seen.because
    )
    said = (
        f"{one.name}: {one.answer}" for reason in reasons for one in reason.answers if one.answer
    )
    return {
        "plan": plan,
        "signs": "; ".join(dict.fromkeys(said)),
        "along": list(to_take_along(decision, plan, day)),
    }


def summed_up(decision: Decision, plan: Plan, day: str) -> dict[str, Any]:
    """Return the summary for a practitioner."""
    return {"plan": plan, "blocks": list(summary(decision, plan, day))}


def _items(plan: Plan) -> list[PlanItem]:
    return [one for section in plan.sections for one in section.items]
