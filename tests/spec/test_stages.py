"""How stages chain: the order of rules never matters, conflicts are refused, negation waits for its
stage.
"""

import dataclasses
import hashlib
import random
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from lumbar import Catalog, decide
from lumbar.engines import durable, reference
from lumbar.engines.inference import ConflictError, Inference
from lumbar.rulebook.conditions import Facts
from lumbar.rulebook.items import Citation
from lumbar.rulebook.rules import STAGES, Rule

CITATION = Citation(source="lumbar-design", direction="for", strength="none", certainty="none")
RULE = TypeAdapter(Rule)  # making one takes longer than to run a rule
ENGINES = [reference.infer, *([durable.infer] if durable.available() else [])]


def rule(name: str, when: str, *then: Mapping[str, Any]) -> Rule:
    told = {"id": name, "title": name, "when": when, "then": then, "because": "Because."}
    return RULE.validate_python({**told, "evidence": (CITATION,)})


def program(catalog: Catalog, rules: Iterable[tuple[str, Rule]]) -> Catalog:
    rules = sorted(rules, key=lambda one: STAGES.index(one[0]))
    digest = hashlib.sha256(
        repr([(stage, one.id, str(one.when), one.then) for stage, one in rules]).encode()
    ).hexdigest()
    return dataclasses.replace(
        catalog,
        rules={one.id: one for _, one in rules},
        stage_of={one.id: stage for stage, one in rules},
        topic_of={one.id: "test" for _, one in rules},
        sha256=digest,
    )


def everywhere(catalog: Catalog, facts: Facts) -> Inference:
    results = [infer(catalog, facts) for infer in ENGINES]
    assert len(set(results)) == 1
    return results[0]


CHAIN = [
    ("triage", rule("c", "b", {"conclude": "c"})),
    ("triage", rule("b", "a", {"conclude": "b"})),
    ("triage", rule("a", "age >= 40", {"conclude": "a"})),
    ("profile", rule("lonely", "not c", {"conclude": "lonely"})),
    ("care", rule("end", "c and not lonely", {"recommend": "massage/knead"})),
]


@pytest.mark.parametrize("seed", range(6))
def test_rules_chain_in_any_order(catalog: Catalog, seed: int) -> None:
    rules = random.Random(seed).sample(CHAIN, len(CHAIN))
    found = everywhere(program(catalog, rules), Facts({"age": 40}))
    assert dict(found.findings) == {"a": True, "b": True, "c": True}
    assert set(found.fired) == {"a", "b", "c", "end"}


def test_negation_waits_until_its_stage_is_settled(catalog: Catalog) -> None:
    found = everywhere(program(catalog, CHAIN), Facts({"age": 39}))
    assert dict(found.findings) == {"lonely": True}
    assert found.fired == ("lonely",)


CLASH = [
    ("profile", rule("mild", "age >= 40", {"conclude": "severity", "value": "mild"})),
    ("profile", rule("severe", "age >= 50", {"conclude": "severity", "value": "severe"})),
]


@pytest.mark.parametrize(
    "when", ["a and fever == yes and not a", "a and not a", "a and (fever == yes or not a)"]
)
def test_what_must_be_both_found_and_not_found_never_is(catalog: Catalog, when: str) -> None:
    rules = [
        ("triage", rule("a", "age >= 40", {"conclude": "a"})),
        ("profile", rule("torn", when, {"conclude": "torn"})),
    ]
    found = everywhere(program(catalog, rules), Facts({"age": 40, "fever": "no"}))
    assert found.fired == ("a",)
    answered = everywhere(program(catalog, rules), Facts({"age": 40, "fever": "yes"}))
    assert ("torn" in answered.fired) is ("or" in when)


@pytest.mark.parametrize("infer", ENGINES)
def test_two_values_of_one_finding_are_a_conflict(catalog: Catalog, infer: Any) -> None:
    clash = program(catalog, CLASH)
    assert dict(infer(clash, Facts({"age": 45})).findings) == {"severity": "mild"}
    with pytest.raises(ConflictError):
        infer(clash, Facts({"age": 55}))
    assert dict(infer(clash, Facts({"age": 45})).findings) == {"severity": "mild"}, (
        "usable after a conflict"
    )


def test_a_conflict_fails_closed(catalog: Catalog) -> None:
    decision = decide(program(catalog, CLASH), {"age": 55})
    assert decision.failure == "two rules contradict each other"
    assert decision.urgency == "same_day"
    assert not decision.recommended


def test_one_person_leaves_nothing_behind_for_the_next(catalog: Catalog) -> None:
    chain = program(catalog, CHAIN)
    for age in (40, 39, 40, 39):
        assert ("end" in everywhere(chain, Facts({"age": age})).fired) is (age == 40)


QUESTIONS = {
    "age": "number",
    "pain_now": "number",
    "course": "one",
    "episode": "one",
    "worse_with": "several",
    "eases_with": "several",
}
FINDINGS = ("leg_pain", "mood_low", "fear_high")
LEAVES = ("comparison", "membership", "inclusion", "bare", "answered", "unanswered")


