"""A table of people is decided for row by row as the reference engine decides, and none is guessed."""

import pickle
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `crowd` is not installed")
import pyarrow as pa
from properties.rows import anybody, expected, found, hold_on_random_rule_sets, spoiled, table

from lumbar import BadAnswersError, Catalog
from lumbar.crowd.deciding import decided
from lumbar.form.agreement import CONTRADICTION, DisagreementError
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import opposite

Raw = Mapping[str, Any]


def by_table(catalog: Catalog, everybody: Sequence[Raw]) -> list[dict[str, Any]]:
    rows = table(catalog.questionnaire, everybody)
    return decided(Encoding(catalog), rows, ["id"]).to_pylist()


def test_the_shipped_rules_decide_for_a_table_as_for_each(catalog: Catalog) -> None:
    everybody = anybody(catalog, "table", 400)
    everybody += spoiled(catalog.questionnaire, everybody[:200], "table")
    rows = by_table(catalog, everybody)
    assert [row["id"] for row in rows] == list(range(600))
    assert [found(row) for row in rows] == [expected(catalog, one) for one in everybody]
    assert {row["problem"] is None for row in rows[:400]} == {True}


def test_every_part_of_the_language_means_the_same_for_a_table() -> None:
    hold_on_random_rule_sets(by_table, CONTRADICTION)


def test_part_of_a_table_and_nobody_are_decided_for(catalog: Catalog) -> None:
    everybody = anybody(catalog, "part", 60)
    rows = table(catalog.questionnaire, everybody)
    encoding = Encoding(catalog)
    whole = decided(encoding, rows, ["id"]).to_pylist()
    (batch,) = rows.to_batches()
    assert decided(encoding, batch.slice(17, 30), ["id"]).to_pylist() == whole[17:47]
    assert decided(encoding, batch.slice(0, 0), ["id"]).to_pylist() == []


def test_what_is_wrong_with_a_row_is_told(catalog: Catalog, example) -> None:
    (row,) = by_table(catalog, [example() | {"age": 400, "fever": "perhaps"}])
    assert row["problem"] == "'age' cannot be 400; 'fever' has no option 'perhaps'"


@pytest.mark.parametrize(
    "text", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_it_does_not_matter_how_a_table_keeps_texts_and_numbers(catalog: Catalog, text) -> None:
    everybody = anybody(catalog, "kept", 60)
    rows = table(catalog.questionnaire, everybody)
    for place, field in enumerate(rows.schema):
        kind = {
            pa.string(): text,
            pa.int32(): pa.uint64(),
            pa.list_(pa.string()): pa.large_list(text),
        }.get(field.type, field.type)
        if (
            field.type == pa.int32()
            or not pa.types.is_dictionary(text)
            or field.type == pa.string()
        ):
            rows = rows.set_column(place, field.name, rows[field.name].cast(kind))
    found_rows = decided(Encoding(catalog), rows, ["id"]).to_pylist()
    assert [found(row) for row in found_rows] == [expected(catalog, one) for one in everybody]


def test_a_number_that_is_larger_than_any_is_no_answer(catalog: Catalog) -> None:
    rows = pa.table({"age": pa.array([2**64 - 1, 40], pa.uint64())})
    told = [row["problem"] for row in decided(Encoding(catalog), rows).to_pylist()]
    assert told == [f"'age' cannot be {2**64 - 1}", None]


@pytest.mark.parametrize(
    ("names", "keep", "says"),
    [
        (["id", "agee"], ["id"], "there is no question 'agee'"),
        (["id", "age"], [], "there is no question 'id'"),
        (["age"], ["id"], "there is no column 'id' to keep"),
        (["urgency"], ["urgency"], "'urgency' cannot be kept"),
        (["age"], ["age"], "'age' cannot be kept"),
    ],
)
def test_a_column_that_nobody_asked_for_is_refused(
    catalog: Catalog, names: list[str], keep: list[str], says: str
) -> None:
    rows = pa.table({name: pa.array([40]) for name in names})
    with pytest.raises(BadAnswersError, match=says):
        decided(Encoding(catalog), rows, keep)


def test_nothing_is_decided_where_the_reference_engine_decides_otherwise(catalog: Catalog) -> None:
    encoding = Encoding(catalog)
    encoding.fires["infection-fever"] = opposite(encoding.fires["infection-fever"])
    rows = table(catalog.questionnaire, anybody(catalog, "wrong", 60))
    with pytest.raises(DisagreementError, match="fires infection-fever"):
        decided(encoding, rows, ["id"])


def test_formulas_sent_to_another_process_are_the_same(catalog: Catalog) -> None:
    encoding = Encoding(catalog)
    sent = pickle.loads(pickle.dumps(encoding))
    assert all(sent.fires[name] is part for name, part in encoding.fires.items())
    rows = table(catalog.questionnaire, anybody(catalog, "sent", 20))
    assert decided(sent, rows, ["id"]) == decided(encoding, rows, ["id"])
