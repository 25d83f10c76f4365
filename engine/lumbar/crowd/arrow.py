"""Arrow columns as answers: a row a person, a column a question, nothing where it is open.

Several options are a list, or text parted by semicolons. What is no answer is never guessed at: its
row is kept as it stands, for whoever reads answers to refuse.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lumbar.form.table import Column, Numbers, Table, Truths
from lumbar.reading.problems import did_you_mean
from lumbar.rulebook.questionnaire import (
    ANSWERED_ON,
    Number,
    OneOf,
    Question,
    Questionnaire,
    SeveralOf,
)

_WHOLE = r"^-?[0-9]{1,9}$"


def faults(
    names: Sequence[str], asked: Sequence[Questionnaire], kept: Sequence[str] = ()
) -> Iterator[tuple[str, str, str]]:
    """Yield code, message and hint of each column that is no question, and is not to be `kept`."""
    known = {name for one in asked for name in one.questions} | {ANSWERED_ON, *kept}
    for name in names:
        if name not in known:
            said = f"there is no question '{name}'"
            yield "unknown-question", said, did_you_mean(name, known)
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield "duplicate-key", f"two columns are called '{name}'", ""


def answers(
    rows: Any, asked: Sequence[Questionnaire]
) -> tuple[dict[str, Column], dict[int, dict[str, Any]]]:
    """Return the answers in a table or record batch, as any of the questionnaires asks for them.

    Also the raw answers, by row from 0, of whoever gave something that is none.
    """
    every = {
        name: [one.questions[name] for one in asked if name in one.questions]
        for name in rows.schema.names
    }
    cells = {
        name: _listed(_plain(one_piece(rows[name])), questions[0])
        for name, questions in every.items()
        if questions
    }
    table = {name: _column(some, every[name]) for name, some in cells.items()}
    wrong = [np.asarray(some.is_valid()) & ~table[name].answered for name, some in cells.items()]
    spoiled = np.flatnonzero(np.logical_or.reduce(wrong, initial=False, axis=0)).tolist()
    return table, {at: _as_is(table, cells, at) for at in spoiled}


def one_piece(cells: Any) -> Any:
    """Return a column of a table or record batch as one array."""
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def _plain(cells: Any) -> Any:
    """Return texts as strings, however they are kept; all else as it is."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    text = pa.types.is_large_string(cells.type) or pa.types.is_string_view(cells.type)
    return cells.cast(pa.string()) if text else cells


def _as_is(table: Table, cells: Mapping[str, Any], at: int) -> dict[str, Any]:
    """Return somebody's answers, and what is none as it stands in the table."""
    given = {name: some[at].as_py() for name, some in cells.items() if some[at].is_valid}
    for name, cell in given.items():
        if not table[name].options and isinstance(cell, str) and re.match(_WHOLE, cell):
            given[name] = int(cell)  # too large or too small, but a number
    right = {name: table[name].raw(at) for name in given if table[name].answered[at]}
    return given | right


def _listed(cells: Any, question: Question) -> Any:
    text = isinstance(question, SeveralOf) and pa.types.is_string(cells.type)
    return pc.split_pattern(cells, ";") if text else cells


def _column(cells: Any, every: Sequence[Question]) -> Column:
    """Return the answers to a question, as any of the questionnaires asks it."""
    if isinstance(one := every[0], Number):
        values, whole = _numbers(cells)
        numbers = [one for one in every if isinstance(one, Number)]
        low, high = min(one.low for one in numbers), max(one.high for one in numbers)
        return Column(values, whole & (values >= low) & (values <= high))
    choices = [one for one in every if not isinstance(one, Number)]
    options = tuple(dict.fromkeys(option for one in choices for option in one.labels))
    if isinstance(one, OneOf):
        places = _places(cells, options)
        return Column(places, places >= 0, options)
    return Column(*_several(cells, options), options, several=True)


def _numbers(cells: Any) -> tuple[Numbers, Truths]:
    """Return whole numbers, and who gives one."""
    kind, nobody = cells.type, np.zeros(len(cells), bool)
    if pa.types.is_string(kind):
        fit = pc.match_substring_regex(cells, _WHOLE)
    elif pa.types.is_floating(kind):
        fit = pc.and_(pc.equal(cells, pc.floor(cells)), pc.less(pc.abs(cells), 1e9))
    elif pa.types.is_integer(kind):
        fit = pc.less(pc.abs(cells.cast(pa.float64(), safe=False)), 1e9)
    else:
        return nobody.astype(np.int64), nobody
    fit = pc.fill_null(fit, False)
    whole = pc.if_else(fit, cells, pa.scalar(0).cast(kind)).cast(pa.int64())
    return np.asarray(whole), np.asarray(fit)


def _places(cells: Any, options: tuple[str, ...]) -> Numbers:
    """Return the place of each cell among the options; -1 where it is none."""
    if not pa.types.is_string(cells.type):
        return np.full(len(cells), -1)
    found = pc.index_in(cells, value_set=pa.array(options, pa.string()))
    return np.asarray(pc.fill_null(found, -1)).astype(np.int64)


def _several(cells: Any, options: tuple[str, ...]) -> tuple[Numbers, Truths]:
    """Return a bit for each option of each list, and whose lists name options and nothing else."""
    values, unknown = np.zeros(len(cells), np.int64), np.zeros(len(cells), bool)
    if pa.types.is_list(cells.type) or pa.types.is_large_list(cells.type):
        whose = np.asarray(pc.list_parent_indices(cells)).astype(np.int64)
        places = _places(_plain(pc.list_flatten(cells)), options)
        np.bitwise_or.at(values, whose[places >= 0], 1 << places[places >= 0])
        unknown[whose[places < 0]] = True
    return values, (values > 0) & ~unknown
