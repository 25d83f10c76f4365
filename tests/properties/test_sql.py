"""The SQL of the rules decides row by row what the reference engine decides."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from properties.rows import expected, found, spoiled, table
from properties.rule_sets import people, rule_set
from properties.test_crowd import anybody

from lumbar import Catalog
from lumbar.crowd.sql import CONTRADICTION, query
from lumbar.form.encoding import Encoding
from lumbar.intake.answers import faults

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
    contradictions = 0
    for seed in range(60):
        catalog = rule_set(seed)
        everybody = [
            {n: sorted(v) if isinstance(v, frozenset) else v for n, v in one.answers.items()}
            for one in people(catalog, seed, 70)
            if not one.torn
        ]
        everybody = [one for one in everybody if not faults(catalog.questionnaire, one)]
        everybody += spoiled(catalog.questionnaire, everybody[:20], seed)
        rows = by_sql(catalog, everybody)
        assert [found(row) for row in rows] == [expected(catalog, one) for one in everybody], seed
        contradictions += [row["problem"] for row in rows].count(CONTRADICTION)
    assert contradictions > 20
