"""The SQL of the rules decides row by row what the reference engine decides."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="the extra `dev` is not installed")
import duckdb
import psycopg
from properties.rows import anybody, expected, found, hold_on_random_rule_sets, spoiled, table
from psycopg.rows import dict_row

from lumbar import Catalog
from lumbar.crowd.sql import CONTRADICTION, query
from lumbar.form.encoding import Encoding
from lumbar.rulebook.questionnaire import Number, OneOf

Raw = Mapping[str, Any]
BySql = Callable[[Catalog, Sequence[Raw]], list[dict[str, Any]]]


def by_duckdb(catalog: Catalog, everybody: Sequence[Raw]) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.register("people", table(catalog.questionnaire, everybody))
        rows = connection.sql(query(Encoding(catalog), "duckdb")).to_arrow_table().to_pylist()
    return sorted(rows, key=lambda row: row["id"])


def by_postgres(address: str) -> BySql:
    def rows(catalog: Catalog, everybody: Sequence[Raw]) -> list[dict[str, Any]]:
        with psycopg.connect(address.replace("+psycopg", ""), row_factory=dict_row) as connection:
            _fill(connection, catalog, everybody)
            found = connection.execute(query(Encoding(catalog), "postgres")).fetchall()
        return sorted(found, key=lambda row: row["id"])

    return rows


def _fill(connection: Any, catalog: Catalog, everybody: Sequence[Raw]) -> None:
    questions = catalog.questionnaire.questions
    columns = ", ".join(f'"{name}" {_type(one)}' for name, one in questions.items())
    connection.execute("DROP TABLE IF EXISTS people")
    connection.execute(f"CREATE TABLE people (id bigint, {columns})")
    with connection.cursor().copy("COPY people FROM STDIN") as copy:
        for place, one in enumerate(everybody):
            copy.write_row([place, *(one.get(name) for name in questions)])


def _type(question: Any) -> str:
    if isinstance(question, Number):
        return "integer"
    return "text" if isinstance(question, OneOf) else "text[]"


@pytest.fixture(params=["duckdb", "postgres"])
def by_sql(request: pytest.FixtureRequest) -> BySql:
    if request.param == "duckdb":
        return by_duckdb
    return by_postgres(request.getfixturevalue("postgres"))


def test_the_shipped_rules_in_sql_decide_as_the_reference_engine(
    catalog: Catalog, by_sql: BySql
) -> None:
    everybody = anybody(catalog, "sql", 2000)
    everybody += spoiled(catalog.questionnaire, everybody[:400], "sql")
    rows = by_sql(catalog, everybody)
    assert [found(row) for row in rows] == [expected(catalog, one) for one in everybody]
    assert {row["problem"] is None for row in rows[:2000]} == {True}
    assert {row["problem"] in catalog.questionnaire.questions for row in rows[2000:]} == {True}


def test_every_part_of_the_language_means_the_same_in_sql(by_sql: BySql) -> None:
    hold_on_random_rule_sets(by_sql, CONTRADICTION)
