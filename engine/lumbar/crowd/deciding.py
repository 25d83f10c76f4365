"""What is decided for each row of an Arrow table of answers, as another table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from lumbar.crowd.arrow import answers, faults, one_piece
from lumbar.form.agreement import agree, problem
from lumbar.form.crowd import Crowd
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import Formula
from lumbar.form.table import Truths, of_table, raw, unpacked
from lumbar.reading.problems import BadAnswersError, Problem
from lumbar.rulebook.items import URGENCIES

_EVERY = 500  # one in so many is decided for by the reference engine too,
_LEAST = 50  # or so many in all

_TO, _ITEM = ("to", "urgency"), ("item", "dose")
_LISTS = {
    "fired": pa.string(),
    "referred": pa.struct([(name, pa.string()) for name in _TO]),
    "recommended": pa.struct([(name, pa.string()) for name in _ITEM]),
    "avoided": pa.string(),
}
# what comes out, after the columns that are kept; where there is a problem nothing else is
FIELDS = [
    pa.field("problem", pa.string()),
    pa.field("urgency", pa.string()),
    *(pa.field(name, pa.list_(kind)) for name, kind in _LISTS.items()),
]


def refuse(encoding: Encoding, names: Sequence[str], keep: Sequence[str]) -> None:
    """Raise BadAnswersError where a column is neither a question nor to be kept, or is missing."""
    asked = encoding.catalog.questionnaire
    found = list(faults(names, [asked], keep))
    for name in keep:
        if name not in names:
            found.append(("missing-key", f"there is no column '{name}' to keep", ""))
        if name in asked.questions or name in {field.name for field in FIELDS}:
            said = f"'{name}' cannot be kept: the result or a question is called so"
            found.append(("duplicate-key", said, "give the column another name"))
    if found:
        raise BadAnswersError([Problem("columns", 0, 0, *one) for one in found])


def decided(encoding: Encoding, rows: Any, keep: Sequence[str] = ()) -> Any:
    """Return a record batch with what is decided for each row of another, in the same order.

    It has the columns to `keep` and those of `FIELDS`. Nothing is decided for whoever gave
    something that is no answer; `problem` tells why. Raises BadAnswersError for a column that is
    no question, DisagreementError where the reference engine decides otherwise for one of a sample.
    """
    refuse(encoding, rows.schema.names, keep)
    people = rows.num_rows
    table, spoiled = answers(rows, [encoding.catalog.questionnaire])
    crowd = of_table(encoding.space, table, people)
    fit = np.ones(people, bool)
    fit[list(spoiled)] = False
    sample = np.flatnonzero(fit)[:: max(1, min(_EVERY, people // _LEAST))].tolist()
    agree(encoding, crowd, sample, [raw(table, at) for at in sample])
    fit &= unpacked(crowd[encoding.decides], people)
    problems = {
        at: problem(encoding.catalog, spoiled.get(at) or raw(table, at))
        for at in np.flatnonzero(~fit).tolist()
    }
    columns = _Columns(crowd, fit)
    kept = [one_piece(rows[name]) for name in keep]
    told = pa.array([problems.get(at) for at in range(people)], pa.string())
    made = [*kept, told, columns.urgency(encoding), *_lists(encoding, columns)]
    fields = [*(rows.schema.field(name) for name in keep), *FIELDS]
    return pa.RecordBatch.from_arrays(made, schema=pa.schema(fields))


def _lists(encoding: Encoding, columns: "_Columns") -> list[Any]:
    """Return the lists of what comes out, each in the order in which `decide` has it."""
    soonest = sorted(encoding.referred, key=lambda one: (URGENCIES.index(one[1]), one[0]))
    offered = sorted(encoding.doses, key=lambda one: one[0])
    return [
        columns.lists(list(encoding.fires), encoding.fires),
        columns.lists(soonest, encoding.referred, _TO),
        columns.lists(offered, encoding.doses, _ITEM),
        columns.lists(sorted(encoding.avoided), encoding.avoided),
    ]


class _Columns:
    """Columns of people; those for whom nothing was `decided` have nulls."""

    def __init__(self, crowd: Crowd, decided: Truths) -> None:
        self._crowd, self._decided = crowd, decided

    def _truths(self, part: Formula) -> Truths:
        return unpacked(self._crowd[part], len(self._decided)) & self._decided

    def urgency(self, encoding: Encoding) -> Any:
        places = np.zeros(len(self._decided), np.int32)
        for place, part in enumerate(encoding.urgency.values()):
            places[self._truths(part)] = place
        names = pa.array(list(encoding.urgency))
        return names.take(pa.array(places, mask=~self._decided))

    def lists(
        self, keys: Sequence[Any], parts: Mapping[Any, Formula], names: Sequence[str] = ()
    ) -> Any:
        """Return for each person the list of keys whose formula is true; records where named."""
        truths = np.array([self._truths(parts[key]) for key in keys], bool)
        whose, which = np.nonzero(truths.reshape(len(keys), len(self._decided)).T)
        ends = np.searchsorted(whose, np.arange(len(self._decided) + 1)).astype(np.int32)
        if names:
            every = [pa.array([key[at] for key in keys], pa.string()) for at in range(len(names))]
            known = pa.StructArray.from_arrays(every, list(names))
        else:
            known = pa.array(keys, pa.string())
        mask = pa.array(~self._decided)
        return pa.ListArray.from_arrays(pa.array(ends), known.take(pa.array(which)), mask=mask)
