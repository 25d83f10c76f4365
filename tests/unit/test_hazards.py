"""The hazard log: every hazard has a control, every control exists, and what is wrong is told in
its place.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lumbar import Catalog, load
from lumbar.reading.paths import data_root
from lumbar.reading.problems import Problem
from lumbar.review.check import check
from lumbar.review.properties import hazards, safety
from lumbar.review.properties.hazards import Control
from lumbar.rulebook.conditions import clauses

TOY = Path(__file__).parents[1] / "toy"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    shutil.copytree(TOY, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def edit(toy: Path) -> Edit:
    def put(file: str, find: str, instead: str) -> None:
        text = (toy / file).read_text(encoding="utf-8")
        assert text.count(find) == 1
        (toy / file).write_text(text.replace(find, instead), encoding="utf-8")

    return put


def problems(root: Path) -> list[Problem]:
    return list(hazards.read(root, load(root))[2])


def codes(root: Path) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.code) for one in problems(root)]


def test_the_shipped_log_and_properties_have_no_problem(catalog: Catalog) -> None:
    assert hazards.read(data_root(), catalog)[2] == ()


def test_all_shipped_scores_are_proposed_until_a_safety_officer_agrees_them() -> None:
    found, _, _ = hazards.read(data_root())
    assert {one.scoring for one in found} == {"proposed"}


def test_the_fifteen_hazards_of_the_fact_base_are_all_there() -> None:
    found, _, _ = hazards.read(data_root())
    assert {f"H{number}" for number in range(1, 16)} <= {one.ref for one in found}


def test_every_shipped_hazard_has_a_control_that_a_machine_runs() -> None:
    found, properties, _ = hazards.read(data_root())
    for hazard in found:
        run = [one for one in hazards.controls(hazard, properties) if one.property or one.test]
        assert run or hazard.residual, (
            f"{hazard.id} rests on rules alone and does not say what is left"
        )


def test_every_decisive_answer_is_spoken_of_by_a_property(catalog: Catalog) -> None:
    _, properties, _ = hazards.read(data_root())
    spoken = {
        (name, value) for claim in every_claim(catalog, properties) for name, value in asked(claim)
    }
    for name, question in catalog.questionnaire.questions.items():
        for value in (option for option, kind in question.kinds.items() if kind == "decisive"):
            assert (name, value) in spoken, (
                f"no property says what '{name}' answered '{value}' must lead to"
            )


def every_claim(catalog: Catalog, properties: tuple[safety.Property, ...]) -> list[safety.Claim]:
    return [
        claim for prop in properties if not prop.change for claim in safety.claims(catalog, prop)
    ]


def asked(claim: safety.Claim) -> set[tuple[str, str]]:
    """Return the answers a claim's condition asks for, as (question, answer)."""
    said: set[tuple[str, str]] = set()
    for clause, negated in clauses(claim.when):
        values = getattr(clause, "values", None) or (
            getattr(clause, "value", None),
            getattr(clause, "option", None),
        )
        said |= {(clause.name, value) for value in values if isinstance(value, str) and not negated}
    return said


def test_a_property_that_names_a_hazard_controls_it_without_being_listed() -> None:
    found, properties, _ = hazards.read(TOY)
    first, second = found
    assert hazards.controls(first, properties) == (
        Control(property="weak-leg-emergency"),
        Control(property="open-flag-seen"),
        Control(rule="weak-leg"),
    )
    assert [str(one) for one in hazards.controls(second, properties)].count(
        "no-knocking-in-pregnancy"
    ) == 1


def test_a_property_alone_is_control_enough(toy: Path, edit: Edit) -> None:
    edit("rules/hazards.yaml", "  controls:\n    - rule: weak-leg\n", "")
    assert codes(toy) == []


def test_a_hazard_without_any_control_is_told(toy: Path, edit: Edit) -> None:
    edit("rules/safety.yaml", "hazard: knocked", "hazard: nerve-damage")
    edit(
        "rules/hazards.yaml",
        "    - test: tests/test_bad_files.py::test_the_toy_itself_has_no_problem\n",
        "",
    )
    edit("rules/hazards.yaml", "  controls:\n    - property: no-knocking-in-pregnancy\n", "")
    assert codes(toy) == [("rules/hazards.yaml", 12, "no-control")]


