"""Scores: numbers made of answers, and what they are called in a public terminology."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from lumbar.reading.record import Record
from lumbar.rulebook.conditions import Facts, Value
from lumbar.rulebook.parsing import ConditionText


class Code(Record):
    """What a question or score is called in a public terminology."""

    system: Literal["LOINC", "SNOMED CT"]
    code: str
    display: str


class Score(Record):
    """A number made of answers: `sum` or `mean` of questions, or the `count` of true conditions."""

    id: str
    title: str
    unit: str
    source: str
    sum: tuple[str, ...] = ()
    mean: tuple[str, ...] = ()
    count: tuple[ConditionText, ...] = ()
    code: Code | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.sum, self.mean, self.count))) != 1:
            raise ValueError("a score has exactly one of sum, mean and count")

    @cached_property
    def reads(self) -> frozenset[str]:
        """The questions the score reads."""
        counted = (name for part in self.count for name in part.reads)
        return frozenset({*self.sum, *self.mean, *counted})

    def value(
        self, facts: Facts, least: Mapping[str, int], points: Mapping[str, Mapping[str, int]]
    ) -> Value:
        """Return the least the score can be: a question without an answer adds the `least` it can.

        So what was answered always counts, and a score is only ever compared with `>=` or `>`.
        """
        if self.count:
            return [part.truth(facts) for part in self.count].count(True)
        known: Mapping[str, Any] = facts.known
        numbers = [
            points.get(name, {}).get(known[name], known[name]) if name in known else least[name]
            for name in self.sum or self.mean
        ]
        return sum(numbers) if self.sum else sum(numbers) / len(numbers)
