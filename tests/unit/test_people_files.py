"""People in a Parquet or CSV file are those that they would be one by one, and nothing is guessed."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `crowd` is not installed")
import pyarrow as pa
from edits import TOY, copied, edited
from pyarrow import csv, parquet

from lumbar import BadAnswersError, Catalog, load
from lumbar.review.compare import impact
from lumbar.review.compare.edits import edits
from lumbar.review.compare.impact import Comparison, Tally
from lumbar.review.compare.people import People
from lumbar.review.compare.revisions import opened
from lumbar.review.people.crowds import GROUP, grouped, people_in
from lumbar.review.people.files import Person
from lumbar.review.people.tables import TableFile

SIGNS = "rules/triage/signs.yaml"
USUAL: dict[str, Any] = {
    "age": 40, "weak_leg": "no", "fever": "no", "signs": ["none"], "pain_now": 5, "pain_worst": 6, "pain_days": 10,
    "mood_down": "never", "mood_worry": "some", "minutes_a_day": 20, "floor": "yes", "likes": ["rubbing", "tapping"],
    "work": "desk",
}  # fmt: skip
# what is changed, and what the reader of answers says of it; nothing where it is an answer
ROWS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"fever": "yes"}, ""),
    ({"fever": None, "signs": ["lump", "rash"]}, ""),
    ({"age": 400}, "'age' cannot be 400"),
    ({"fever": "perhaps"}, "'fever' has no option 'perhaps'"),
    ({"likes": ["rubbing", "snow"]}, "'likes' has no option 'snow'"),
    ({"likes": ["none", "rubbing"]}, "'likes' says 'none' together with rubbing"),
    ({"weak_days": 3}, "'weak_days' is answered, but is not asked of this person"),
    ({"pain_days": 200}, ""),
]


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    old, new = (copied(TOY, tmp_path / name) for name in ("old", "new"))
    edited(new, SIGNS, "when: fever in [unsure, yes]", "when: fever == unsure")
    with opened(str(old), str(new)) as sides:
        return Comparison(sides[0].catalog, sides[1].catalog, edits(*sides))


def rows() -> list[dict[str, Any]]:
    return [USUAL | {"weak_days": None} | over for over, _ in ROWS]


def write(path: Path, some: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(some), path)
    else:
        flat = [
            {n: ";".join(v) if isinstance(v, list) else v for n, v in one.items()} for one in some
        ]
        csv.write_csv(pa.Table.from_pylist(flat), path)
    return path


@pytest.mark.parametrize("name", ["people.parquet", "people.csv"])
def test_a_table_is_counted_like_the_same_people_one_by_one(
    comparison: Comparison, toy: Catalog, tmp_path: Path, name: str
) -> None:
    one_by_one = Tally()
    for place, row in enumerate(rows()):
        given = {name: one for name, one in row.items() if one is not None}
        one_by_one.add(comparison.touched(Person("", given)), place)
    table = TableFile(write(tmp_path / name, rows()), [toy.questionnaire] * 2)
    found = impact.impact(comparison, People([], [table]), lambda *_: None)
    assert found == one_by_one
    assert found.ways["not_taken"] == sum(bool(said) for _, said in ROWS)
    assert {line for way, line in found.lines if way == "not_taken"} == {
        said for _, said in ROWS if said
    }
    assert People([], [table])[3].name == f"{tmp_path / name}:4"


@pytest.mark.parametrize("age", ["4o", "40.5", " 40", "1e2", "9" * 12])
def test_text_that_is_no_whole_number_is_not_taken_for_one(
    toy: Catalog, tmp_path: Path, age: str
) -> None:
    path = write(tmp_path / "people.csv", [USUAL | {"age": age}])
    assert TableFile(path, [toy.questionnaire]).drawn(range(1)).raw(0) == USUAL | {"age": age}


@pytest.mark.parametrize(
    ("cells", "ages"), [([40.0, None], [40, None]), ([40.5, True], [40.5, 1.0])]
)
def test_a_number_with_a_point_is_whole_or_none(
    toy: Catalog, tmp_path: Path, cells: Any, ages: Any
) -> None:
    table = pa.table(
        {"age": pa.array([None if one is None else float(one) for one in cells], pa.float64())}
    )
    parquet.write_table(table, tmp_path / "people.parquet")
    people = TableFile(tmp_path / "people.parquet", [toy.questionnaire]).drawn(range(2))
    assert [people.raw(at).get("age") for at in range(2)] == ages


def test_options_may_be_kept_as_a_dictionary(toy: Catalog, tmp_path: Path) -> None:
    table = pa.table({"fever": pa.array(["no", "yes", None]).dictionary_encode()})
    parquet.write_table(table, tmp_path / "people.parquet")
    people = TableFile(tmp_path / "people.parquet", [toy.questionnaire]).drawn(range(1, 3))
    assert [people.raw(at) for at in range(2)] == [{"fever": "yes"}, {}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("age,fevr\n40,no\n", "there is no question 'fevr'"),
        ("age,age\n40,41\n", "two columns are called 'age'"),
        ("age,fever\n40\n", "CSV parse error"),
        ("", "Empty CSV file"),
    ],
)
def test_a_file_that_is_no_table_of_answers_is_refused(
    toy: Catalog, tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadAnswersError, match=says):
        TableFile(path, [toy.questionnaire])


def test_a_file_that_is_not_there_or_no_parquet_is_refused(toy: Catalog, tmp_path: Path) -> None:
    with pytest.raises(BadAnswersError):
        TableFile(tmp_path / "nobody.parquet", [toy.questionnaire])
    (tmp_path / "text.parquet").write_text("age\n", encoding="utf-8")
    with pytest.raises(BadAnswersError, match=r"text\.parquet"):
        TableFile(tmp_path / "text.parquet", [toy.questionnaire])


@pytest.mark.parametrize("name", ["people.parquet", "people.csv", "people.json"])
def test_people_are_the_same_in_every_kind_of_file(toy: Catalog, tmp_path: Path, name: str) -> None:
    """A column that is no question tells whom somebody is counted with, and is no answer."""
    some = [USUAL | {"site": site} for site in ("north", "south", None, "north")]
    given = [{key: one for key, one in row.items() if one is not None} for row in some]
    path = tmp_path / name
    if path.suffix == ".json":
        path.write_text(json.dumps(given), encoding="utf-8")
    else:
        write(path, some)
    people = people_in(path, toy.questionnaire, "site").drawn(range(1, 4))
    assert [people.raw(at) for at in range(3)] == [USUAL] * 3
    assert [people.hidden[GROUP].raw(at) for at in range(3)] == ["south", None, "north"]
    if path.suffix != ".json":
        with pytest.raises(BadAnswersError, match="there is no question 'site'"):
            people_in(path, toy.questionnaire)


@pytest.mark.parametrize("name", ["people.parquet", "people.csv"])
def test_a_column_to_count_by_that_is_not_there_is_named(
    toy: Catalog, tmp_path: Path, name: str
) -> None:
    with pytest.raises(BadAnswersError, match="there is no question 'town', and nobody has it"):
        people_in(write(tmp_path / name, [USUAL]), toy.questionnaire, "town")


def test_a_column_that_tells_everybody_apart_is_no_group() -> None:
    with pytest.raises(BadAnswersError, match="'id' has 61 different values"):
        grouped("id", [str(number) for number in range(61)])