@st.composite
def clause(draw: st.DrawFn, findings: tuple[str, ...]) -> str:
    kind = draw(
        st.sampled_from(LEAVES if findings else [leaf for leaf in LEAVES if leaf != "bare"])
    )
    if kind == "bare":
        return draw(st.sampled_from(findings))
    if kind in {"answered", "unanswered"}:
        return f"{kind}({draw(st.sampled_from(list(QUESTIONS)))})"
    if kind == "inclusion":
        name, option = (
            draw(st.sampled_from(["worse_with", "eases_with"])),
            draw(st.sampled_from(["bending", "lying"])),
        )
        return f"{name} includes {option}"
    if kind == "membership":
        return draw(
            st.sampled_from(
                ["course in [better, same]", "course in [worse]", "episode in [first, again]"]
            )
        )
    name, sign = (
        draw(st.sampled_from(["age", "pain_now"])),
        draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="])),
    )
    number = f"{name} {sign} {draw(st.integers(0, 5))}"
    word = f"course {draw(st.sampled_from(['==', '!=']))} {draw(st.sampled_from(['better', 'same', 'worse']))}"
    return draw(st.sampled_from([number, word]))


def conditions(positive: tuple[str, ...], negatable: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Conditions that may negate only the findings of earlier stages."""
    leaf = clause(positive) | clause(negatable).map(lambda text: f"not {text}") | clause(negatable)
    return st.recursive(
        leaf,
        lambda inner: (
            st.builds(lambda a, b: f"({a} and {b})", inner, inner)
            | st.builds(lambda a, b: f"({a} or {b})", inner, inner)
        ),
        max_leaves=5,
    )


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[str, Rule]]:
    rules: list[tuple[str, Rule]] = []
    for number in range(draw(st.integers(1, 9))):
        stage = draw(st.sampled_from(STAGES))
        place = STAGES.index(stage)
        # finding i is concluded in triage (0), profile (1, 2)
        settled = tuple(name for name, at in zip(FINDINGS, (0, 1, 1), strict=True) if at < place)
        seen = tuple(name for name, at in zip(FINDINGS, (0, 1, 1), strict=True) if at <= place)
        effect: Mapping[str, Any] = {
            "triage": {"conclude": FINDINGS[0]},
            "profile": {"conclude": draw(st.sampled_from(FINDINGS[1:]))},
            "cautions": {"avoid": "massage/*"},
            "care": {"recommend": "massage/knead"},
        }[stage]
        rules.append((stage, rule(f"r{number}", draw(conditions(seen, settled)), effect)))
    return rules


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    options = st.frozensets(st.sampled_from(["bending", "lying", "sitting"]), min_size=1)
    values: dict[str, st.SearchStrategy[Any]] = {
        "age": st.integers(0, 6), "pain_now": st.integers(0, 6), "course": st.sampled_from(["better", "same", "worse"]),
        "episode": st.sampled_from(["first", "again", "ongoing"]), "worse_with": options, "eases_with": options,
    }  # fmt: skip
    state = {
        name: draw(st.sampled_from(["known", "known", "unanswered", "not asked"]))
        for name in QUESTIONS
    }
    known = {name: draw(values[name]) for name, how in state.items() if how == "known"}
    return Facts(known, frozenset(name for name, how in state.items() if how == "unanswered"))


@given(
    rules=programs(),
    people=st.lists(facts(), min_size=3, max_size=6),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=150)
def test_engines_agree_on_random_programs_in_any_order(
    catalog: Catalog, rules: list[tuple[str, Rule]], people: list[Facts], order: random.Random
) -> None:
    made, shuffled = program(catalog, rules), program(catalog, order.sample(rules, len(rules)))
    for person in people:
        found = everywhere(made, person)
        assert set(everywhere(shuffled, person).fired) == set(found.fired)


def test_the_generator_reaches_every_kind_of_clause_and_effect(catalog: Catalog) -> None:
    seen: set[str] = set()

    @given(rules=programs())
    @settings(max_examples=150, database=None)
    def collect(rules: list[tuple[str, Rule]]) -> None:
        for stage, one in rules:
            text = str(one.when)
            seen.update({stage, type(one.when).__name__})
            seen.update(
                word
                for word in (
                    " and ",
                    " or ",
                    "not ",
                    " in [",
                    "includes",
                    "answered(",
                    "unanswered(",
                )
                if word in text
            )
            seen.update(sign for sign in ("==", "!=", "<=", ">=", "< ", "> ") if sign in text)
            seen.update(name for name in FINDINGS if name in text)

    collect()
    wanted = {
        *STAGES,
        *FINDINGS,
        " and ",
        " or ",
        "not ",
        " in [",
        "includes",
        "answered(",
        "unanswered(",
    }
    assert wanted | {"==", "!=", "<=", ">=", "< ", "> "} <= seen
