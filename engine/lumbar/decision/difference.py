"""How two decisions differ: one answer for what-if, impact, mutation and proofs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from lumbar.decision.decide import Decision
from lumbar.rulebook.items import Urgency


class Pairs(dict[str, tuple[Any, Any]]):
    """By name what was before and what is after, only where that differs; None is for not there."""

    @property
    def added(self) -> tuple[str, ...]:
        """The names that are only there after."""
        return tuple(name for name, (before, _) in self.items() if before is None)

    @property
    def removed(self) -> tuple[str, ...]:
        """The names that were only there before."""
        return tuple(name for name, (_, after) in self.items() if after is None)


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two decisions; false where nothing does.

    `offered` has items with their doses; `avoided` the items that rules keep out.
    """

    urgency: tuple[Urgency, Urgency] | None
    failure: tuple[str, str] | None
    referrals: Pairs
    offered: Pairs
    avoided: Pairs
    findings: Pairs
    fired: Pairs

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))


def doses(decision: Decision) -> dict[str, str]:
    """Return the items that a decision offers, each with its dose; blank where it has none.

    The gentlest is meant where no rule asks for one.
    """
    items = decision.catalog.items
    return {
        one.item: one.dose or next((dose.id for dose in items[one.item].doses), "")
        for one in decision.recommended
    }


def difference(
    before: Decision, after: Decision, offered: Callable[[Decision], Mapping[str, str]] = doses
) -> Difference:
    """Return how a decision differs from another; `offered` tells items with their doses."""

    def pairs(told: Callable[[Decision], Mapping[str, Any]]) -> Pairs:
        was, now = told(before), told(after)
        unlike = (name for name in {**was, **now} if was.get(name) != now.get(name))
        return Pairs({name: (was.get(name), now.get(name)) for name in unlike})

    return Difference(
        urgency=_pair(before.urgency, after.urgency),
        failure=_pair(before.failure, after.failure),
        referrals=pairs(lambda one: {each.to: each.urgency for each in one.referrals}),
        offered=pairs(offered),
        avoided=pairs(lambda one: dict.fromkeys(sorted(one.avoided), True)),
        findings=pairs(lambda one: one.findings),
        fired=pairs(lambda one: dict.fromkeys(one.fired, True)),
    )


def _pair(before: Any, after: Any) -> tuple[Any, Any] | None:
    return None if before == after else (before, after)
