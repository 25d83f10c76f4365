"""Files read: what a text means, where a value stands, and every fault told in its place."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from lumbar.reading.jsonfile import parse_json
from lumbar.reading.opening import decoded, read_text
from lumbar.reading.record import Record
from lumbar.reading.yamlfile import YamlFile
from lumbar.rulebook.parsing import ConditionText


class Part(Record):
    name: str
    size: int = 0


class Whole(Record):
    parts: tuple[Part, ...] = ()
    when: ConditionText | None = None


def faults(text: str, shape: Any = Whole) -> list[tuple[int, int, str]]:
    file = YamlFile("a.yaml", text)
    file.read(shape)
    return [(one.line, one.column, one.code) for one in file.problems]


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "yes",
        "on",
        "off",
        "y",
        "true",
        "false",
        "2026-11-22",
        "1_000",
        "0x1F",
        "1e3",
        "12:30",
        ".5",
    ],
)
def test_only_plain_numbers_are_not_words(word: str) -> None:
    assert YamlFile("a.yaml", f"a: {word}").data == {"a": word}


@pytest.mark.parametrize(
    ("text", "value"), [("42", 42), ("-3", -3), ("+7", 7), ("007", 7), ("4.5", 4.5), ("-0.5", -0.5)]
)
def test_plain_numbers_are_numbers(text: str, value: float) -> None:
    read = YamlFile("a.yaml", f"a: {text}").data["a"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("text", ['"42"', "'42'", "|-\n  42", ">-\n  42"])
def test_a_quoted_or_folded_number_is_words(text: str) -> None:
    assert YamlFile("a.yaml", f"a: {text}").data == {"a": "42"}


@pytest.mark.parametrize("text", ["", "~", "null"])
def test_nothing_is_nothing(text: str) -> None:
    assert YamlFile("a.yaml", f"a: {text}").data == {"a": None}


def test_an_integer_too_long_to_be_meant_stays_a_word() -> None:
    assert YamlFile("a.yaml", f"a: {'9' * 5000}").data == {"a": "9" * 5000}


def test_tags_make_nothing_happen() -> None:
    assert YamlFile("a.yaml", "a: !!python/object/apply:os.getcwd []").data == {"a": ()}


def test_the_position_is_of_the_value_and_of_the_deepest_part_that_exists() -> None:
    file = YamlFile("a.yaml", "parts:\n  - name: x\n    size: 3\n")
    assert file.position(("parts", 0, "size")) == (3, 11)
    assert file.position(("parts", 0, "colour")) == (2, 5)
    assert file.position(("parts", 7)) == (2, 3)


def test_each_record_fault_has_its_code_and_place() -> None:
    text = "parts:\n  - size: 1\n  - {name: x, colour: red}\n  - name: 4\n  - {name: x, size: big}\nwhen: 7\n"
    assert faults(text) == [
        (2, 5, "missing-key"),
        (3, 23, "unknown-key"),
        (4, 11, "wrong-type"),
        (5, 21, "wrong-type"),
        (6, 7, "condition-syntax"),
    ]


def test_a_fault_in_a_condition_is_told_at_its_character() -> None:
    assert faults("when: a == == b") == [(1, 12, "condition-syntax")]


def test_a_duplicate_key_is_told_where_it_stands_again() -> None:
    assert faults("parts: []\nparts: []\n") == [(2, 1, "duplicate-key")]
    assert faults("parts:\n  - name: x\n    name: x\n") == [(3, 5, "duplicate-key")]


def test_the_same_key_in_two_mappings_is_no_duplicate() -> None:
    assert faults("parts: [{name: x}, {name: x}]") == []


def test_a_part_referred_to_again_is_refused_for_it_could_grow_without_end() -> None:
    assert [one.code for one in YamlFile("a.yaml", "a: &x [1]\nb: *x\n").problems] == [
        "yaml-nesting"
    ]


@pytest.mark.parametrize("text", ["a: &x [*x]", "&x {a: *x}", "[" * 50 + "]" * 50])
def test_what_never_ends_or_is_too_deep_is_refused(text: str) -> None:
    assert [one.code for one in YamlFile("a.yaml", text).problems] == ["yaml-nesting"]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n", "---\n"])
def test_a_file_that_holds_nothing_gives_no_record(text: str) -> None:
    assert YamlFile("a.yaml", text).read(Whole) is None


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: 'x",
        "a: b: c",
        "\ta: 1",
        "a: *ghost",
        "a: 1\n---\nb: 2\n",
        "%YAML 9.9\n---\na: 1",
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str) -> None:
    (problem,) = YamlFile("a.yaml", text).problems
    assert problem.code == "yaml-syntax"
    assert problem.line >= 1


def test_a_control_character_is_no_yaml() -> None:
    assert [one.code for one in YamlFile("a.yaml", "a: \x01").problems] == ["yaml-syntax"]


def test_a_byte_order_mark_is_not_part_of_the_text() -> None:
    assert decoded(b"\xef\xbb\xbfage: 42", "a.yaml", 100) == ("age: 42", [])


def test_at_most_so_many_bytes_are_read() -> None:
    assert decoded(b"x" * 100, "a.yaml", 100)[1] == []
    assert [one.code for one in decoded(b"x" * 101, "a.yaml", 100)[1]] == ["too-large"]


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"caf\xe9", b"a\x00b", b"\x89PNG\r\n\x1a\n"])
def test_bytes_that_are_no_text_are_told(raw: bytes) -> None:
    assert [one.code for one in decoded(raw, "a.yaml", 100)[1]] == ["not-text"]


def test_a_file_that_cannot_be_read_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    assert [one.code for one in read_text(tmp_path / "ghost.yaml", "ghost.yaml", 10)[1]] == [
        "no-file"
    ]
    assert [one.code for one in read_text(tmp_path, "folder", 10)[1]] == ["no-file"]


def test_json_refuses_duplicate_keys_at_any_depth() -> None:
    assert [one.code for one in parse_json('{"a": {"b": 1, "b": 1}}', "a.json")[1]] == [
        "duplicate-key"
    ]


def test_a_fault_in_json_is_told_at_its_place() -> None:
    _, (problem,) = parse_json('{\n  "a": 1,\n}', "a.json")
    assert problem.code == "json-syntax"
    assert problem.line in {
        2,
        3,
    }  # Python 3.13 points at the comma, older ones at the brace after it


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5000], ids=["deep", "long number"])
def test_json_that_would_break_the_parser_is_a_problem(text: str) -> None:
    data, problems = parse_json(text, "a.json")
    assert (data, [one.code for one in problems]) == (None, ["json-syntax"])


class Bounded(Record):
    """A field of each kind that a record can have."""

    whole: Annotated[int, Field(ge=1, le=9)] = 1
    part: Annotated[float, Field(ge=0.5, le=1.5)] = 1
    text: Annotated[str, Field(min_length=1)] = "x"
    name: Annotated[str, Field(pattern="^[a-z]+$")] = "x"
    many: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)] = ("x",)
    said: dict[str, str] | None = None
    sure: bool = False
    one: Literal["red", "blue"] = "red"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("whole: 0", "'whole' should be at least 1"),
        ("whole: 10", "'whole' should be at most 9"),
        ("whole: 1.5", "'whole' should be a whole number"),
        ("part: 0.1", "'part' should be at least 0.5"),
        ("part: 2", "'part' should be at most 1.5"),
        ("part: half", "'part' should be a number"),
        ("text: ''", "'text' should be words, not an empty text"),
        ("text: [x]", "'text' should be words"),
        ("name: X", "'name' should be written as ^[a-z]+$"),
        ("many: []", "'many' needs at least one entry"),
        ("many: [a, b, c]", "'many' should be a list of at most 2"),
        ("many: x", "'many' should be a list"),
        ("said: x", "'said' should be keys with values"),
        ("sure: maybe", "'sure' should be yes or no"),
        ("one: green", "'green' is not allowed for 'one'"),
    ],
)
def test_a_value_that_does_not_fit_is_told_in_words_of_our_own(text: str, said: str) -> None:
    file = YamlFile("a.yaml", text)
    assert file.read(Bounded) is None
    assert [one.message for one in file.problems] == [said]
