"""Answers documents: every fault told in its place, and files written whole or not at all."""

import io
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumbar import BadAnswersError, Catalog, Problem, load
from lumbar.intake.answers import Answers
from lumbar.intake.answers_file import dump, json_schema, read
from lumbar.reading.writing import write_whole
from lumbar.rulebook.questionnaire import Number, OneOf, Questionnaire

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> Questionnaire:
    return load(TOY).questionnaire


def reading(questionnaire: Questionnaire, text: str | bytes) -> Answers:
    return read(questionnaire, io.BytesIO(text.encode() if isinstance(text, str) else text))


def problems(questionnaire: Questionnaire, text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(BadAnswersError) as caught:
        reading(questionnaire, text)
    return caught.value.problems


def problem(questionnaire: Questionnaire, text: str | bytes) -> Problem:
    (one,) = problems(questionnaire, text)
    return one


# What is wrong, in YAML and in JSON; the code; what the message names; what the hint offers.
FAULTS = [
    ("agee: 42", '{"agee": 42}', "unknown-question", "'agee'", "did you mean 'age'"),
    ("zzz: 42", '{"zzz": 42}', "unknown-question", "'zzz'", "lists every question"),
    ("age: old", '{"age": "old"}', "wrong-type", "'age'", "allowed: 0 to 120 years"),
    ('age: "42"', '{"age": "42"}', "wrong-type", "'age'", "allowed: 0 to 120 years"),
    ("age: 42.5", '{"age": 42.5}', "wrong-type", "'age' should be a whole number, not 42.5", "0 to 120"),
    ("age: 42.0", '{"age": 42.0}', "wrong-type", "'age'", "0 to 120"),
    ("age: true", '{"age": true}', "wrong-type", "'age'", "0 to 120"),
    ("age:", '{"age": null}', "wrong-type", "'age' should be a whole number, not nothing", "0 to 120"),
    ("age: [42]", '{"age": [42]}', "wrong-type", "'age'", "0 to 120"),
    ("age: -1", '{"age": -1}', "out-of-range", "'age' cannot be -1", "0 to 120"),
    ("age: 121", '{"age": 121}', "out-of-range", "'age' cannot be 121", "0 to 120"),
    ("fever: maybe", '{"fever": "maybe"}', "unknown-option", "'fever' has no option 'maybe'", "allowed: no, unsure"),
    ("fever: yess", '{"fever": "yess"}', "unknown-option", "'fever'", "did you mean 'yes'"),
    ("fever: [yes]", '{"fever": ["yes"]}', "wrong-type", "'fever' should be one option", "allowed: no, unsure, yes"),
    ("fever: 1", '{"fever": 1}', "wrong-type", "'fever'", "allowed: no, unsure, yes"),
    ("fever:", '{"fever": null}', "wrong-type", "'fever' should be one option, not nothing", "allowed: no"),
    ("signs: lump", '{"signs": "lump"}', "wrong-type", "'signs' should be a list", "allowed: lump, rash"),
    ("signs: [bump]", '{"signs": ["bump"]}', "unknown-option", "'signs' has no option 'bump'", "did you mean 'lump'"),
    ("signs: [1]", '{"signs": [1]}', "wrong-type", "'signs'", "allowed: lump, rash"),
    ("signs: [[lump]]", '{"signs": [["lump"]]}', "wrong-type", "'signs'", "allowed: lump, rash"),
    ("signs: {lump: yes}", '{"signs": {"lump": true}}', "wrong-type", "'signs'", "allowed: lump, rash"),
    ("signs: []", '{"signs": []}', "empty-list", "'signs' names no option", "say [none]"),
    ("signs: [none, lump]", '{"signs": ["none", "lump"]}', "contradictory", "'none' together with lump", "keep 'none'"),
    ("weak_days: 3\nweak_leg: no", '{"weak_days": 3,\n"weak_leg": "no"}', "not-asked", "'weak_days'", "weak_leg != no"),
    ("answered_on: yesterday", '{"answered_on": "yesterday"}', "wrong-type", "'answered_on'", "2026-11-22"),
    ("answered_on: 2026-02-30", '{"answered_on": "2026-02-30"}', "wrong-type", "'answered_on'", "2026-11-22"),
    ("answered_on: 20261122", '{"answered_on": 20261122}', "wrong-type", "'answered_on'", "2026-11-22"),
    ("answered_on: 2026-W47-7", '{"answered_on": "2026-W47-7"}', "wrong-type", "'answered_on'", "2026-11-22"),
    ("answered_on: [2026-11-22]", '{"answered_on": ["2026-11-22"]}', "wrong-type", "'answered_on'", "2026-11-22"),
]  # fmt: skip
NAMES = [yaml.replace("\n", " ") for yaml, *_ in FAULTS]


@pytest.mark.parametrize(("yaml", "_json", "code", "says", "hint"), FAULTS, ids=NAMES)
def test_a_fault_in_yaml_names_the_question_and_what_is_allowed(
    toy: Questionnaire, yaml: str, _json: str, code: str, says: str, hint: str
) -> None:
    found = problem(toy, f"# a person\npain_now: 3\n{yaml}\n")
    assert (found.code, found.line) == (code, 3)
    assert says in found.message
    assert hint in found.hint


@pytest.mark.parametrize(("_yaml", "json_", "code", "says", "hint"), FAULTS, ids=NAMES)
def test_the_same_fault_in_json_is_told_the_same_way(
    toy: Questionnaire, _yaml: str, json_: str, code: str, says: str, hint: str
) -> None:
    found = problem(toy, '{"pain_now": 3,\n' + json_[1:])
    assert (found.code, found.line) == (code, 2)
    assert says in found.message
    assert hint in found.hint


@pytest.mark.parametrize("given", ["true", "false", "[true]", "[null]", '{"a": null}'])
def test_what_is_wrong_in_json_is_shown_as_it_is_written_there(
    toy: Questionnaire, given: str
) -> None:
    message = problem(toy, f'{{"age": {given}}}').message
    assert re.findall("True|False|None", message) == []


def test_every_fault_is_told_in_one_go(toy: Questionnaire) -> None:
    found = problems(toy, "age: 200\nfever: maybe\nsings: [lump]\n")
    assert [(one.line, one.code) for one in found] == [
        (1, "out-of-range"), (2, "unknown-option"), (3, "unknown-question")
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["age: [42", "age: 42: 43", "age: 'x", "age: 42\n---\nage: 43\n"])
def test_what_is_no_yaml_is_told_with_its_line(toy: Questionnaire, text: str) -> None:
    found = problem(toy, text)
    assert found.code == "yaml-syntax"
    assert found.line >= 1


@pytest.mark.parametrize(
    "text", ['{"age": 42', '{"age": 42,}', "{'age': 42}", '{"age": 042}', "{age: 42}"]
)
def test_what_is_no_json_is_told_with_its_line(toy: Questionnaire, text: str) -> None:
    assert (problem(toy, text).code, problem(toy, text).line) == ("json-syntax", 1)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 5000])
