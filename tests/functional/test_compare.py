"""`lumbar diff` and `lumbar impact` as a clinician uses them, on copies of the rules with one thing
changed.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="the extra `crowd` is not installed")
pytest.importorskip("z3", reason="the extra `review` is not installed")
from edits import SHIPPED, copied, edited, without_rule

from lumbar import decide, load
from lumbar.intake.answers_file import read

SCRIPT = Path(sys.executable).with_name("lumbar")
SIGNS, PAIN = "rules/triage/signs.yaml", "rules/triage/pain.yaml"
PERSONAS = SHIPPED / "tests" / "personas"
Result = subprocess.CompletedProcess[str]


def lumbar(*words: str | Path, cwd: Path | None = None, **more: str) -> Result:
    """Run the installed script; whatever happens, a person must never see a traceback."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"COLUMNS", "PYTHONPATH", "NO_COLOR"}
    }
    result = subprocess.run(
        [SCRIPT, *map(str, words)],
        capture_output=True, encoding="utf-8", timeout=120, check=False, cwd=cwd, env={**kept, **more},
    )  # fmt: skip
    assert "Traceback" not in result.stderr + result.stdout
    return result


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_a_threshold_of_the_shipped_rules_moved_by_one_is_told_and_its_people_are_found(tmp_path):
    """A person on the old threshold is found by proof, and the same change is counted among the
    personas.
    """
    one, other = copied(SHIPPED, tmp_path / "one"), copied(SHIPPED, tmp_path / "other")
    value = load(one).thresholds["young_age_below"].value
    before, after = (f"id: young_age_below, value: {number}," for number in (value, value + 1))
    edited(other, "rules/thresholds.yaml", before, after)
    result = lumbar("diff", one, other, "--format", "json", "--save", tmp_path / "kept")
    found = json.loads(result.stdout)
    assert result.returncode == 0
    assert [(c["name"], c["old"], c["new"]) for c in found["changes"]] == [
        ("young_age_below", [str(value)], [str(value + 1)])
    ]
    cases = found["people"]["cases"]
    assert {case["answers"]["age"] for case in cases} == {value}
    assert {"urgency_raised", "newly_kept_out"} <= {case["kind"] for case in cases}
    assert "urgency_lowered" in found["people"]["proved_for_nobody"]
    for case in cases:
        answers = read(load(other).questionnaire, Path(case["file"]))
        assert answers.raw == case["answers"]
    counted = json.loads(
        lumbar("impact", one, other, "--personas", PERSONAS, "--format", "json").stdout
    )
    rows = {row["row"]: row for row in counted["rows"]}
    assert rows["newly_kept_out"]["example"] == "persona gymnast_of_twenty_arching"
    assert rows["urgency_lowered"]["people"] == 0
    assert rows["same"]["people"] == counted["people"] - 1 - rows["reasons"]["people"]


def test_a_difference_is_readable_in_eighty_columns_with_the_worst_first(old, new):
    without_rule(new, SIGNS, "weak-leg-unsure")
    edited(new, PAIN, "Because of severe pain.", "Because it is strong.")
    result = lumbar("diff", old, new)
    assert (result.returncode, result.stderr) == (0, "")
    assert max(map(len, result.stdout.splitlines())) <= 80
    text = squeezed(result.stdout)
    assert (
        text.index("LOGIC")
        < text.index("WORDING")
        < text.index("EVIDENCE")
        < text.index("FOR WHOM")
    )
    assert "was: Because of severe pain. now: Because it is strong." in text
    assert (
        "!!! Urgency LOWERED for somebody same_day to self_care for example: weak_leg unsure"
        in text
    )
    assert text.index("Urgency LOWERED") < text.index("Item newly offered")
    assert "Proved for nobody: urgency raised; " in text


def test_a_person_who_is_kept_opens_with_the_commands_for_answers(old, new, tmp_path):
    without_rule(new, SIGNS, "weak-leg-unsure")
    lumbar("diff", old, new, "--save", tmp_path / "kept")
    file = tmp_path / "kept" / "urgency-lowered-1.yaml"
    assert file.read_text(encoding="utf-8").startswith("# Urgency LOWERED, ")
    outcomes = [
        decide(catalog, read(catalog.questionnaire, file)).urgency
        for catalog in (load(old), load(new))
    ]
    assert outcomes == ["same_day", "self_care"]


def test_nobody_differing_is_said_to_be_proved(old, new):
    (new / "rules" / "practice.yaml").unlink()
    assert "Nothing changed: every file is the same" in lumbar("diff", old, new).stdout
    edited(new, PAIN, "  title: Severe pain\n", "  # in words\n  title: Severe pain\n")
    text = squeezed(lumbar("diff", old, new).stdout)
    assert (
        "COSMETIC: changes nothing that is read (1 change) rules/triage/pain.yaml: spaces, comments or order only"
        in text
    )
    assert "Proved: nobody's decision differs." in text
    assert "Proved: nobody's plan holds other items either." in text