def test_a_retired_rule_controls_nothing(toy: Path, edit: Edit) -> None:
    edit("rules/hazards.yaml", "rule: weak-leg", "rule: severe-pain")
    assert codes(toy) == []
    edit("rules/triage/pain.yaml", "status: draft", "status: retired")
    assert [one.message for one in problems(toy)] == ["there is no rule in force 'severe-pain'"]


def test_a_property_that_does_not_exist_controls_nothing(toy: Path, edit: Edit) -> None:
    edit("rules/hazards.yaml", "property: no-knocking-in-pregnancy", "property: no-knocking")
    assert codes(toy) == [("rules/hazards.yaml", 22, "unknown-control")]
    assert problems(toy)[0].hint == "did you mean 'no-knocking-in-pregnancy'"


def test_a_test_is_looked_up_only_where_there_are_tests_beside_the_rules(toy: Path) -> None:
    assert codes(toy) == []
    (toy / "tests").mkdir()
    assert codes(toy) == [("rules/hazards.yaml", 21, "unknown-control")]
    (toy / "tests" / "test_bad_files.py").write_text(
        "def test_the_toy() -> None: ...\n", encoding="utf-8"
    )
    assert codes(toy) == [("rules/hazards.yaml", 21, "unknown-control")]
    named = "def test_the_toy_itself_has_no_problem() -> None: ...\n"
    (toy / "tests" / "test_bad_files.py").write_text(named, encoding="utf-8")
    assert codes(toy) == []


@pytest.mark.parametrize(
    "path", ["../secret.py::test_it", "tests/../x.py::test_it", "tests/x.py", "tests/x.py::helper"]
)
def test_a_control_can_only_name_a_test_below_tests(path: str, toy: Path, edit: Edit) -> None:
    edit("rules/hazards.yaml", "tests/test_bad_files.py::test_the_toy_itself_has_no_problem", path)
    assert [code for _, _, code in codes(toy)] == ["bad-value"]


def test_a_control_is_one_thing_only(toy: Path, edit: Edit) -> None:
    edit(
        "rules/hazards.yaml",
        "    - rule: weak-leg\n",
        "    - {rule: weak-leg, property: weak-leg-emergency}\n",
    )
    assert [one.message for one in problems(toy)] == [
        "'0': a control is exactly one of property, rule and test"
    ]


@pytest.mark.parametrize(
    ("find", "instead", "line"),
    [("id: knocked", "id: nerve-damage", 12), ("ref: H2", "ref: H1", 13)],
)
def test_no_two_hazards_share_an_id_or_a_number(
    find: str, instead: str, line: int, toy: Path, edit: Edit
) -> None:
    edit("rules/hazards.yaml", find, instead)
    assert ("rules/hazards.yaml", line, "duplicate-id") in codes(toy)


def test_no_two_properties_share_an_id(toy: Path, edit: Edit) -> None:
    edit("rules/safety.yaml", "id: open-flag-seen", "id: weak-leg-emergency")
    assert codes(toy) == [("rules/safety.yaml", 9, "duplicate-id")]


@pytest.mark.parametrize("file", ["rules/safety.yaml", "rules/hazards.yaml"])
def test_a_rule_set_without_properties_or_without_a_log_is_told(file: str, toy: Path) -> None:
    (toy / file).unlink()
    assert codes(toy) == [(file, 0, "no-file")]


def test_an_unknown_source_is_told_in_both_files(toy: Path, edit: Edit) -> None:
    edit("rules/hazards.yaml", "  source: toy-guess", "  source: toy-gess")
    edit("rules/safety.yaml", "source: toy-guess", "source: toy-gess")
    assert codes(toy) == [
        ("rules/hazards.yaml", 23, "unknown-source"),
        ("rules/safety.yaml", 14, "unknown-source"),
    ]


def test_a_rule_and_a_property_may_share_a_name_and_the_rule_is_still_found(
    toy: Path, edit: Edit
) -> None:
    edit("rules/safety.yaml", "id: no-knocking-in-pregnancy", "id: no-floor")
    edit("rules/hazards.yaml", "property: no-knocking-in-pregnancy", "property: no-floor")
    edit("rules/cautions/body.yaml", "    - fires: {floor: no}\n", "    - fires: {}\n")
    assert [(one.file, one.code) for one in check(toy)] == [
        ("rules/cautions/body.yaml", "bad-example")
    ]
