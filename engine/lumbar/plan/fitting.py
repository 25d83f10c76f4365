"""What fits into a plan: the minutes a person has, the limits of sections, the order of items."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lumbar.decision.decide import Decision, Recommended
from lumbar.plan.document import LeftOutReason
from lumbar.rulebook.items import Dose
from lumbar.rulebook.rules import Section


@dataclass
class Selection:
    """Items taken so far with their doses, within the limits of sections and of minutes."""

    minutes_left: int
    taken: dict[str, dict[str, Dose | None]] = field(default_factory=dict)
    refused: dict[str, LeftOutReason] = field(default_factory=dict)

    def spent(self, section: Section) -> int:
        """Return the minutes a day that a section takes so far of those that a person has."""
        taken = self.taken.get(section.id, {})
        paid = [dose for item, dose in taken.items() if item not in section.beside]
        return sum(dose.minutes for dose in paid if dose)

    def places(self, section: Section) -> int:
        """Return how many of a section's places are taken."""
        return len(self.taken.get(section.id, {}).keys() - section.beside)

    def offer(
        self, section: Section, item: str, doses: Sequence[Dose | None], at_most: int
    ) -> None:
        """Take the item in the first of these doses that fits; note why not where none does.

        An item that was taken before is raised to a dose that fits.
        """
        taken = self.taken.setdefault(section.id, {})
        if self.places(section) >= at_most and item not in taken:
            self.refused[item] = "no_room"
            return
        before = taken.get(item)
        for dose in doses:
            more = (dose.minutes if dose else 0) - (before.minutes if before else 0)
            if (
                section.minutes_at_most is not None
                and self.spent(section) + more > section.minutes_at_most
            ):
                self.refused[item] = "no_room"
            elif more > self.minutes_left:
                self.refused[item] = "no_time"
            else:
                taken[item] = dose
                self.minutes_left -= more
                break
        if item in taken:
            self.refused.pop(item, None)


def selected(decision: Decision) -> dict[str, Dose | None]:
    """Return the items that a plan shows, with their doses, without composing any words."""
    taken = select(decision).taken
    return {item: dose for section in taken.values() for item, dose in section.items()}


def select(decision: Decision) -> Selection:
    """Choose what is shown: what takes no time, the least of each section, more, then the doses.

    The least and more are gentle, so nobody with little time gets one long exercise in place of
    three short ones, and many wishes are answered before one is answered at length.
    """
    limits = decision.catalog.limits
    asked: Any = decision.catalog.questionnaire.questions[limits.minutes_question]
    minutes: Any = decision.answers.get(limits.minutes_question, asked.low)
    selection = Selection(minutes)
    ranked = [(section, _ranked(decision, section)) for section in limits.sections]
    for section, items in ranked:
        beside = {one.item: _doses(decision, one)[0] for one in items if one.item in section.beside}
        if beside:
            selection.taken[section.id] = beside
    paid = [
        (section, [one for one in items if one.item not in section.beside])
        for section, items in ranked
    ]
    for section, one in _flat(paid):
        selection.offer(section, one.item, _doses(decision, one)[-1:], section.at_least)
    for section, one in _flat(paid):
        if one.item not in selection.taken.get(section.id, ()):
            selection.offer(section, one.item, _doses(decision, one)[-1:], section.at_most)
    for section, one in _flat(paid):
        if one.item in selection.taken.get(section.id, ()):
            selection.offer(section, one.item, _doses(decision, one), section.at_most)
    return selection


def _flat(
    ranked: Sequence[tuple[Section, Sequence[Recommended]]],
) -> Iterator[tuple[Section, Recommended]]:
    return ((section, one) for section, items in ranked for one in items)


def _ranked(decision: Decision, section: Section) -> list[Recommended]:
    """Return what is recommended of a section: `first` first, then what more rules recommend."""
    mine = [
        one
        for one in decision.recommended
        if one.item in section.order and one.item not in decision.referred
    ]
    return sorted(
        mine,
        key=lambda one: (one.item not in section.first, -one.votes, section.order.index(one.item)),
    )


def _doses(decision: Decision, one: Recommended) -> tuple[Dose | None, ...]:
    """Return the dose asked for, else the gentlest, and those gentler than it, gentlest last."""
    doses = decision.catalog.items[one.item].doses
    place = next((place for place, dose in enumerate(doses) if dose.id == one.dose), 0)
    return tuple(reversed(doses[: place + 1])) or (None,)
