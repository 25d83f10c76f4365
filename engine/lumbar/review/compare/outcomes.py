"""What comes out for one person under one rule set, and in which ways two outcomes differ, worst
first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lumbar.decision.decide import Decision
from lumbar.plan.fitting import selected
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import URGENCIES, Urgency

Kind = Literal[
    "urgency_lowered", "urgency_raised", "no_decision", "decision_again", "referrals_dropped", "referrals_added",
    "items_removed", "items_added", "doses_changed", "no_longer_kept_out", "newly_kept_out",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)  # in the order in which a clinician should look at them
IN_WORDS: Mapping[Kind, str] = {
    "urgency_lowered": "Urgency LOWERED",
    "urgency_raised": "Urgency raised",
    "no_decision": "No safe decision any more",
    "decision_again": "A decision where there was none",
    "referrals_dropped": "Referral dropped, or later",
    "referrals_added": "Referral added, or sooner",
    "items_removed": "Item no longer offered",
    "items_added": "Item newly offered",
    "doses_changed": "Dose changed",
    "no_longer_kept_out": "Item no longer kept out",
    "newly_kept_out": "Item newly kept out",
}
Differences = dict[
    Kind, tuple[str, ...]
]  # what differs, a line each: 'emergency to routine', 'massage/knead'


@dataclass(frozen=True)
class Outcome:
    """What was decided: how soon, whom to see and how soon, what is offered in which dose, and what
    is kept out.

    `failure` is set where the rules contradict each other: then only the way to be seen today is
    left.
    """

    urgency: Urgency
    referrals: Mapping[str, Urgency]
    items: Mapping[str, str]
    kept_out: frozenset[str]
    fired: tuple[str, ...]
    failure: bool = False


FAILED = Outcome(
    "same_day", {"practitioner/same_day": "same_day"}, {}, frozenset(), (), failure=True
)


def of_decision(decision: Decision) -> Outcome:
    """Return everything that a decision offers, whether or not a plan has room for it."""
    items = {
        one.item: dose_of(decision.catalog, one.item, one.dose) for one in decision.recommended
    }
    return _outcome(decision, items)


def of_plan(decision: Decision) -> Outcome:
    """Return what a plan of the decision shows; a dose is told with its minutes."""
    if decision.failure:
        return FAILED
    taken = selected(decision)
    return _outcome(
        decision,
        {item: f"{dose.id} ({dose.minutes} min)" if dose else "" for item, dose in taken.items()},
    )


def _outcome(decision: Decision, items: Mapping[str, str]) -> Outcome:
    return Outcome(
        urgency=decision.urgency,
        referrals={one.to: one.urgency for one in decision.referrals},
        items=items,
        kept_out=decision.avoided,
        fired=decision.fired,
        failure=bool(decision.failure),
    )


def dose_of(catalog: Catalog, item: str, dose: str | None) -> str:
    """Return the dose that is meant: the gentlest where no rule asks for one, nothing where the
    item has none.
    """
    return dose or next((one.id for one in catalog.items[item].doses), "")


def differences(old: Outcome, new: Outcome) -> Differences:
    """Return in which ways the new outcome differs; a way in which it does not is left out."""
    urgency = f"{old.urgency} to {new.urgency}"
    later = _moved(old.referrals, new.referrals)
    sooner = _moved(new.referrals, old.referrals)
    both = old.items.keys() & new.items.keys()
    found: dict[Kind, Any] = {
        "urgency_lowered": [urgency] if lower(old.urgency, new.urgency) else (),
        "urgency_raised": [urgency] if lower(new.urgency, old.urgency) else (),
        "no_decision": ["the rules contradict each other"]
        if new.failure and not old.failure
        else (),
        "decision_again": ["the rules agree"] if old.failure and not new.failure else (),
        "referrals_dropped": [
            referral(to, old.referrals[to], new.referrals.get(to)) for to in later
        ],
        "referrals_added": [
            referral(to, old.referrals.get(to), new.referrals[to]) for to in sooner
        ],
        "items_removed": old.items.keys() - new.items.keys(),
        "items_added": new.items.keys() - old.items.keys(),
        "doses_changed": [
            dose(item, old.items[item], new.items[item])
            for item in both
            if old.items[item] != new.items[item]
        ],
        "no_longer_kept_out": old.kept_out - new.kept_out,
        "newly_kept_out": new.kept_out - old.kept_out,
    }
    return {kind: tuple(sorted(found[kind])) for kind in KINDS if found[kind]}


def lower(old: Urgency, new: Urgency) -> bool:
    """Return whether the new urgency is the less urgent one."""
    return URGENCIES.index(new) > URGENCIES.index(old)


def _moved(more: Mapping[str, Urgency], less: Mapping[str, Urgency]) -> list[str]:
    """Return whom the first refers to and the second does not, or less urgently."""
    return [to for to, urgency in more.items() if to not in less or lower(urgency, less[to])]


def referral(to: str, old: Urgency | None, new: Urgency | None) -> str:
    """Return a referral that changed, on one line."""
    if old and new:
        return f"{to}: {old} to {new}"
    return f"{to} ({old or new})"


def dose(item: str, old: str, new: str) -> str:
    """Return a dose that changed, on one line."""
    return f"{item}: {old or 'none'} to {new or 'none'}"
