"""One language says what is expected: of examples of rules, personas, disputes and proofs."""

import pytest
from edits import TOY
from hypothesis import given
from hypothesis import strategies as st

from lumbar import Catalog, decide, load, make_plan
from lumbar.reading.flow import flow
from lumbar.reading.problems import BadCatalogError
from lumbar.reading.yamlfile import YamlFile
from lumbar.review.people import examples, personas
from lumbar.review.people.expectations import differences, misnamed
from lumbar.review.signing import disputes
from lumbar.review.signing.sign import SigningError
from lumbar.rulebook.rules import Example, Expectation

WEAK_LEG = {"weak_leg": "yes"}


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def expectation(text: str) -> Expectation:
    return personas.read(f"who: A\nanswers: {{}}\nexpect: {{{text}}}\n").expect


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ("urgency: emergency", True),
        ("refers_to: [practitioner/emergency]", True),
        ("refers_to: {practitioner/emergency: emergency}", True),
        ("refers_to: {practitioner/emergency: null}", True),
        ("refers_to: {practitioner/emergency: same_day}", False),
        ("not_refers_to: [practitioner/gp]", True),
        ("not_refers_to: [practitioner/emergency]", False),
        ("findings: {nerve_signs: yes}", True),
        ("findings: {nerve_signs: no}", False),
        ("recommends: [exercise/walking]", False),
        ("doses: {massage/knead: gentle}", False),
        ("leaves_out: {massage/knead: urgent}", True),
        ("leaves_out: {massage/knead: no_room}", False),  # and an example has no plan
        ("fires: [weak-leg]", True),
        ("silent: [weak-leg]", False),
    ],
)
def test_examples_personas_and_disputes_say_the_same_in_the_same_words(expected, holds, toy):
    said = expectation(expected)
    decision = decide(toy, raw(toy, WEAK_LEG))
    assert (list(differences(said, decision, make_plan(decision))) == []) is holds
    wrong = examples.fault(toy, toy.rules["weak-leg"], Example(fires=WEAK_LEG, gives=said))
    assert (wrong == "") is holds


def raw(catalog: Catalog, over: dict[str, str]) -> dict[str, object]:
    typed = catalog.questionnaire.example(over)
    return {n: sorted(one) if isinstance(one, frozenset) else one for n, one in typed.items()}


def test_what_is_avoided_is_kept_out_by_a_rule_and_by_the_rule_that_says_so(toy):
    decision = decide(toy, raw(toy, {"floor": "no"}))
    expected = Expectation(avoids=("tag:floor",))
    assert list(differences(expected, decision)) == []
    assert list(differences(expected, decision, rule="no-floor")) == []
    assert len(list(differences(expected, decision, rule="on-the-floor"))) == 1
    wrong = Expectation(avoids=("exercise/*",))
    assert "does not keep out exercise/breathing" in next(differences(wrong, decision))


@pytest.mark.parametrize(
    "said",
    [
        "avoids: [massage/kneed]",
        "avoids: [tag:nothing]",
        "doses: {massage/kneed: gentle}",
        "silent: [weak-legg]",
        "leaves_out: {massage/knead: weak-legg}",
        "refers_to: [practitioner/vet]",
        "findings: {nerve_sign: no}",
    ],
)
def test_an_example_that_names_what_does_not_exist_is_told_as_of_a_persona(said, toy):
    expected = expectation(said)
    assert len(list(misnamed(toy, {}, expected))) == 1
    example = Example(fires=WEAK_LEG, gives=expected)
    assert "an unknown" in examples.fault(toy, toy.rules["weak-leg"], example)


def test_whom_to_see_is_a_list_or_says_how_soon_of_each():
    with pytest.raises(BadCatalogError, match=r":3:\d+ not-allowed 'soon' is not allowed"):
        expectation("refers_to: {practitioner/gp: soon}")
    with pytest.raises(BadCatalogError, match=r":3:\d+ wrong-type 'refers_to' should be keys"):
        expectation("refers_to: [[practitioner/gp]]")
    for text in ("{refers_to: [practitioner/gp]}", "{refers_to: {practitioner/gp: routine}}"):
        assert flow(expectation(text[1:-1])) == text


@given(
    st.recursive(
        st.text() | st.integers(-(10**17), 10**17) | st.none() | st.sampled_from(["null", "~"]),
        lambda one: st.lists(one).map(tuple) | st.dictionaries(st.text(), one),
        max_leaves=8,
    )
)
def test_whatever_is_written_on_one_line_reads_the_same(value):
    assert YamlFile("a", f"a: {flow(value)}\n").data == {"a": value}
    assert flow(value).isprintable()


def test_a_dispute_says_it_in_the_same_words(toy):
    said = ("refers_to=practitioner/gp:routine", "refers_to=practitioner/emergency")
    said += ("avoids=tag:floor", "avoids=belt/*", "leaves_out=massage/knead:no-massage")
    case = disputes.case_of(toy, "weak-leg", raw(toy, WEAK_LEG), said)
    assert case.expect == expectation(
        "refers_to: {practitioner/gp: routine, practitioner/emergency: null},"
        ' avoids: ["tag:floor", "belt/*"], leaves_out: {massage/knead: no-massage}'
    )
    with pytest.raises(SigningError, match="should be doses=NAME:VALUE"):
        disputes.case_of(toy, "weak-leg", raw(toy, WEAK_LEG), ["doses=massage/knead"])
