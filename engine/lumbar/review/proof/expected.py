"""What should have come out for somebody who breaks a safety property, in the words of a persona."""

from typing import Any

from lumbar.decision.decide import Decision
from lumbar.review.people.personas import Expect
from lumbar.review.properties.safety import URGENCY, AnswerChange, Claim, outcome, targets
from lumbar.rulebook.conditions import COMPARE, Membership, clauses
from lumbar.rulebook.items import URGENCIES


def should_have(claim: Claim, decision: Decision) -> Expect:
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
    return Expect(**found)


def _allowed(clause: Any, negated: bool) -> str | None:
    def agrees(level: str) -> bool:
        if isinstance(clause, Membership):
            return level in clause.values
        return COMPARE[clause.operator](level, clause.value)

    return next((level for level in reversed(URGENCIES) if agrees(level) is not negated), None)


def _add(found: dict[str, Any], decision: Decision, verb: str, target: str, wanted: bool) -> None:
    meant = targets(decision.catalog, target)
    if (verb, wanted) in {("recommended", False), ("avoided", True)}:
        found.setdefault("leaves_out", {}).update(
            {item: "avoided" for item in meant if item in decision.offered}
        )
    elif verb == "recommended" and decision.offered.isdisjoint(meant):
        found["recommends"] = (*found.get("recommends", ()), *meant[:1])
    elif verb == "referred":
        key = "refers_to" if wanted else "not_refers_to"
        found[key] = (*found.get(key, ()), target)
    elif verb == "fired":
        key = "fires" if wanted else "silent"
        found[key] = (*found.get(key, ()), target)


def should_have_stayed(change: AnswerChange, before: Decision, after: Decision) -> Expect:
    """Return what a changed answer should not have undone."""
    if change.never == "lowers_urgency":
        return Expect(urgency=before.urgency)
    offered = before.avoided & after.offered
    return Expect(leaves_out=dict.fromkeys(sorted(offered), "avoided"))
