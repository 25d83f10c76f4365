"""The ways in which two decisions can differ, worst first, and somebody who shows each."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, computed_field

from lumbar.decision.difference import Difference
from lumbar.rulebook.items import URGENCIES, Urgency

Kind = Literal[
    "urgency_lowered", "urgency_raised", "no_decision", "decision_again", "referrals_dropped",
    "referrals_added", "items_removed", "items_added", "doses_changed", "no_longer_kept_out",
    "newly_kept_out",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)  # in the order in which a clinician should look at them
TITLES: Mapping[Kind, str] = {
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
CONTRADICT, AGREE = "the rules contradict each other", "the rules agree"
# Whom somebody is to see, and how soon, where the rules contradict each other.
TO_BE_SEEN: tuple[str, Urgency] = ("practitioner/same_day", "same_day")
# What differs, a line each: 'emergency to routine', 'massage/knead'.
Told = dict[Kind, tuple[str, ...]]


def by_kind(found: Difference) -> Told:
    """Return in which ways two decisions differ; a way in which they do not is left out."""
    lines: dict[Kind, list[str]] = {kind: [] for kind in KINDS}
    for kind, line in _lines(found):
        lines[kind].append(line)
    return {kind: tuple(sorted(mine)) for kind, mine in lines.items() if mine}


def _lines(found: Difference) -> Iterator[tuple[Kind, str]]:
    if found.urgency:
        kind: Kind = "urgency_lowered" if lower(*found.urgency) else "urgency_raised"
        yield kind, f"{found.urgency[0]} to {found.urgency[1]}"
    if found.failure and not all(found.failure):
        yield ("no_decision", CONTRADICT) if found.failure[1] else ("decision_again", AGREE)
    for to, (first, then) in found.referrals.items():
        dropped = not then or (first is not None and lower(first, then))
        yield "referrals_dropped" if dropped else "referrals_added", referral(to, first, then)
    for item, (was, now) in found.offered.items():
        if was is None or now is None:
            yield "items_added" if was is None else "items_removed", item
        else:
            yield "doses_changed", dose(item, was, now)
    for item, (kept_out, _) in found.avoided.items():
        yield "no_longer_kept_out" if kept_out else "newly_kept_out", item


def lower(old: Urgency, new: Urgency) -> bool:
    """Return whether the new urgency is the less urgent one."""
    return URGENCIES.index(new) > URGENCIES.index(old)


def referral(to: str, old: Urgency | None, new: Urgency | None) -> str:
    """Return a referral that differs, on one line."""
    return f"{to}: {old} to {new}" if old and new else f"{to} ({old or new})"


def dose(item: str, old: str, new: str) -> str:
    """Return a dose that differs, on one line."""
    return f"{item}: {old or 'none'} to {new or 'none'}"


class Case(BaseModel):
    """A person for whom something differs: `shows` of its kind, `differences` all in all.

    `unusual` are the answers that are not those of the example person of the new rules; `file`
    holds the answers where they were saved.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    shows: tuple[str, ...]
    answers: dict[str, Any]
    unusual: dict[str, Any]
    differences: Told
    file: Path | None = None


class Consequences(BaseModel):
    """What differs for somebody; a kind without cases is proved to happen to nobody.

    `another_number_of_rules` is somebody for whom the same is offered but a plan may have room for
    other items, because another number of rules speaks for them. The last two are answers that just
    one of the questionnaires takes.
    """

    model_config = ConfigDict(frozen=True)

    cases: tuple[Case, ...]
    another_number_of_rules: dict[str, Any] | None
    taken_by_old_only: dict[str, Any] | None
    taken_by_new_only: dict[str, Any] | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def nobody_differs(self) -> bool:
        """Whether nobody's decision differs."""
        return not self.cases

    @computed_field  # type: ignore[prop-decorator]
    @property
    def proved_for_nobody(self) -> tuple[Kind, ...]:
        """The kinds of difference that nobody has."""
        return tuple(kind for kind in KINDS if not self.of(kind))

    def of(self, kind: Kind) -> tuple[Case, ...]:
        """Return the people who show a kind of difference."""
        return tuple(case for case in self.cases if case.kind == kind)
