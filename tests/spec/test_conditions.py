"""The condition language, as tables: what it means is what these say, on the reference and in the
live engine.
"""

import dataclasses
import hashlib
import time

import pytest

from lumbar import Catalog
from lumbar.engines import durable, reference
from lumbar.rulebook.conditions import (
    And,
    Bare,
    Comparison,
    Facts,
    Not,
    Or,
    Truth,
    Unanswered,
    conjunctions,
    grounds,
    untrue,
    with_thresholds,
)
from lumbar.rulebook.items import Citation
from lumbar.rulebook.parsing import ConditionError, parse
from lumbar.rulebook.rules import Recommend, Rule

T, F, U = True, False, None

AND: list[tuple[Truth, Truth, Truth]] = [
    (T, T, T), (T, F, F), (T, U, U), (F, T, F), (F, F, F), (F, U, F), (U, T, U), (U, F, F), (U, U, U),
]  # fmt: skip
OR: list[tuple[Truth, Truth, Truth]] = [
    (T, T, T), (T, F, T), (T, U, T), (F, T, T), (F, F, F), (F, U, U), (U, T, T), (U, F, U), (U, U, U),
]  # fmt: skip
NOT: list[tuple[Truth, Truth]] = [(T, F), (F, T), (U, U)]

# A clause of each truth: `age` is 40, `course` is same, `pregnant` is unanswered.
CLAUSE = {T: "age == 40", F: "age == 41", U: "pregnant == yes"}

KNOWN = {
    "age": 40,
    "course": "same",
    "worse_with": frozenset({"bending", "sitting"}),
    "leg_pain": True,
    "phase": "acute",
}
FACTS = Facts(KNOWN, frozenset({"pregnant", "eases_with"}))  # `weakness_days` does not apply

CLAUSES: list[tuple[str, Truth]] = [
    ("age == 40", T), ("age == 41", F), ("age != 41", T), ("age != 40", F),
    ("age < 41", T), ("age < 40", F), ("age <= 40", T), ("age <= 39", F),
    ("age > 39", T), ("age > 40", F), ("age >= 40", T), ("age >= 41", F),
    ("course == same", T), ("course == worse", F), ("course != worse", T), ("course != same", F),
    ("course in [same, better]", T), ("course in [worse, unsure]", F), ("not course in [worse, unsure]", T),
    ("worse_with includes bending", T), ("worse_with includes lying", F), ("not worse_with includes lying", T),
    ("worse_with includes bending and worse_with includes sitting", T),
    ("worse_with includes bending and not worse_with includes sitting", F),
    ("leg_pain", T), ("not leg_pain", F), ("mood_low", F), ("not mood_low", T),
    ("phase == acute", T), ("phase == chronic", F), ("severity == mild", U), ("not severity == mild", U),
    ("pregnant == yes", U), ("pregnant != yes", U), ("not pregnant == yes", U), ("pregnant in [yes, unsure]", U),
    ("not pregnant in [yes, unsure]", U), ("eases_with includes lying", U), ("not eases_with includes lying", U),
    ("weakness_days < 14", U), ("not weakness_days < 14", U),
    ("answered(age)", T), ("answered(pregnant)", F), ("not answered(pregnant)", T), ("answered(weakness_days)", F),
    ("unanswered(age)", F), ("unanswered(pregnant)", T), ("not unanswered(age)", T), ("unanswered(weakness_days)", F),
    ("age >= 30 and age <= 50", T), ("age >= 30 and age < 40", F), ("age < 30 or age > 39", T),
    ("not (age == 40 or leg_pain)", F), ("not (age == 41 and leg_pain)", T),
    ("age == 41 or pregnant == yes or leg_pain", T), ("(age == 41 or leg_pain) and not (mood_low or age == 1)", T),
    ("course == same and (age == 41 or worse_with includes sitting) and (leg_pain or mood_low)", T),
    ("age == 40 and (age >= 30 or course == worse)", T),
]  # fmt: skip


def truth(text: str, facts: Facts = FACTS) -> Truth:
    return parse(text).truth(facts)


@pytest.mark.parametrize(("left", "right", "result"), AND)
def test_and(left: Truth, right: Truth, result: Truth) -> None:
    assert truth(f"{CLAUSE[left]} and {CLAUSE[right]}") is result


@pytest.mark.parametrize(("left", "right", "result"), OR)
def test_or(left: Truth, right: Truth, result: Truth) -> None:
    assert truth(f"{CLAUSE[left]} or {CLAUSE[right]}") is result


@pytest.mark.parametrize(("part", "result"), NOT)
def test_not(part: Truth, result: Truth) -> None:
    assert truth(f"not ({CLAUSE[part]})") is result


@pytest.mark.parametrize(("text", "result"), CLAUSES)
def test_clause(text: str, result: Truth) -> None:
    assert truth(text) is result


@pytest.mark.skipif(not durable.available(), reason="durable_rules does not load on this Python")
@pytest.mark.parametrize(("text", "result"), CLAUSES)
def test_both_engines_fire_exactly_where_a_condition_is_true(
    catalog: Catalog, text: str, result: Truth
) -> None:
    alone = only_rule(catalog, text)
    # findings are given as settled facts, as an earlier stage would leave them
    assert ("one" in reference.infer(alone, FACTS).fired) is (result is True)
    assert durable.infer(alone, FACTS) == reference.infer(alone, FACTS)


