"""People in a Parquet or CSV file: a row a person, see `crowd/arrow`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv, parquet

from lumbar.crowd.arrow import answers, faults
from lumbar.reading.problems import BadAnswersError, Problem
from lumbar.review.people.crowds import grouped
from lumbar.review.people.drawing import Crowded
from lumbar.rulebook.questionnaire import Questionnaire


class TableFile:
    """The people of one file, as all questionnaires ask them; `kept` names a column that is no
    question.

    Raises BadAnswersError where it cannot be read, or any other column is no question.
    """

    def __init__(self, path: Path, asked: Sequence[Questionnaire], kept: str = "") -> None:
        self.path, self._asked = path, asked
        try:
            self._table = _read(path)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            said = str(error).partition("\n")[0] or "it cannot be read"
            raise BadAnswersError([self._problem("unreadable-table", said)]) from error
        names = self._table.column_names
        problems = [self._problem(*one) for one in faults(names, asked, [kept] if kept else [])]
        if problems:
            raise BadAnswersError(problems)
        self._groups = grouped(kept, self._texts(kept)) if kept else {}

    def _texts(self, name: str) -> list[str | None]:
        cells = self._table[name].to_pylist() if name in self._table.column_names else []
        return [None if one is None else str(one) for one in cells]

    def _problem(self, code: str, said: str, hint: str = "") -> Problem:
        return Problem(self.path.name, 0, 0, code, said, hint)

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def name(self, place: int) -> str:
        """Return by what a person is found again: the file and the row, from 1."""
        return f"{self.path}:{place + 1}"

    def drawn(self, places: range) -> Crowded:
        """Return the people of some rows."""
        rows = self._table.slice(places.start, len(places)).combine_chunks()
        table, spoiled = answers(rows, self._asked)
        hidden = {name: column.part(places) for name, column in self._groups.items()}
        return Crowded(places, table, hidden, spoiled)


def _read(path: Path) -> Any:
    if path.suffix == ".parquet":
        return parquet.read_table(path)
    with csv.open_csv(path) as reader:
        names = reader.schema.names
    as_text = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
    )
    return csv.read_csv(path, convert_options=as_text)
