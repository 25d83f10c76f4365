"""How two decisions differ: everything that a person could be told otherwise, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from lumbar import Catalog, Decision, decide, load
from lumbar.decision.decide import by_reference, refused
from lumbar.decision.difference import Difference, difference
from lumbar.plan.fitting import selected

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def between(toy: Catalog, before: dict[str, Any], after: dict[str, Any]) -> Difference:
    asked = toy.questionnaire
    return difference(decide(toy, asked.example(before)), decide(toy, asked.example(after)))


def test_the_same_decision_differs_in_nothing(toy: Catalog) -> None:
    assert not between(toy, {}, {})
    assert not between(toy, {"age": 42}, {"age": 43})


def test_it_tells_of_urgency_and_whom_to_see(toy: Catalog) -> None:
    found = between(toy, {"pain_days": 90}, {"weak_leg": "yes", "pain_days": 90})
    assert found.urgency == ("routine", "emergency")
    assert found.referrals.added == ("practitioner/emergency",)
    assert found.referrals["practitioner/emergency"] == (None, "emergency")
    assert found.fired.added
    assert found


def test_it_tells_of_items_offered_and_kept_out_with_doses(toy: Catalog) -> None:
    found = between(toy, {}, {"signs": ["rash"]})
    assert found.offered["massage/knead"] == ("gentle", None)
    assert "massage/knead" in found.offered.removed
    assert found.avoided["massage/knead"] == (None, True)
    back = between(toy, {"signs": ["rash"]}, {})
    assert (back.offered.added, back.avoided.removed) == (
        found.offered.removed, found.avoided.added
    )  # fmt: skip


def test_another_dose_of_the_same_item_is_neither_added_nor_removed(toy: Catalog) -> None:
    before = decide(toy, toy.questionnaire.example())
    doses = iter(("gentle", "firm"))
    found = difference(before, before, lambda _: {"massage/knead": next(doses)})
    assert found.offered == {"massage/knead": ("gentle", "firm")}
    assert (found.offered.added, found.offered.removed) == ((), ())


def test_it_tells_of_findings(toy: Catalog) -> None:
    found = between(toy, {}, {"pain_days": 100})
    assert found.findings == {"phase": ("early", "long")}
    assert (found.findings.added, found.findings.removed) == ((), ())


def test_a_decision_that_fails_differs(toy: Catalog) -> None:
    before = decide(toy, toy.questionnaire.example())
    found = difference(before, refused(before, "no signature"))
    assert found.failure == ("", "no signature")
    assert found.offered.removed == tuple(one.item for one in before.recommended)


def test_what_a_plan_shows_can_be_told_in_place_of_what_is_offered(toy: Catalog) -> None:
    def in_plan(decision: Decision) -> dict[str, str]:
        return {item: dose.id if dose else "" for item, dose in selected(decision).items()}

    asked = toy.questionnaire
    before, after = (by_reference(toy, asked.example({"minutes_a_day": few})) for few in (60, 5))
    assert not difference(before, after).offered
    assert difference(before, after, in_plan).offered.removed


def test_the_named_sets_of_a_decision_say_what_it_offers_avoids_and_refers_to(toy: Catalog) -> None:
    decision = decide(toy, toy.questionnaire.example({"signs": ["rash"], "pain_days": 100}))
    assert decision.offered == {one.item for one in decision.recommended}
    assert decision.referred == {one.to for one in decision.referrals} != set()
    assert decision.avoided == {one.item for one in decision.withheld} != set()
    urgent = decide(toy, toy.questionnaire.example({"weak_leg": "yes"}))
    assert urgent.withheld
    assert not urgent.avoided & {one.item for one in urgent.withheld if one.reason == "urgent"}