def test_limits_of_a_plan_are_not_said_to_be_proved(old, new):
    edited(
        new,
        "rules/plan.yaml",
        "at_most: 3\n    order: [exercise/bridge",
        "at_most: 4\n    order: [exercise/bridge",
    )
    text = squeezed(lumbar("diff", old, new).stdout)
    assert "But limits of the plan changed, so a plan may hold other items." in text
    assert "nobody's plan" not in text


@pytest.mark.parametrize(("edit", "code"), [("weak-leg-unsure", 1), (None, 0)])
def test_a_lowered_urgency_can_fail_a_script(old, new, edit, code):
    if edit:
        without_rule(new, SIGNS, edit)
    result = lumbar("diff", old, new, "--fail-if-lowered")
    assert result.returncode == code
    assert ("somebody's urgency is lowered" in result.stderr) is bool(code)


def test_a_revision_of_the_repository_around_is_compared_with_a_folder(old, new):
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-C", old, "-c", "user.name=a", "-c", "user.email=a@b.c", *words],
            check=True,
            capture_output=True,
        )

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "rules")
    edited(old, "rules/thresholds.yaml", "value: 84", "value: 85")
    result = lumbar("diff", "HEAD", ".", "--format", "json", cwd=old)
    assert result.returncode == 0
    assert [one["name"] for one in json.loads(result.stdout)["changes"]] == ["long_after"]
    assert lumbar("diff", "HEAD~1", ".", cwd=old).returncode == 2
    assert lumbar("diff", "HEAD", ".", cwd=old / "rules").returncode == 2
    (old / "HEAD").mkdir()
    assert (
        "the folder 'HEAD' has no rules and no content in it"
        in lumbar("diff", "HEAD", ".", cwd=old).stderr
    )


@pytest.mark.parametrize("command", ["diff", "impact"])
def test_a_side_that_cannot_be_found_or_loaded_is_named(old, new, command):
    missing = lumbar(command, old, old / "nowhere")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "nowhere" in missing.stderr
    edited(new, PAIN, "pain_mean >=", "pain_meen >=")
    broken = lumbar(command, old, new)
    assert (broken.returncode, broken.stdout) == (4, "")
    assert f"NEW ({new}) rules/triage/pain.yaml:3:9 unknown-name" in broken.stderr


def test_without_git_a_folder_still_works_and_a_revision_is_refused_in_words(old, new, tmp_path):
    assert lumbar("impact", old, new, "--people", "5", PATH=str(tmp_path)).returncode == 0
    result = lumbar("diff", "HEAD", new, PATH=str(tmp_path))
    assert result.returncode == 2
    assert "git is not installed" in result.stderr


def test_without_numpy_and_pyarrow_it_says_how_to_get_them_and_counts_the_others(
    old, new, tmp_path
):
    gone = "import sys\nsys.modules |= dict.fromkeys(('numpy', 'pyarrow'))\n"
    (tmp_path / "sitecustomize.py").write_text(gone, encoding="utf-8")
    (tmp_path / "people.csv").write_text("age\n40\n", encoding="utf-8")
    tried = (("--people", "5", "numpy"), ("--people", tmp_path / "people.csv", "pyarrow"))
    for option, value, package in tried:
        result = lumbar("impact", old, new, option, value, PYTHONPATH=str(tmp_path))
        assert (result.returncode, result.stdout) == (2, "")
        assert re.search(
            rf"need {package}; install it with: .* {package}>=", result.stderr.replace("'", "")
        )
    assert lumbar("audit", PYTHONPATH=str(tmp_path)).returncode == 2
    assert (
        lumbar("impact", old, new, "--personas", PERSONAS, PYTHONPATH=str(tmp_path)).returncode == 0
    )


