"""`lumbar audit` on a practice's own people."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="the extra `crowd` is not installed")

from lumbar import Catalog


def lumbar(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "lumbar", *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture
def people(catalog: Catalog, tmp_path: Path) -> Path:
    """Return a table of sixty people at two sites; two of them gave what is no answer."""
    rows = [dict(catalog.questionnaire.example({"pain_days": 3 + at})) for at in range(60)]
    rows[20] |= {"age": 400}
    rows[41] |= {"fever": "perhaps"}
    lines = [",".join([*rows[0], "site"])]
    for at, row in enumerate(rows):
        lines.append(",".join([*map(cell, row.values()), "north" if at < 40 else "south"]))
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def cell(value: Any) -> str:
    return ";".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def test_people_in_a_file_are_measured_and_who_gave_no_answer_is_named(people: Path) -> None:
    result = lumbar("audit", "--people", people, "--by", "site", "--format", "json")
    assert (result.returncode, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert found["left_out"].keys() == {f"{people}:21", f"{people}:42"}
    assert found["tables"]["Left out: 2 of 60"][0]["people"] == "1"
    assert "exercise" in found["figures"]
    assert "ces-today" not in found["figures"]
    groups = {row["site"]: row["people"] for row in found["tables"]["How soon, by site (of 100)"]}
    assert groups == {"north": "39", "south": "19"}


def test_where_nobody_can_be_decided_for_nothing_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "nobody.csv"
    path.write_text("age\n400\n", encoding="utf-8")
    result = lumbar("audit", "--people", path)
    assert (result.returncode, result.stdout) == (3, "")
    assert "nothing is reported" in result.stderr
    assert "'age' cannot be 400" in result.stderr