def test_a_number_that_is_none_is_refused_in_json(toy: Questionnaire, number: str) -> None:
    assert problem(toy, f'{{"age": {number}}}').code in {"wrong-type", "json-syntax"}


def test_a_question_answered_twice_is_refused_in_yaml_and_json(toy: Questionnaire) -> None:
    twice = problem(toy, "age: 42\npain_now: 3\nage: 43\n")
    assert (twice.code, twice.line) == ("duplicate-key", 3)
    assert "'age'" in twice.message
    assert problem(toy, '{"age": 42, "age": 42}').code == "duplicate-key"


@pytest.mark.parametrize("text", ["", "  \n\n", "# nothing yet\n", "\ufeff"])
def test_an_empty_document_says_that_it_is_empty(toy: Questionnaire, text: str) -> None:
    assert problem(toy, text).code == "empty-file"


@pytest.mark.parametrize("text", ["42", "yes", "[age, 42]", "- age: 42", "null"])
def test_a_document_that_is_no_set_of_answers_is_refused(toy: Questionnaire, text: str) -> None:
    assert problem(toy, text).code in {"wrong-type", "empty-file"}
    assert problem(toy, text).hint


def test_ten_megabytes_are_refused_unread(toy: Questionnaire, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_bytes(b"age: 42\n" + b"#" * 10_000_000)
    with pytest.raises(BadAnswersError) as caught:
        read(toy, path)
    assert [one.code for one in caught.value.problems] == ["too-large"]
    assert problem(toy, path.read_bytes()).code == "too-large"


@pytest.mark.parametrize(
    "raw", [b"\x89PNG\r\n\x1a\n\x00", b"age: 42\x00", b"\xff\xfea\x00", b"name: caf\xe9"]
)
def test_a_binary_file_is_refused(toy: Questionnaire, raw: bytes) -> None:
    assert problem(toy, raw).code == "not-text"


def test_a_file_that_is_not_there_is_named(toy: Questionnaire, tmp_path: Path) -> None:
    with pytest.raises(BadAnswersError, match=r"ghost\.yaml no-file"):
        read(toy, tmp_path / "ghost.yaml")


def test_more_answers_than_there_could_be_are_refused(toy: Questionnaire) -> None:
    assert problem(toy, "".join(f"q{n}: 1\n" for n in range(100))).code == "too-large"


@pytest.mark.parametrize(
    "text", ["age: " + "[" * 60 + "]" * 60, "age: &a [*a]", "age: " + "{a: " * 60 + "x" + "}" * 60]
)
def test_deep_or_endless_nesting_is_refused(toy: Questionnaire, text: str) -> None:
    assert {one.code for one in problems(toy, text)} == {"yaml-nesting"}


# Each of these is small enough to be read, and must not bring the program down. A process of its
# own keeps the tests alive where it does.
LEVELS = "".join(
    f"{this}: &{this} [{', '.join(['*' + before] * 9)}]\n"
    for before, this in zip("abcdefgh", "bcdefghi", strict=True)
)
ATTACKS = {
    "flow sequences": "age: " + "[" * 90_000 + "]" * 90_000,
    "flow mappings": "age: " + "{a: " * 40_000 + "}" * 40_000,
    "block sequences": "age:\n  " + "- " * 90_000 + "x",
    "json": '{"age": ' + "[" * 90_000 + "]" * 90_000 + "}",
    "alias bomb": "a: &a [x, x, x, x, x, x, x, x, x]\n" + LEVELS,
}
VICTIM = """
import io, resource, sys
from pathlib import Path
from lumbar import BadAnswersError, load
from lumbar.intake.answers_file import read
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (4, 4))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
try:
    read(load(Path(sys.argv[1])).questionnaire, sys.stdin.buffer)
except BadAnswersError as error:
    print(*sorted({problem.code for problem in error.problems}))
"""


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_small_file_made_to_harm_is_refused_like_any_other(attack: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", VICTIM, str(TOY)],
        input=ATTACKS[attack].encode(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()[-200:]) == (0, "")
    assert set(done.stdout.decode().split()) & {
        "yaml-nesting",
        "yaml-syntax",
        "json-syntax",
        "too-large",
    }


def test_the_messages_of_hostile_text_stay_short(toy: Questionnaire) -> None:
    assert len(problem(toy, f"age: {'x' * 50_000}").message) < 200
    assert len(problem(toy, f"{'x' * 900}: 1").message) < 200


def test_a_lone_surrogate_in_json_can_be_told(toy: Questionnaire) -> None:
    str(problem(toy, '{"\\ud800": "\\udfff"}')).encode("utf-8")
    str(problem(toy, '{"fever": "\\ud800"}')).encode("utf-8")


@pytest.mark.parametrize("hostile", ["\\u001b[2J", "a\\nfine: no problem", "\\u202e", "\\u0000"])
def test_what_a_message_shows_of_hostile_text_cannot_steer_a_terminal(
    toy: Questionnaire, hostile: str
) -> None:
    for document in (f'{{"fever": "{hostile}"}}', f'{{"{hostile}": "yes"}}'):
        assert problem(toy, document).message.isprintable()


def random_answers(questionnaire: Questionnaire, dice: random.Random) -> dict[str, Any]:
    """Return raw answers of a random person: valid, and only to questions that are asked; some left
    open.
    """
    raw: dict[str, Any] = {}
    for name, question in questionnaire.questions.items():
        shown = dict(questionnaire.walk(Answers.of(questionnaire, raw)))[name]
        if shown is False or dice.random() < 0.1:
            continue
        if isinstance(question, Number):
            raw[name] = dice.choice(
                [question.low, question.high, dice.randint(question.low, question.high)]
            )
        elif isinstance(question, OneOf):
            raw[name] = dice.choice(list(question.labels))
        else:
            others = [one for one in question.labels if one != "none"]
            raw[name] = (
                sorted(dice.sample(others, dice.randint(1, len(others))))
                if dice.random() < 0.5
                else ["none"]
            )
    return raw


@pytest.mark.parametrize("seed", range(25))
def test_what_is_written_is_read_back_the_same_in_yaml_and_json(
    catalog: Catalog, seed: int
) -> None:
    questionnaire = catalog.questionnaire
    raw = random_answers(questionnaire, random.Random(seed)) or {"age": 42}
    typed = Answers.of(questionnaire, raw)
    from_yaml = reading(questionnaire, dump(typed, "2026-11-22"))
    from_json = reading(questionnaire, json.dumps({**raw, "answered_on": "2026-11-22"}))
    assert from_yaml == from_json == typed
    assert from_yaml.answered_on == from_json.answered_on == "2026-11-22"
    assert dump(from_yaml, None) == dump(from_json, None) == dump(typed, None)


def test_answers_are_kept_in_the_order_of_the_questionnaire(toy: Questionnaire) -> None:
    assert list(reading(toy, "floor: no\nfever: no\nage: 42\n")) == ["age", "fever", "floor"]


def test_the_day_is_kept_apart_from_the_answers(toy: Questionnaire) -> None:
    document = reading(toy, "answered_on: 2026-11-22\nage: 42\n")
    assert (dict(document), document.answered_on) == ({"age": 42}, "2026-11-22")


def test_a_json_file_is_told_by_its_name_or_its_brace(toy: Questionnaire, tmp_path: Path) -> None:
    for name, text in {
        "a.json": ' {"age": 42}',
        "a.yaml": '{"age": 42}',
        "b.yaml": "age: 42",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert dict(read(toy, tmp_path / name)) == {"age": 42}


def test_the_schema_names_every_question_with_what_is_allowed(toy: Questionnaire) -> None:
    properties = json_schema(toy)["properties"]
    assert properties.keys() == {"answered_on", "questionnaire", *toy.questions}
    assert (properties["age"]["minimum"], properties["age"]["maximum"]) == (0, 120)
    assert properties["fever"]["enum"] == ["no", "unsure", "yes"]


def only_file(folder: Path) -> str:
    (path,) = folder.iterdir()
    return path.read_text(encoding="utf-8")


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    write_whole(path, "old")
    write_whole(path, "new")
    assert only_file(tmp_path) == "new"


def test_new_answers_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    write_whole(tmp_path / "answers.yaml", "age: 42")
    assert (tmp_path / "answers.yaml").stat().st_mode & 0o777 == 0o600


def test_the_rights_of_a_file_outlive_its_replacement(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    write_whole(path, "new")
    assert path.stat().st_mode & 0o777 == 0o640


def broken(*_: object, **__: object) -> None:
    raise OSError("the disk is full")


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_write_that_fails_midway_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    (tmp_path / "answers.yaml").write_text("old", encoding="utf-8")
    monkeypatch.setattr(step, broken)
    with pytest.raises(OSError, match="disk is full"):
        write_whole(tmp_path / "answers.yaml", "new")
    assert only_file(tmp_path) == "old"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_write_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    def stop(_: int) -> None:
        raise interruption

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(interruption):
        write_whole(tmp_path / "answers.yaml", "new")
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_cannot_be_encoded_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "answers.yaml", "x" * 100_000 + "\ud800")
    assert only_file(tmp_path) == "old"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "ghost" / "answers.yaml", "new")


def test_the_example_person_of_the_shipped_questionnaire_can_be_read_back(
    catalog: Catalog, example: Callable[..., dict[str, Any]]
) -> None:
    assert reading(catalog.questionnaire, json.dumps(example())).raw == example()