def only_rule(catalog: Catalog, text: str) -> Catalog:
    citation = Citation(source="lumbar-design", direction="for", strength="none", certainty="none")
    rule = Rule(
        id="one", title="One", when=parse(text), then=(Recommend(recommend="massage/knead"),), because="Because.",
        evidence=(citation,), status="draft",
    )  # fmt: skip
    digest = hashlib.sha256(text.encode()).hexdigest()
    return dataclasses.replace(
        catalog, rules={"one": rule}, stage_of={"one": "care"}, sha256=digest
    )


@pytest.mark.parametrize("text", [text for text, _ in CLAUSES])
def test_printed_conditions_parse_back_to_themselves(text: str) -> None:
    assert parse(str(parse(text))) == parse(text)


def test_and_binds_tighter_than_or_and_not_tightest() -> None:
    a, b, c = (Bare(name) for name in "abc")
    assert parse("a or b and not c") == Or((a, And((b, Not(c)))))
    assert parse("(a or b) and c") == And((Or((a, b)), c))


@pytest.mark.parametrize(("text", "result"), CLAUSES)
def test_conjunctions_mean_the_same(text: str, result: Truth) -> None:
    forms = conjunctions(parse(text))
    assert any(all(one.truth(FACTS) is True for one in literals) for literals in forms) is (
        result is True
    )


def test_conjunctions_of_a_negation_swap_and_for_or() -> None:
    forms = conjunctions(parse("not (age >= 3 and leg_pain)"))
    assert forms == ((Comparison("age", "<", 3),), (Not(Bare("leg_pain")),))


def test_thresholds_keep_their_names_when_printed() -> None:
    condition = with_thresholds(
        parse("age >= adult_from_age and not age > 99"), {"adult_from_age": 16}
    )
    assert condition.truth(FACTS) is True
    assert str(condition) == "age >= adult_from_age and not age > 99"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("age == 40 and leg_pain", {"age", "leg_pain"}),
        ("age == 41 or leg_pain", {"leg_pain"}),
        ("age == 40 or leg_pain", {"age", "leg_pain"}),
        ("not (age == 41 or mood_low)", {"age", "mood_low"}),
        ("not (age == 41 and leg_pain)", {"age"}),
        ("unanswered(pregnant)", {"pregnant"}),
        ("age == 41", set()),
    ],
)
def test_grounds_are_what_made_it_true(text: str, names: set[str]) -> None:
    assert grounds(parse(text), FACTS) == names


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        ("age == 41 and leg_pain", ["age == 41"]),
        ("age == 41 and mood_low", ["age == 41", "mood_low"]),
        ("(age == 41 and mood_low) or severity == mild", ["severity == mild"]),
        ("not leg_pain", ["not leg_pain"]),
        ("not (age == 40 or leg_pain)", ["age != 40", "not leg_pain"]),
        ("leg_pain", []),
    ],
)
def test_untrue_names_the_nearest_way_to_true(text: str, literals: list[str]) -> None:
    assert [str(one) for one in untrue(parse(text), FACTS)] == literals


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 0, "the end cannot stand here"),
        ("age >=", 4, "the end cannot stand here"),
        ("age = 3", 4, "'=' is no part of the condition language"),
        ("age in []", 8, "']' cannot stand here"),
        ("and", 0, "'and' cannot stand here"),
        ("age == 3 leg_pain", 9, "'leg_pain' cannot stand here"),
        ("f(x)", 1, "'(' cannot stand here"),
        ("q includes [a, b]", 11, "'[' cannot stand here"),
        ("(age == 3", 7, "the end cannot stand here"),
        ("Age == 3", 0, "'A' is no part of the condition language"),
        ("age == 3 + 1", 9, "'+' is no part of the condition language"),
    ],
)
def test_a_bad_condition_is_refused_at_its_place(text: str, column: int, words: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert str(caught.value).startswith(words)
    assert abs(caught.value.column - column) <= 1


def test_unanswered_is_a_clause_of_its_own() -> None:
    assert parse("unanswered(age)") == Unanswered("age")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not " * 10_000 + "leg_pain", "condition-too-long"),
        ("not " * 500 + "leg_pain", "condition-too-deep"),
        ("(leg_pain and " * 100 + "a" + ")" * 100, "condition-too-deep"),
        (" and ".join(f"(a{n} or b{n})" for n in range(40)), "condition-too-wide"),
        ("not (" + " or ".join(f"(a{n} and b{n})" for n in range(40)) + ")", "condition-too-wide"),
        ("leg_pain or " * 90_000 + "leg_pain", "condition-too-long"),
    ],
    ids=["nots", "deep", "brackets", "pairs", "negated pairs", "a megabyte"],
)
def test_a_condition_that_explodes_is_refused_before_it_does(text: str, code: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ConditionError) as refused:
        parse(text)
    assert (refused.value.code, bool(refused.value.hint)) == (code, True)
    assert time.perf_counter() - started < 1
