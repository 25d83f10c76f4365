"""What is expected for a person: what of it cannot be, and how what came differs from it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_args

from lumbar.decision.decide import Decision
from lumbar.plan.document import LeftOutReason, Plan
from lumbar.plan.explain import Nearest, why_not
from lumbar.reading.problems import listed
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import Expectation

# Every other word under `leaves_out` is the id of a rule that keeps the item out.
REASONS = get_args(LeftOutReason)
OF_A_PLAN = {"no_room", "no_time"}  # a decision without a plan cannot tell


def fault_of_answers(catalog: Catalog, over: Mapping[str, Any]) -> str:
    """Return why these answers cannot be laid over the example person, or an empty text."""
    asked = catalog.questionnaire
    for name, value in over.items():
        if name not in asked.questions:
            return f"an answer to '{name}', which is no question"
        if value is not None and (wrong := asked.questions[name].fault(value)):
            return f"an answer that cannot be: {wrong[1]}"
    unused = sorted(
        name for name in over.keys() - asked.example(over).keys() if over[name] is not None
    )
    return f"an answer to what this person is not asked: {listed(unused)}" if unused else ""


def misnamed(
    catalog: Catalog, over: Mapping[str, Any], expected: Expectation, rules: Collection[str] = ()
) -> Iterator[str]:
    """Yield which of the answers cannot be, and which of the names expected, or `rules`, mean
    nothing.
    """
    if wrong := fault_of_answers(catalog, over):
        yield wrong
        return
    items = {*expected.refers_to, *expected.not_refers_to, *expected.recommends}
    kept_out_by = set(expected.leaves_out.values()) - set(REASONS)
    known: dict[str, tuple[Collection[str], Collection[str]]] = {
        "item": (items | expected.doses.keys() | expected.leaves_out.keys(), catalog.items),
        "rule": ({*expected.fires, *expected.silent, *kept_out_by, *rules}, catalog.rules),
        "finding": (expected.findings, catalog.finding_stage),
        "target": (expected.avoids, [one for one in expected.avoids if catalog.meant(one)]),
    }
    for what, (names, there) in known.items():
        yield from (f"an unknown {what}: {name}" for name in sorted(set(names).difference(there)))


def shown(plan: Plan) -> dict[str, str]:
    """Return the items of the plan's sections by item, each with its section."""
    return {item.item: section.id for section in plan.sections for item in section.items}


def differences(
    expected: Expectation, decision: Decision, plan: Plan | None = None, rule: str = ""
) -> Iterator[str]:
    """Yield every difference between what was expected and what came, one line each.

    Where a `rule` is named, it must be among those that say so. Without a plan, what only its room
    and its minutes settle is not looked at.
    """
    if failure := plan.failure if plan else decision.failure:
        yield f"no decision could be made: {failure}"
    fired = decision.fired
    yield from (f"fires {one}: it stays silent" for one in expected.fires if one not in fired)
    yield from (f"silent {one}: it fires" for one in expected.silent if one in fired)
    if expected.urgency not in {None, decision.urgency}:
        came = f"{decision.urgency}: {_whom_to_see(decision)}"
        yield f"urgency: expected {expected.urgency}, came {came}"
    yield from _referrals(expected, decision, rule)
    yield from _items(expected, decision, plan, rule)
    yield from _left_out(expected, decision, plan)
    concluded = decision.catalog.rules[rule].concludes if rule else decision.findings
    for name, wanted in expected.findings.items():
        found = concluded.get(name, False)
        came = {True: "yes", False: "no"}[found] if isinstance(found, bool) else str(found)
        if came != wanted:
            yield f"findings {name}: expected {wanted}, came {came}"


def _whom_to_see(decision: Decision) -> str:
    seen = (f"{one.to} ({one.urgency}) by {', '.join(one.rules)}" for one in decision.referrals)
    return "; ".join(seen) or "nobody to see"


def _referrals(expected: Expectation, decision: Decision, rule: str) -> Iterator[str]:
    soon = {one.to: one.urgency for one in decision.referrals if not rule or rule in one.rules}
    for to, urgency in expected.refers_to.items():
        if to not in soon or urgency not in {None, soon[to]}:
            how_soon = f" ({urgency})" if urgency else ""
            yield f"refers_to {to}{how_soon}: came {_whom_to_see(decision)}"
    for one in decision.referrals:
        if one.to in expected.not_refers_to:
            yield f"not_refers_to {one.to}: referred by {', '.join(one.rules)}"


def _items(
    expected: Expectation, decision: Decision, plan: Plan | None, rule: str
) -> Iterator[str]:
    doses = {one.item: one.dose for one in decision.recommended if not rule or rule in one.rules}
    for item in expected.recommends:
        if item not in doses or (plan and item not in shown(plan)):
            yield f"recommends {item}: {_told(decision, plan, item)}"
    for item, dose in expected.doses.items():
        if doses.get(item) != dose:
            yield f"doses {item}: expected {dose}, came {doses.get(item) or 'none'}"
    avoided = {
        one.item
        for one in decision.withheld
        if one.item in decision.avoided and (not rule or rule in one.rules)
    }
    for target in expected.avoids:
        meant = set(decision.catalog.meant(target))
        if not meant or not meant <= avoided:
            yield f"avoids {target}: does not keep out {listed(sorted(meant - avoided))}"


def _left_out(expected: Expectation, decision: Decision, plan: Plan | None) -> Iterator[str]:
    for item, reason in expected.leaves_out.items():
        came = _reasons(decision, plan, item)
        if reason not in came and (plan or reason not in OF_A_PLAN):
            yield f"leaves_out {item} ({reason}): {_told(decision, plan, item)}"
        elif plan and came == ("not_recommended",) and not _nearest(decision, plan, item):
            yield f"leaves_out {item} ({reason}): no rule is named, and no nearest one"


def _reasons(decision: Decision, plan: Plan | None, item: str) -> tuple[str, ...]:
    """Return why an item is left out, then the rules that keep it out; nothing where it is not."""
    if plan:
        left_out = (one for one in plan.left_out if one.item == item)
        return next(((one.reason, *(by.rule for by in one.because)) for one in left_out), ())
    held = {one.item: (one.reason, *one.rules) for one in decision.withheld}
    return held.get(item, () if item in decision.offered else ("not_recommended",))


def _told(decision: Decision, plan: Plan | None, item: str) -> str:
    reasons = _reasons(decision, plan, item)
    if not reasons:
        return "it is in the plan, by others or as somebody to see"
    near = _nearest(decision, plan, item) if plan else None
    nearest = f"; nearest {near.rule}, where {' and '.join(near.missing)}" if near else ""
    return f"left out as {' '.join(reasons)}{nearest}"


def _nearest(decision: Decision, plan: Plan, item: str) -> Nearest | None:
    answer = why_not(decision, plan, item)
    return answer.nearest if answer else None