def test_people_of_a_table_are_counted_and_what_cannot_be_read_is_named(old, new, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("age,fever\n40,no\n400,no\n", encoding="utf-8")
    result = lumbar("impact", old, new, "--people", path)
    assert result.returncode == 0
    assert f"{path}:2" in squeezed(result.stdout).replace(" ", "")
    assert "'age' cannot be 400" in result.stdout
    path.write_text("age,fevr\n40,no\n", encoding="utf-8")
    result = lumbar("impact", old, new, "--people", path)
    assert (result.returncode, result.stdout) == (3, "")
    assert "there is no question 'fevr'" in result.stderr


def test_without_z3_what_changed_is_still_told_and_what_is_missing_is_said(old, new, tmp_path):
    (tmp_path / "z3.py").write_text(
        "raise ModuleNotFoundError('none', name='z3')\n", encoding="utf-8"
    )
    without_rule(new, SIGNS, "weak-leg-unsure")
    result = lumbar("diff", old, new, PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert "rule weak-leg-unsure: gone" in result.stdout
    assert "FOR WHOM" not in result.stdout
    assert "-m pip install 'z3-solver>=" in result.stderr
    found = json.loads(
        lumbar("diff", old, new, "--format", "json", PYTHONPATH=str(tmp_path)).stdout
    )
    assert found["people"] is None
    assert "Z3" in found["missing"]
    assert lumbar("impact", old, new, "--people", "5", PYTHONPATH=str(tmp_path)).returncode == 0


def test_impact_counts_a_file_of_people_and_names_the_first_of_each_row(old, new, tmp_path):
    without_rule(new, SIGNS, "weak-leg-unsure")
    people = tmp_path / "people.yaml"
    people.write_text(
        "- {age: 40, weak_leg: no}\n- {age: 41, weak_leg: unsure}\n- {age: 999}\n", encoding="utf-8"
    )
    result = lumbar(
        "impact", old, new, "--people", people, "--format", "json", "--save", tmp_path / "kept"
    )
    rows = {row["row"]: row for row in json.loads(result.stdout)["rows"]}
    assert result.returncode == 0
    assert {name: row["people"] for name, row in rows.items() if row["people"]} == {
        "urgency_lowered": 1, "referrals_dropped": 1, "items_added": 1, "not_taken": 1, "same": 1,
    }  # fmt: skip
    assert rows["urgency_lowered"]["example"] == f"{people}:2"
    assert rows["urgency_lowered"]["lines"] == [{"what": "same_day to within_days", "people": 1}]
    assert rows["not_taken"]["lines"] == [{"what": "'age' cannot be 999", "people": 1}]
    kept = read(load(new).questionnaire, tmp_path / "kept" / "urgency-lowered.yaml")
    assert kept == {"age": 41, "weak_leg": "unsure"}
    assert json.loads((tmp_path / "kept" / "not-taken.json").read_text(encoding="utf-8")) == {
        "age": 999
    }


def test_impact_is_readable_in_eighty_columns_with_the_worst_first(old, new):
    without_rule(new, SIGNS, "weak-leg-unsure")
    result = lumbar("impact", old, new, "--people", "200")
    assert (result.returncode, result.stderr) == (0, "")
    assert max(map(len, result.stdout.splitlines())) <= 80
    lines = [line for line in result.stdout.splitlines() if line]
    assert lines[0].startswith("Of 200 people, ")
    assert lines[2].startswith("!!! Urgency LOWERED")
    assert lines[3].startswith("Urgency raised")
    assert "made-up 1/" in lines[2]
    assert "--save DIR" in result.stdout


def test_the_same_seed_counts_the_same_people(old, new):
    without_rule(new, SIGNS, "weak-leg-unsure")
    words = ("impact", old, new, "--people", "60", "--format", "json", "--seed")
    assert lumbar(*words, "5").stdout == lumbar(*words, "5").stdout != lumbar(*words, "6").stdout


def test_without_options_impact_counts_the_personas_beside_the_rules(old, new):
    folder = new / "tests" / "personas"
    folder.mkdir(parents=True)
    (folder / "ann.yaml").write_text(
        "who: Ann.\nanswers: {fever: yes}\nexpect: {}\n", encoding="utf-8"
    )
    without_rule(new, SIGNS, "weak-leg-unsure")
    found = json.loads(lumbar("impact", old, new, "--format", "json").stdout)
    assert found["people"] == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--people", "gone.yaml"), 3, "gone.yaml"),
        (("--personas", "gone"), 2, "there is no folder 'gone'"),
        (("--personas", "."), 2, "there is nobody to decide for"),
        (("--people", "-1"), 2, "'--people' should be from 1 to"),
    ],
)
def test_a_wrong_request_says_what_is_wrong(old, new, words, code, says):
    result = lumbar("impact", old, new, *words, cwd=old)
    assert (result.returncode, result.stdout) == (code, "")
    assert says in result.stderr


def test_a_folder_that_cannot_be_made_is_said(old, new, tmp_path):
    without_rule(new, SIGNS, "weak-leg-unsure")
    (tmp_path / "file").write_text("", encoding="utf-8")
    for command in (("diff",), ("impact", "--people", "200")):
        result = lumbar(command[0], old, new, *command[1:], "--save", tmp_path / "file" / "kept")
        assert result.returncode == 2
        assert "cannot be read or written" in result.stderr
