"""What the pages of a plan show of it."""

from typing import Any

from lumbar.plan.blocks import card, layers
from lumbar.plan.document import Plan
from lumbar.rulebook.words import WordsFile


def layered(words: WordsFile, plan: Plan) -> dict[str, Any]:
    """Return the layers of a plan, and the number of the page of each thing to do."""
    first, *rest = layers(plan, words)
    items = _items(plan)
    numbers = {one.item: number for number, one in enumerate(items, 1)}
    named = {one.name: numbers[one.item] for one in items}
    return {"plan": plan, "first": first, "rest": rest, "numbers": numbers, "named": named}


def how(words: WordsFile, plan: Plan, number: int) -> dict[str, Any] | None:
    """Return what the page of the n-th thing to do needs; None where there is none."""
    items = _items(plan)
    if not 1 <= number <= len(items):
        return None
    item = items[number - 1]
    blocks = [one for one in card(plan, words, item) if one.kind != "item"]
    following = items[number] if number < len(items) else None
    return {"item": item, "blocks": blocks, "number": number, "following": following}


def _items(plan: Plan) -> list[Any]:
    return [one for section in plan.sections for one in section.items]
