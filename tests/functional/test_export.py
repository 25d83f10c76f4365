"""`lumbar export sql`: the text of every dialect, and what of its options is refused."""

import pytest

pytest.importorskip("duckdb", reason="the extra `dev` is not installed")
import duckdb
from functional.test_commands import lumbar, printed
from properties.rows import expected, found, table

from lumbar import Catalog


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "postgres"])
def test_the_rules_are_printed_in_each_dialect(catalog: Catalog, dialect: str) -> None:
    text = " ".join(printed("export", "sql", "--dialect", dialect).split())
    assert f"rule set {catalog.sha256[:12]} in the SQL of {dialect}" in text
    assert [one.id for one in catalog.in_force if f"THEN '{one.id}' END" not in text] == []


def test_a_table_and_its_key_may_have_other_names(catalog: Catalog, example) -> None:
    text = printed("export", "sql", "--people", "main.clinic", "--key", "patient")
    fever = example({"fever": "yes"})
    with duckdb.connect() as connection:
        connection.register("rows", table(catalog.questionnaire, [fever]))
        connection.execute("CREATE TABLE main.clinic AS SELECT id AS patient, * FROM rows")
        (row,) = connection.sql(text).to_arrow_table().to_pylist()
    assert row["patient"] == 0
    assert found(row) == expected(catalog, fever)


@pytest.mark.parametrize("option", ["--people", "--key"])
def test_a_name_that_could_be_more_than_a_name_is_refused(option: str) -> None:
    result = lumbar("export", "sql", option, "x; DROP TABLE people")
    assert result.returncode == 2
    assert f"{option} cannot be 'x; DROP TABLE people'" in result.stderr
