"""The language of safety properties: what a statement means for one person, and which statements
are refused.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lumbar import Catalog, decide, load
from lumbar.reading.yamlfile import YamlFile
from lumbar.review.properties import safety, statements
from lumbar.review.properties.safety import Property, parse_statement
from lumbar.rulebook.parsing import ConditionError, parse

TOY = Path(__file__).parents[1] / "toy"
BENIGN: dict[str, Any] = {}
PREGNANT = {"pregnant": "yes"}
WEAK = {"weak_leg": "yes"}
RASH = {"signs": ["rash"]}
OPEN = {"weak_leg": None}

# What a statement comes to for somebody, with the toy rules.
MEANS: list[tuple[str, Mapping[str, Any], bool]] = [
    ("urgency == self_care", BENIGN, True), ("urgency == self_care", WEAK, False),
    ("urgency in [emergency, same_day]", WEAK, True), ("urgency in [emergency, same_day]", RASH, False),
    ("recommended(massage/knead)", BENIGN, True), ("recommended(massage/knock)", BENIGN, False),
    ("recommended(massage/*)", BENIGN, True), ("recommended(massage/*)", RASH, False),
    ("recommended(tag:floor)", BENIGN, True), ("recommended(tag:percussion)", BENIGN, False),
    ("recommended(massage/knead)", WEAK, False),
    ("avoided(massage/knock)", PREGNANT, True), ("avoided(massage/knock)", BENIGN, False),
    ("avoided(massage/*)", RASH, True), ("avoided(massage/*)", PREGNANT, False),
    ("avoided(tag:percussion)", PREGNANT, True),
    # held back because it is urgent, not kept out by a rule
    ("avoided(massage/knead)", WEAK, False),
    ("referred(practitioner/emergency)", WEAK, True), ("referred(practitioner/gp)", WEAK, False),
    ("fired(weak-leg)", WEAK, True), ("fired(weak-leg)", BENIGN, False),
    ("label(massage/*) == traditional_only", BENIGN, True), ("label(belt/support) == guideline_against", BENIGN, False),
    ("weak_leg == yes and urgency == emergency", WEAK, True),
    ("nerve_signs and not recommended(exercise/*)", WEAK, True),
    ("unanswered(weak_leg) and urgency != self_care", OPEN, True),
    ("pain_mean >= 5", BENIGN, True),
]  # fmt: skip


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def prop(**fields: Any) -> Property:
    return Property.model_validate(
        {"id": "a", "title": "A", "hazard": "h", "source": "toy-study", **fields}
    )


def decided(toy: Catalog, over: Mapping[str, Any]) -> Any:
    typed = toy.questionnaire.example(over)
    return decide(
        toy,
        {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in typed.items()
        },
    )


@pytest.mark.parametrize(("statement", "over", "true"), MEANS)
def test_a_statement_means_what_came_out(
    statement: str, over: Mapping[str, Any], true: bool, toy: Catalog
) -> None:
    always = next(safety.claims(toy, prop(always=statement)))
    never = next(safety.claims(toy, prop(never=statement)))
    assert always.broken(decided(toy, over)) is not true
    assert never.broken(decided(toy, over)) is true


@pytest.mark.parametrize("statement", sorted({statement for statement, _, _ in MEANS}))
def test_a_printed_statement_reads_back_the_same(statement: str) -> None:
    assert parse_statement(str(parse_statement(statement))) == parse_statement(statement)


@pytest.mark.parametrize(
    "statement", ["recommended(massage/*)", "avoided(massage/knock)", "days(rest/a) <= 2"]
)
def test_a_rule_may_not_speak_of_what_comes_out(statement: str) -> None:
    parse_statement(statement)
    with pytest.raises(ConditionError):
        parse(statement)


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("recommended()", 12),
        ("recommended(massage/*", 12),
        ("offered(massage/knock)", 7),
        ("urgency ==", 8),
    ],
)
def test_a_statement_that_is_none_is_refused_at_its_place(statement: str, column: int) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_statement(statement)
    assert caught.value.column == column


def test_a_claim_is_only_broken_where_its_when_is_true(toy: Catalog) -> None:
    claim = next(safety.claims(toy, prop(when="pregnant == yes", always="avoided(massage/knead)")))
    assert claim.broken(decided(toy, PREGNANT))
    assert not claim.broken(decided(toy, BENIGN))
    assert not claim.broken(decided(toy, {"pregnant": None}))


def test_what_is_unknown_does_not_count_as_holding(toy: Catalog) -> None:
    claim = next(safety.claims(toy, prop(always="pregnant == no")))
    assert claim.broken(decided(toy, {"pregnant": None}))


@pytest.mark.parametrize(
    ("group", "questions"),
    [
        ("signs", ("weak_leg", "fever", "signs")),
        ("decisive_signs", ("weak_leg", "fever")),
        ("several_signs", ("signs",)),
        ("ordered_questions", ("weak_leg", "fever")),
        (("fever", "weak_leg"), ("fever", "weak_leg")),
    ],
)
def test_for_each_says_it_once_for_every_question(
    group: Any, questions: tuple[str, ...], toy: Catalog
) -> None:
    each = prop(for_each=group, when="unanswered(this)", never="urgency == self_care")
    claims = list(safety.claims(toy, each))
    assert [one.this for one in claims] == list(questions)
    assert [one.id for one in claims] == [f"a[{name}]" for name in questions]
    assert [str(one.when) for one in claims] == [f"unanswered({name})" for name in questions]


def test_a_threshold_is_put_in_by_its_number(toy: Catalog) -> None:
    claim = next(
        safety.claims(toy, prop(when="pain_mean >= severe_from", never="urgency == routine"))
    )
    assert claim.broken(decided(toy, {"pain_now": 10, "pain_worst": 10}))
    assert not claim.broken(decided(toy, {"pain_now": 7, "pain_worst": 8}))


@pytest.mark.parametrize(
    "fields",
    [
        {"for_each": ("fever",), "change": {"before": ("yes",), "never": "lowers_urgency"}},
        {"for_each": "all_questions", "always": "urgency == emergency"},
        {"keeps_out": ("massage/knead", "")},
    ],
)
def test_a_property_that_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        prop(**fields)


def read(heading: str, *rows: str) -> tuple[list[safety.Property], list[tuple[int, int, str]]]:
    """Return the properties of a table, and where what is wrong."""
    text = f"- heading: holds\n  {heading}\n  rows:\n"
    file = YamlFile("rules/safety.yaml", text + "".join(f"    - {{{row}}}\n" for row in rows))
    found = [one for _, one in safety.properties(file)]
    return found, [(one.line, one.column, one.message) for one in file.problems]


def test_what_a_heading_says_it_says_for_every_row() -> None:
    (first, second), wrong = read(
        "never: urgency == self_care",
        "id: a, title: A, hazard: h, source: s, when: fever == yes",
        "id: b, title: B, hazard: i, source: s",
    )
    assert wrong == []
    assert [str(one.must) for one in (first, second)] == ["not urgency == self_care"] * 2
    assert [(one.id, one.hazard, str(one.when)) for one in (first, second)] == [
        ("a", "h", "fever == yes"),
        ("b", "i", "None"),
    ]


def test_what_a_heading_leaves_open_each_row_says_for_itself() -> None:
    (first, second), wrong = read(
        "hazard: h",
        "id: a, title: A, source: s, keeps_out: [massage/knead]",
        'id: b, title: B, source: s, always: "days(rest/a) <= 2"',
    )
    assert wrong == []
    assert [str(first.must), str(second.must)] == ["avoided(massage/knead)", "days(rest/a) <= 2"]
    assert {first.hazard, second.hazard} == {"h"}


@pytest.mark.parametrize("items", [["massage/knead"], ["massage/*", "tag:floor", "belt/support"]])
def test_what_is_kept_out_is_avoided_each_of_it(items: list[str]) -> None:
    said = " and ".join(f"avoided({one})" for one in items)
    assert prop(keeps_out=tuple(items)).must == parse_statement(said)


ROW = "id: a, title: A, hazard: h, source: s"
ONE = "'a': a property has exactly one of always, never, keeps_out and change"
URGENT = "always: urgency == routine"
AMISS: list[tuple[str, str, int, int, str]] = [
    ("hazard: h", ROW, 4, 7, "'a': its heading says 'hazard' already"),
    ("note: N", f"{ROW}, heading: other", 4, 7, "'a': its heading says 'heading' already"),
    ("note: N", ROW, 4, 7, ONE),
    ("keeps_out: []", ROW, 4, 7, ONE),
    (URGENT, f"{ROW}, never: urgency == routine", 4, 7, ONE),
    ("change: {never: lowers_urgency}", ROW, 4, 7, "'a': a change needs for_each: the questions"),
    (URGENT, "id: a, title: A, source: s", 4, 7, "'a': neither the row nor its heading names a ha"),
    (URGENT, "id: a, title: A, hazard: h", 4, 7, "'a': neither the row nor its heading names a so"),
    ("alwayz: urgency == routine", ROW, 2, 11, "'alwayz' is not a key of this entry"),
    (URGENT, f"{ROW}, wen: fever", 4, 52, "'wen' is not a key of this entry"),
    ("always: urgency ==", ROW, 2, 19, "the end cannot stand here"),
]


@pytest.mark.parametrize(("heading", "row", "line", "column", "said"), AMISS)
def test_a_row_that_does_not_fit_its_heading_is_refused_in_its_place(
    heading: str, row: str, line: int, column: int, said: str
) -> None:
    ((*place, message),) = read(heading, row)[1]
    assert place == [line, column]
    assert message.startswith(said)


LOWERS = {"never": "lowers_urgency"}
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"always": "weak_lag == yes"}, "nothing is called 'weak_lag'; did you mean 'weak_leg'"),
    ({"always": "weak_leg == new"}, "'weak_leg' is never 'new'; allowed: no, unsure, yes"),
    ({"always": "fever"}, "'fever' is not a finding; compare a question or score with something"),
    (
        {"always": "fever includes yes"},
        "'fever' is not a several-of question; compare it with == or in",
    ),
    (
        {"always": "signs == rash"},
        "'signs' is a several-of question; write 'signs includes option'",
    ),
    ({"always": "age > old"}, "'age' is compared with 'old', which is no number"),
    ({"always": "fever > no"}, "'fever' has options, which have no order; use ==, != or in"),
    (
        {"never": "urgency == self_car"},
        "'urgency' is never 'self_car'; allowed: emergency, same_day",
    ),
    ({"never": "urgency > routine"}, "'urgency' is compared with ==, != or in"),
    (
        {"never": "recommended(massage/nock)"},
        "'massage/nock' means no item; did you mean 'massage/knock'",
    ),
    ({"never": "recommended(tag:percusion)"}, "'tag:percusion' means no item"),
    (
        {"never": "recommended(massage/knock) == yes"},
        "'recommended(massage/knock)' is true or false; write it alone",
    ),
    (
        {"always": "referred(practitioner/*)"},
        "nobody is referred to 'practitioner/*'; allowed: practitioner/acup",
    ),
    ({"always": "referred(massage/knock)"}, "nobody is referred to 'massage/knock'"),
    ({"never": "fired(weak-lag)"}, "there is no rule in force 'weak-lag'; did you mean 'weak-leg'"),
    (
        {"never": "label(belt/support) == provn"},
        "'label(belt/support)' is never 'provn'; allowed: guideline_strong",
    ),
    ({"never": "label(tag:floor)"}, "'label(tag:floor)' is compared with ==, != or in"),
    ({"always": "days(belt/support) <= 2"}, "'days(belt/support)' is not one value"),
    (
        {"always": "days(belt/support) == few"},
        "'days(belt/support)' is a number of days; compare it with one",
    ),
    ({"always": "unanswered(this)"}, "'this' means nothing without 'for_each'"),
    (
        {"for_each": ("fever",), "always": "urgency == emergency"},
        "'for_each' lists questions, but no statement",
    ),
    (
        {"for_each": ("fevr",), "when": "this == yes", "never": "fired(fever)"},
        "there is no question 'fevr'; did you",
    ),
    (
        {"for_each": ("fever", "age"), "when": "this == yes", "never": "fired(fever)"},
        "'age' is compared with 'yes'",
    ),
    (
        {"for_each": ("fever",), "change": {"before": ("new",), "after": ("no",), **LOWERS}},
        "'fever' is never 'new'",
    ),
    (
        {"for_each": ("floor",), "change": LOWERS},
        "the answers to 'floor' have no order, so none is worse",
    ),
]


@pytest.mark.parametrize(("fields", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_statement_about_what_cannot_be_is_refused(
    fields: dict[str, Any], said: str, toy: Catalog
) -> None:
    assert statements.fault(toy, prop(**fields)).startswith(said)


def test_a_retired_rule_is_no_rule_to_speak_of(toy: Catalog) -> None:
    retired = {name: replace(rule, status="retired") for name, rule in toy.rules.items()}
    gone = replace(toy, rules=retired)
    assert (
        statements.fault(gone, prop(never="fired(weak-leg)"))
        == "there is no rule in force 'weak-leg'"
    )


def test_what_is_said_of_the_toy_can_all_be_said(toy: Catalog) -> None:
    assert [
        statements.fault(toy, prop(always=statement)) for statement, _, _ in MEANS if statement
    ] == [""] * len(MEANS)
