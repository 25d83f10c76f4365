"""Spark decides for each row what is decided here; run where there are Spark and Java."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="the extra `crowd` is not installed")
from edits import TOY
from properties.rows import anybody, drawn, expected, found, spoiled, table
from pyarrow import parquet

from lumbar import Catalog, load
from lumbar.crowd.deciding import decided
from lumbar.crowd.sql import query
from lumbar.form.encoding import Encoding
from lumbar.reading.paths import data_root
from lumbar.review.people.drawing import Drawing
from lumbar.review.people.practice import read

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "spark" / "decide.py"
MANY = 100_000

pytestmark = [
    pytest.mark.skipif(
        find_spec("pyspark") is None,
        reason="there is no Spark: install it in a checkout with: pip install -e '.[spark]'",
    ),
    pytest.mark.skipif(
        not (shutil.which("java") or os.environ.get("JAVA_HOME")),
        reason="there is no Java, which Spark needs (Debian: apt-get install default-jre-headless)",
    ),
]


def submitted(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script and its words as one does, on two cores of this machine."""
    submit = Path(sys.executable).with_name("spark-submit")
    settings = ["spark.ui.enabled=false", "spark.driver.host=127.0.0.1"]
    command = [submit, "--master", "local[2]", *(f"--conf={one}" for one in settings)]
    return subprocess.run(
        [str(word) for word in (*command, *words)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        timeout=900,
        check=False,
    )


def rows(folder: Path) -> list[dict[str, Any]]:
    return sorted(parquet.read_table(folder).to_pylist(), key=lambda row: row["id"])


def people(catalog: Catalog) -> Sequence[Any]:
    everybody = anybody(catalog, "spark", 600)
    return [*everybody, *spoiled(catalog.questionnaire, everybody[:100], "spark")]


def test_spark_decides_as_here_row_by_row(catalog: Catalog, tmp_path: Path) -> None:
    everybody = people(catalog)
    made = table(catalog.questionnaire, everybody)
    for place, start in enumerate(range(0, 700, 100)):
        (tmp_path / "people").mkdir(exist_ok=True)
        parquet.write_table(made.slice(start, 100), tmp_path / "people" / f"{place}.parquet")
    result = submitted(SCRIPT, tmp_path / "people", tmp_path / "out", "--keep", "id")
    assert result.returncode == 0, result.stdout[-3000:]
    here = decided(Encoding(catalog), made, ["id"]).to_pylist()
    there = rows(tmp_path / "out")
    assert there == here
    assert [found(row) for row in there] == [expected(catalog, one) for one in everybody]
    assert "same_day" in result.stdout


def test_spark_decides_for_a_crowd_of_made_up_people_as_here(
    catalog: Catalog, tmp_path: Path
) -> None:
    practice = read(catalog, data_root())
    assert practice is not None
    made = drawn(Drawing(catalog, practice, "spark", unsure=0.1), MANY)
    parquet.write_table(made, tmp_path / "people.parquet", row_group_size=MANY // 8)
    result = submitted(SCRIPT, tmp_path / "people.parquet", tmp_path / "out", "--keep", "id")
    assert result.returncode == 0, result.stdout[-3000:]
    there = parquet.read_table(tmp_path / "out").sort_by("id")
    here = decided(Encoding(catalog), made, ["id"])
    assert there.num_rows == MANY
    assert there.combine_chunks().to_batches()[0].equals(here)


BY_SQL = """
import sys
from pathlib import Path
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.read.parquet(sys.argv[1]).createOrReplaceTempView("people")
spark.sql(Path(sys.argv[2]).read_text()).write.parquet(sys.argv[3])
"""


def test_the_sql_for_spark_decides_as_the_reference_engine(tmp_path: Path) -> None:
    toy = load(TOY)
    everybody = anybody(toy, "spark", 200)
    everybody += spoiled(toy.questionnaire, everybody[:100], "spark")
    parquet.write_table(table(toy.questionnaire, everybody), tmp_path / "people.parquet")
    (tmp_path / "by_sql.py").write_text(BY_SQL)
    (tmp_path / "rules.sql").write_text(query(Encoding(toy), "spark"))
    words = (tmp_path / name for name in ("by_sql.py", "people.parquet", "rules.sql", "out"))
    result = submitted(*words)
    assert result.returncode == 0, result.stdout[-3000:]
    there = rows(tmp_path / "out")
    assert [found(row) for row in there] == [expected(toy, one) for one in everybody]
