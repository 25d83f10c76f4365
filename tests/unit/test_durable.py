"""The live engine bears what the rules may ask of it: many rules, many numbers, long lists."""

import dataclasses
import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from bench.grown import grown
from bench.people import people

from lumbar import Catalog
from lumbar.engines import durable, reference
from lumbar.engines.limits import fnv1a_32
from lumbar.rulebook.conditions import Facts
from lumbar.rulebook.items import Citation
from lumbar.rulebook.parsing import parse
from lumbar.rulebook.rules import Recommend, Rule

pytestmark = pytest.mark.skipif(
    not durable.available(), reason="durable_rules does not load on this Python"
)
CITATION = Citation(source="lumbar-design", direction="for", strength="none", certainty="none")


def caring(catalog: Catalog, conditions: Iterable[str], name: str) -> Catalog:
    """Return a rule set with one rule of care for each condition, and nothing else."""
    effect = Recommend(recommend="massage/knead")
    rules = [
        Rule(
            id=f"r{place}", title="Rule", when=parse(when), then=(effect,), because="Because.",
            evidence=(CITATION,), status="draft",
        )
        for place, when in enumerate(conditions)
    ]  # fmt: skip
    return dataclasses.replace(
        catalog,
        rules={one.id: one for one in rules},
        stage_of={one.id: "care" for one in rules},
        sha256=name,
    )


def fired(catalog: Catalog, facts: Facts) -> tuple[str, ...]:
    found = durable.infer(catalog, facts)
    assert found == reference.infer(catalog, facts)
    return found.fired


def test_two_thousand_rules_load_and_agree_with_the_reference(tmp_path: Path) -> None:
    many = grown(tmp_path, times=4)
    assert len(many.in_force) > 2_000
    for person in islice(people(many, "many rules"), 300):
        assert durable.infer(many, person.facts) == reference.infer(many, person.facts)


def test_one_answer_may_pass_a_hundred_tests(catalog: Catalog) -> None:
    many = caring(catalog, (f"age > {years}" for years in range(100)), "hundred tests")
    assert len(fired(many, Facts({"age": 120}))) == 100
    assert len(fired(many, Facts({"age": 70}))) == 70


def test_one_test_may_begin_three_hundred_rules(catalog: Catalog) -> None:
    conditions = (f"course == same and age != {years}" for years in range(300))
    many = caring(catalog, conditions, "three hundred rules")
    assert len(fired(many, Facts({"age": 40, "course": "same"}))) == 299


@pytest.mark.parametrize("many", [11, 12, 13, 15, 16, 40])
def test_a_rule_may_have_many_alternatives_that_hold_at_once(catalog: Catalog, many: int) -> None:
    names = [f"age > {years} and pain_now >= 1" for years in range(many)]
    both = caring(catalog, [" or ".join(names), "age > 90"], f"{many} alternatives")
    assert fired(both, Facts({"age": 70, "pain_now": 4})) == ("r0",)
    assert fired(both, Facts({"age": many - 1, "pain_now": 4})) == ("r0",)
    assert fired(both, Facts({"age": 70, "pain_now": 0})) == ()
    assert fired(both, Facts({"age": 95, "pain_now": 4})) == ("r0", "r1")


def test_a_list_may_hold_a_hundred_values(catalog: Catalog) -> None:
    conditions = (
        f"age in [{', '.join(map(str, range(first, first + 100)))}]" for first in range(40)
    )
    many = caring(catalog, conditions, "hundred values")
    assert len(fired(many, Facts({"age": 20}))) == 21


def test_fifteen_lists_may_be_joined(catalog: Catalog) -> None:
    joined = " and ".join(f"age in [40, {number}]" for number in range(15))
    many = caring(catalog, [joined, f"not ({joined})"], "fifteen lists")
    assert fired(many, Facts({"age": 40})) == ("r0",)
    assert fired(many, Facts({"age": 3})) == ("r1",)


def test_two_names_of_one_hash_are_one_to_the_engine(catalog: Catalog) -> None:
    one, other = "worn_bend_often", "heat_lift_mild"
    assert fnv1a_32(one) == fnv1a_32(other)
    both = caring(catalog, [one, other], "one hash")
    assert durable.infer(both, Facts({other: True})).fired == ("r0", "r1")
    assert reference.infer(both, Facts({other: True})).fired == ("r1",)


def test_no_action_rests_on_more_than_one_fact(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When facts of one action are taken back, the engine reads and writes beyond the action for
    every fact after the first (hazard 20).
    """
    rete, taken = durable._rete, []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(rete, name)

        def start_action_for_state(self, *to: Any) -> Any:
            action = rete.start_action_for_state(*to)
            taken.append(action[1])
            return action

        def complete_and_start_action(self, *to: Any) -> Any:
            message = rete.complete_and_start_action(*to)
            taken.append(message)
            return message

    monkeypatch.setattr(durable, "_rete", Watched())
    for person in islice(people(catalog, "watched"), 20):
        durable.infer(catalog, person.facts)
    frames = [frame for message in taken if message for frame in json.loads(message).values()]
    assert len(frames) > 100
    assert all(len(frame) == 1 for frame in frames)
