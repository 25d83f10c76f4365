"""Whatever lies in a folder of rules is read or refused by name; every fault is told in one run."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from edits import TOY, copied, edited

from lumbar import BadCatalogError, load
from lumbar.reading.problems import Problem, told
from lumbar.review.check import check
from lumbar.rulebook.loading import read_files
from lumbar.signatures.signoffs import signoffs


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return copied(TOY, tmp_path / "toy")


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    """Nothing here may wait for a pipe, or read a device to its end."""
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < 20


def found(root: Path) -> list[tuple[str, str]]:
    return [(one.file, one.code) for one in check(root)]


def lumbar(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lumbar", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "name",
    [
        "rules/cautions/massage_philtrum", "rules/care/body.yml", "rules/care/body.yaml.bak",
        "rules/care/body.yaml~", "rules/care/.body.yaml.swp", "rules/care/.body.yaml",
        "content/massage/notes.md", "rules/new/rule.yaml", "content/massage.yaml", "rules/CARE/x.yaml",
    ],
)  # fmt: skip
def test_a_file_that_is_nothing_is_named_and_not_passed_over(toy: Path, name: str) -> None:
    (toy / name).parent.mkdir(exist_ok=True)
    (toy / name).write_text("- id: x\n", encoding="utf-8")
    assert found(toy) == [(name, "stray-file")]
    with pytest.raises(BadCatalogError, match="stray-file"):
        load(toy)


def linked_file(path: Path) -> None:
    path.symlink_to(TOY / "rules" / "care" / "body.yaml")


def linked_folder(path: Path) -> None:
    path.symlink_to(TOY / "rules" / "care")


def linked_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def listening(path: Path) -> None:
    os.chdir(path.parent)  # a path of a socket may have 100 characters only
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)


def to_the_endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


NO_FILES = [linked_file, linked_folder, linked_to_itself, os.mkfifo, os.mkdir, listening, to_the_endless]  # fmt: skip


@pytest.mark.parametrize("make", NO_FILES, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", ["rules/care/more.yaml", "content/massage/more.yaml"])
def test_what_is_no_file_is_refused_by_name(
    toy: Path, name: str, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(toy)
    make(toy / name)
    (problem,) = check(toy)
    assert (problem.file, problem.code) == (name, "no-file")
    assert problem.message.endswith("not a file")


@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, to_the_endless], ids=lambda make: make.__name__
)
def test_a_record_of_signatures_that_is_no_file_counts_for_nothing(
    toy: Path, make: Callable[[Path], None]
) -> None:
    files = read_files(toy)
    make(toy / "rules" / "signoffs.yaml")
    assert [one.code for one in check(toy)] == ["no-file"]
    assert files.problems == []
    assert signoffs(load(toy)).problems


@pytest.mark.parametrize("make", NO_FILES[2:], ids=lambda make: make.__name__)
def test_answers_that_are_no_file_are_refused_by_name(
    tmp_path: Path, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "answers.yaml")
    result = lumbar("plan", tmp_path / "answers.yaml")
    assert result.returncode == 3
    assert "answers.yaml no-file cannot be read" in result.stderr


def test_a_folder_that_is_a_link_itself_is_read(toy: Path) -> None:
    (toy / "rules").rename(toy / "elsewhere")
    (toy / "rules").symlink_to("elsewhere")
    assert check(toy) == []


def test_an_empty_folder_of_a_stage_and_what_people_read_are_fine(toy: Path) -> None:
    shutil.copy(toy / "rules" / "care" / "life.yaml", toy / "rules" / "care" / "README.md")
    (toy / "rules" / "care" / "later").mkdir()
    (toy / "rules" / ".lumbar-signoffs.yaml-1-x.tmp").write_text("half", encoding="utf-8")
    assert check(toy) == []


@pytest.mark.parametrize("character", ["\x01", "\x00", "\x1b", "\x9b", "\u202e", "\u200b"])
def test_a_character_that_is_no_text_is_told_at_its_place(toy: Path, character: str) -> None:
    edited(toy, "rules/care/life.yaml", "title: Active", f"title: Act{character}ive")
    line = (toy / "rules/care/life.yaml").read_text(encoding="utf-8").split(character)[0]
    (problem,) = check(toy)
    assert (problem.code, problem.line, problem.column) == ("not-text", line.count("\n") + 1, 13)


@pytest.mark.parametrize(
    "text", ['"a\\0b"', '"a\\e[31mb"', '" "', '"\\u200b"', "\u3164", '"\\t\\n"']
)
@pytest.mark.parametrize(
    ("file", "find"),
    [
        ("rules/care/life.yaml", "because: Because of active."),
        ("content/massage/knead.yaml", "summary: Knead in short."),
        ("content/questionnaire.yaml", "text: What is your age?"),
    ],
)
def test_a_text_that_nobody_could_read_is_refused(
    toy: Path, file: str, find: str, text: str
) -> None:
    edited(toy, file, find, f"{find.partition(':')[0]}: {text}")
    (problem,) = check(toy)
    assert (problem.file, problem.code) == (file, "not-text")
    assert problem.line > 0


def test_faults_of_loading_and_of_behaviour_are_told_in_one_run(toy: Path) -> None:
    edited(toy, "rules/care/life.yaml", "when: work == desk", "when: wrok == desk")
    edited(toy, "rules/cautions/body.yaml", "- fires: {floor: no}", "- fires: {}")
    edited(toy, "rules/hazards.yaml", "rule: weak-leg", "test: tests/x.py::test_x")
    edited(toy, "rules/hazards.yaml", "property: no-knocking-in-pregnancy", "property: no")
    (toy / "rules" / "signoffs.yaml").write_bytes(b"- [nothing\n")
    codes = {code for _, code in found(toy)}
    assert codes >= {"unknown-name", "bad-example", "unknown-control", "yaml-syntax"}


def test_where_a_file_is_unreadable_what_needs_it_is_not_guessed_at(toy: Path) -> None:
    edited(toy, "rules/triage/signs.yaml", "- id: fever", "- id: [")
    edited(toy, "rules/hazards.yaml", "property: no-knocking-in-pregnancy", "property: no")
    edited(toy, "content/massage/knead.yaml", "label: ", "lable: ")
    edited(toy, "rules/care/life.yaml", "when: work == desk", "when: work == dsk")
    assert {code for _, code in found(toy)} == {
        "yaml-syntax", "unknown-control", "unknown-key", "missing-key", "unknown-option",
    }  # fmt: skip


def test_what_hangs_on_a_rule_with_a_problem_is_left_out_and_the_rest_is_tried(toy: Path) -> None:
    edited(
        toy,
        "rules/profile/state.yaml",
        "when: pain_days < long_after",
        "when: pain_dys < long_after",
    )
    edited(toy, "rules/cautions/body.yaml", "- fires: {signs: [rash]}", "- fires: {}")
    assert {code for _, code in found(toy)} >= {"unknown-name", "bad-example"}
    assert sum(code == "bad-example" for _, code in found(toy)) == 1


def test_a_list_of_problems_stops_and_says_how_many_more() -> None:
    problems = [Problem("a.yaml", n, 1, "duplicate-key", "twice") for n in range(28_000)]
    lines = list(told(problems))
    assert len(lines) == 51
    assert lines[-1] == "... and 27950 more problems"
    assert len(str(BadCatalogError(problems))) < 5_000


def test_nothing_from_outside_reaches_into_a_terminal() -> None:
    foreign = "\x1b[31m\r\x07\u202e\n" + "x" * 100_000
    said = str(Problem(f"{foreign}.yaml", 1, 1, "unknown-key", f"'{foreign}'", foreign))
    first, hint = said.split("\n")
    assert first.isprintable()
    assert hint.isprintable()
    assert len(said) < 2_000


def test_a_stage_may_hold_any_number_of_rules(toy: Path) -> None:
    rule = (toy / "rules/care/life.yaml").read_text(encoding="utf-8").split("\n- id: ")[0]
    many = [rule.replace("- id: ", f"- id: again-{n}-") for n in range(300)]
    (toy / "rules" / "care" / "many.yaml").write_text("\n".join(many), encoding="utf-8")
    assert found(toy) == []


def test_no_name_is_one_that_the_live_engine_has_for_itself(toy: Path) -> None:
    file = "rules/triage/bad.yaml"
    text = (TOY.parent / "bad/name-collision" / file).read_text(encoding="utf-8")
    own = text.replace("worn_bend_often", "sid").replace("heat_lift_mild", "stiff")
    (toy / file).write_text(own, encoding="utf-8")
    told = [str(one) for one in check(toy)]
    assert len(told) == 1
    assert "cannot tell 'sid' from its own 'sid'" in told[0]
