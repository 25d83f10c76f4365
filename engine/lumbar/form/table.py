"""Answers as a table, a column a question, and its people as a crowd: numpy, 64 people a word."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbar.form.crowd import Crowd
from lumbar.form.formulas import Formula
from lumbar.form.space import AnswerSpace
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import Number, Question, Questionnaire, SeveralOf

Truths = NDArray[np.bool_]  # of each person
Words = NDArray[np.uint64]  # the same, a bit a person, the first lowest
Numbers = NDArray[Any]


@dataclass(frozen=True)
class Column:
    """What everybody answers to one question: a number each, which means nothing where none is
    `answered`.

    One option is its place among `options`; of several each is a bit, by its place.
    """

    values: Numbers
    answered: Truths
    options: tuple[str, ...] = ()
    several: bool = False

    @classmethod
    def of(cls, question: Question, values: Numbers, answered: Truths) -> "Column":
        """Return the column of a question; values are as above, by the places of its options."""
        if isinstance(question, Number):
            return cls(values, answered)
        return cls(values, answered, tuple(question.labels), isinstance(question, SeveralOf))

    def part(self, places: range) -> "Column":
        """Return what some people answer, one beside the other."""
        some = slice(places.start, places.stop)
        return replace(self, values=self.values[some], answered=self.answered[some])

    def says(self, value: int | str) -> Truths:
        """Return whose answer reaches a cut, or is or includes an option."""
        if isinstance(value, int):
            return self.answered & (self.values >= value)
        if value not in self.options:
            return np.zeros_like(self.answered)
        place = self.options.index(value)
        picked: Truths = self.values >> place & 1 == 1 if self.several else self.values == place
        return self.answered & picked

    def raw(self, place: int) -> Any:
        """Return the raw answer of one person; None where there is none."""
        if not self.answered[place]:
            return None
        value = self._named(int(self.values[place]))
        return value if isinstance(value, (int, str)) else sorted(value)  # type: ignore[arg-type]

    def _named(self, number: int) -> Value:
        if not self.options:
            return number
        if not self.several:
            return self.options[number]
        return frozenset(name for at, name in enumerate(self.options) if number >> at & 1)


Table = Mapping[str, Column]  # by question


def raw(table: Table, place: int) -> dict[str, Any]:
    """Return the raw answers of one person."""
    found = {name: column.raw(place) for name, column in table.items()}
    return {name: value for name, value in found.items() if value is not None}


class _Crowd(Crowd):
    def has(self, formula: Formula, place: int) -> bool:
        return bool(int(self[formula][place >> 6]) >> (place & 63) & 1)


def columns(questionnaire: Questionnaire, people: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """Return the table of people who give these answers, raw or typed: the way back from `raw`."""
    return {name: _column(one, people) for name, one in questionnaire.questions.items()}


def _column(question: Question, people: Sequence[Mapping[str, Any]]) -> Column:
    given = [one.get(question.id) for one in people]
    values = np.array([0 if one is None else _number(question, one) for one in given], np.int64)
    return Column.of(question, values, np.array([one is not None for one in given], bool))


def _number(question: Question, value: Any) -> int:
    """Return an answer as the number that a column holds."""
    if isinstance(question, Number):
        return int(value)
    places = {option: place for place, option in enumerate(question.labels)}
    several = isinstance(question, SeveralOf)
    return sum(1 << places[one] for one in set(value)) if several else places[value]


def of_table(
    space: AnswerSpace, table: Table, people: int, others: Callable[[Formula], Words] | None = None
) -> Crowd:
    """Return so many people as a crowd, whose words are arrays; nobody answers what has no column.

    A column is looked at when a formula reads it first, so a table may still be growing. `others`
    tells of inputs that are no answers.
    """
    nobody = np.zeros(people, bool)

    def of_input(one: Formula) -> Words:
        if others and one not in space.inputs:
            return others(one)
        name, value = space.inputs[one]
        return packed(table[name].says(value) if name in table else nobody)

    return _Crowd(packed(~nobody), of_input)


def packed(truths: Truths) -> Words:
    """Return as words who is meant."""
    whole = np.zeros(-(-len(truths) // 64) * 8, np.uint8)
    some = np.packbits(truths, bitorder="little")
    whole[: len(some)] = some
    return whole.view("<u8")


def unpacked(words: Words, people: int) -> Truths:
    """Return for each of so many people whether they are meant."""
    bits = np.unpackbits(words.view(np.uint8), count=people, bitorder="little")
    return bits.view(np.bool_)


def count(words: Words) -> int:
    """Return how many people are meant."""
    return int(np.bitwise_count(words).sum())


def places(words: Words) -> list[int]:
    """Return the places of the people that are meant, the first first."""
    bits = np.unpackbits(words.view(np.uint8), bitorder="little")
    found: list[int] = np.flatnonzero(bits).tolist()
    return found
