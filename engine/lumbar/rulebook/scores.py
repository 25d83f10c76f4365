"""Scores: numbers made of answers, and what they are called in a public terminology."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from lumbar.reading.record import Limit, Record
from lumbar.rulebook.conditions import Facts, Value
from lumbar.rulebook.parsing import ConditionText


class Code(Record):
    """What a question or score is called in a public terminology."""

    system: Literal["LOINC", "SNOMED CT"]
    code: str
    display: str


class Score(Record):
    """A number made of answers: `sum` or `mean` of questions, the `count` of true conditions, or
    the `fall` from the first of two numbers to the second: 0 where it did not go down.
    """

    id: str
    title: str
    unit: str
    source: str
    sum: tuple[str, ...] = ()
    mean: tuple[str, ...] = ()
    count: tuple[ConditionText, ...] = ()
    fall: Annotated[tuple[str, ...], Limit(min_length=2, max_length=2)] = ()
    code: Code | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.sum, self.mean, self.count, self.fall))) != 1:
            raise ValueError("a score has exactly one of sum, mean, count and fall")

    @cached_property
    def reads(self) -> frozenset[str]:
        """The questions the score reads."""
        counted = (name for part in self.count for name in part.reads)
        return frozenset({*self.numbers, *counted})

    @property
    def numbers(self) -> tuple[str, ...]:
        """The questions whose answers it adds up or compares as numbers."""
        return self.sum or self.mean or self.fall

    def value(
        self, facts: Facts, least: Mapping[str, int], points: Mapping[str, Mapping[str, int]]
    ) -> Value:
        """Return the least the score can be: a question without an answer adds the `least` it can.

        So what was answered always counts, and a score is only ever compared with `>=` or `>`.
        """
        if self.count:
            return [part.truth(facts) for part in self.count].count(True)
        known: Mapping[str, Any] = facts.known
        if self.fall:
            before, after = map(known.get, self.fall)
            return 0 if before is None or after is None else max(0, before - after)
        numbers = [
            points.get(name, {}).get(known[name], known[name]) if name in known else least[name]
            for name in self.sum or self.mean
        ]
        return sum(numbers) if self.sum else sum(numbers) / len(numbers)
