"""What should have come out for somebody who breaks a safety property."""

from typing import Any

from lumbar.decision.decide import Decision
from lumbar.review.properties.safety import URGENCY, AnswerChange, Claim, outcome, targets
from lumbar.rulebook.conditions import COMPARE, Membership, clauses
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.rules import Expectation

_KEYS = {
    ("recommended", True): "recommends", ("recommended", False): "avoids",
    ("avoided", True): "avoids",
    ("referred", True): "refers_to", ("referred", False): "not_refers_to",
    ("fired", True): "fires", ("fired", False): "silent",
}  # fmt: skip


def should_have(claim: Claim, decision: Decision) -> Expectation:
    """Return what the claim asks for that the decision lacks; of several allowed urgencies the
    least urgent.
    """
    found: dict[str, Any] = {}
    assert claim.must is not None
    for clause, negated in clauses(claim.must):
        if clause.name == URGENCY:
            found["urgency"] = _allowed(clause, negated)
        elif said := outcome(clause.name):
            _add(found, decision, *said, wanted=not negated)
    return Expectation(**found)


def _allowed(clause: Any, negated: bool) -> str | None:
    def agrees(level: str) -> bool:
        if isinstance(clause, Membership):
            return level in clause.values
        return COMPARE[clause.operator](level, clause.value)

    return next((level for level in reversed(URGENCIES) if agrees(level) is not negated), None)


def _add(found: dict[str, Any], decision: Decision, verb: str, target: str, wanted: bool) -> None:
    meant, offered = targets(decision.catalog, target), decision.offered
    said: tuple[str, ...] = (target,)
    if (verb, wanted) == ("recommended", False):
        said = tuple(item for item in meant if item in offered)
    elif verb == "recommended":
        said = meant[:1] if offered.isdisjoint(meant) else ()
    if said and (key := _KEYS.get((verb, wanted))):
        found[key] = (*found.get(key, ()), *said)


def should_have_stayed(change: AnswerChange, before: Decision, after: Decision) -> Expectation:
    """Return what a changed answer should not have undone."""
    if change.never == "lowers_urgency":
        return Expectation(urgency=before.urgency)
    return Expectation(avoids=tuple(sorted(before.avoided & after.offered)))
