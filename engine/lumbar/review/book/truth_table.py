"""Which truth of its clauses makes a rule fire, as a table short enough to read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, product

from lumbar.rulebook.conditions import (
    And,
    Answered,
    Bare,
    Clause,
    Condition,
    Literal,
    Not,
    Or,
    Truth,
    Unanswered,
    clauses,
    conjunctions,
)

# A table of more clauses is longer than anybody reads: each is told by its part then.
MOST_COLUMNS = 4
_TWO_VALUED = (Bare, Answered, Unanswered)
_WORDS: Mapping[Truth, str] = {True: "true", False: "false", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Row:
    """The words in the column of each clause, and whether the rule fires."""

    cells: tuple[str, ...]
    fires: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A clause as it stands in the alternatives, and what part it has in them."""

    literal: Literal
    part: str


def distinct_clauses(condition: Condition) -> tuple[Clause, ...]:
    """Return the clauses of a condition, each once, left to right."""
    return tuple(dict.fromkeys(clause for clause, _ in clauses(condition)))


def rows(condition: Condition) -> tuple[Row, ...]:
    """Return the table of all truths of the clauses, those that come to the same drawn together.

    Every combination of true, false and unknown is in exactly one row.
    """
    columns = distinct_clauses(condition)
    return tuple(Row(cells, fires) for cells, fires in _rows(condition, columns, {}))


_Rows = tuple[tuple[tuple[str, ...], bool], ...]


def _rows(
    condition: Condition, columns: tuple[Clause, ...], given: Mapping[Clause, Truth]
) -> _Rows:
    waiting = tuple(clause for clause in columns if clause not in given)
    if len(outcomes := set(_outcomes(condition, waiting, given))) == 1:
        return ((("any",) * len(waiting), outcomes.pop()),)
    first = waiting[0]
    below = [
        (_rows(condition, columns, {**given, first: value}), _WORDS[value])
        for value in _values(first)
    ]
    return tuple(
        ((" or ".join(value for _, value in group), *cells), fires)
        for rest, group in (
            (rest, list(group)) for rest, group in groupby(below, key=lambda one: one[0])
        )
        for cells, fires in rest
    )


def _values(clause: Clause) -> tuple[Truth, ...]:
    return (True, False) if isinstance(clause, _TWO_VALUED) else (True, False, None)


def _outcomes(
    condition: Condition, waiting: tuple[Clause, ...], given: Mapping[Clause, Truth]
) -> Iterator[bool]:
    for values in product(*map(_values, waiting)):
        yield truth(condition, {**given, **dict(zip(waiting, values, strict=True))}) is True


def truth(condition: Condition, of: Mapping[Clause, Truth]) -> Truth:
    """Return what a condition is where its clauses are as given."""
    if isinstance(condition, Not):
        part = truth(condition.part, of)
        return None if part is None else not part
    if isinstance(condition, (And, Or)):
        parts = [truth(part, of) for part in condition.parts]
        settling = isinstance(condition, Or)
        return settling if settling in parts else None if None in parts else not settling
    return of[condition]


def parts(condition: Condition) -> tuple[Part, ...]:
    """Return each clause with its part: enough alone, needed always or in some ways, no effect."""
    ways = [frozenset(one) for one in conjunctions(condition)]
    shortest = [way for way in ways if not any(other < way for other in ways)]
    every = dict.fromkeys(literal for way in conjunctions(condition) for literal in way)
    return tuple(Part(literal, _part(literal, shortest)) for literal in every)


def _part(literal: Literal, ways: list[frozenset[Literal]]) -> str:
    if frozenset({literal}) in ways:
        return "enough alone"
    holding = sum(literal in way for way in ways)
    if holding == len(ways):
        return "always needed"
    return f"needed in {holding} of {len(ways)} ways" if holding else "of no effect"
