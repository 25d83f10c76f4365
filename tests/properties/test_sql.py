"""The SQL of the rules decides row by row what the reference engine decides."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from properties.rows import anybody, expected, found, hold_on_random_rule_sets, spoiled, table

from lumbar import Catalog
from lumbar.crowd.sql import CONTRADICTION, query
from lumbar.form.encoding import Encoding

Raw = Mapping[str, Any]


def by_sql(catalog: Catalog, everybody: Sequence[Raw]) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.register("people", table(catalog.questionnaire, everybody))
        rows = connection.sql(query(Encoding(catalog), "duckdb")).to_arrow_table().to_pylist()
    return sorted(rows, key=lambda row: row["id"])


def test_the_shipped_rules_in_sql_decide_as_the_reference_engine(catalog: Catalog) -> None:
    everybody = anybody(catalog, "sql", 400)
    everybody += spoiled(catalog.questionnaire, everybody[:200], "sql")
    rows = by_sql(catalog, everybody)
    assert [found(row) for row in rows] == [expected(catalog, one) for one in everybody]
    assert {row["problem"] is None for row in rows[:400]} == {True}
    assert {row["problem"] in catalog.questionnaire.questions for row in rows[400:]} == {True}


def test_every_part_of_the_language_means_the_same_in_sql() -> None:
    hold_on_random_rule_sets(by_sql, CONTRADICTION)
