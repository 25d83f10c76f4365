"""What came out for people, side by side: of each thing for whom, a bit a person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lumbar.form.table import Column, Truths, Words, count, unpacked
from lumbar.intake.length import Length
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.questionnaire import Number, Question

SIMPLE = "simple"
NO_ANSWER = "no answer"
_BANDS = 15  # numbers are counted in so many bands at most
_WIDTHS: list[int] = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


@dataclass(frozen=True)
class Seen:
    """What came out for people; `everybody` are those for whom something was decided.

    `of` has the keys of `agreement.outcomes`, and ("shown", item), ("answers", question, option),
    ("cause", name) where it is known, and ("among", group) where figures are told by groups.
    `lengths` are of some interviews of people with simple back pain: they take long to walk.
    `left_out` says by place why nothing was decided for somebody.
    """

    everybody: Words
    of: Mapping[Any, Words]
    lengths: Sequence[Length] = ()
    left_out: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def joined(cls, some: Sequence["Seen"]) -> "Seen":
        """Return people who were seen apart, 64 or a multiple of that at a time, as one."""
        return cls(
            np.concatenate([one.everybody for one in some]),
            {key: np.concatenate([one.of[key] for one in some]) for key in some[0].of},
            [length for one in some for length in one.lengths],
            {place: why for one in some for place, why in one.left_out.items()},
        )

    def __len__(self) -> int:
        return count(self.everybody)

    def __getitem__(self, key: Any) -> Words:
        """Return who it is of whom something is true; nobody where nothing is known of it."""
        return self.of.get(key, self.everybody ^ self.everybody)

    def any(self, keys: Iterable[Any]) -> Words:
        """Return of whom at least one of these is true."""
        found = self.everybody ^ self.everybody
        for key in keys:
            found = found | self[key]
        return found

    def urgent(self, levels: Iterable[Urgency]) -> Words:
        """Return who should be seen this soon."""
        return self.any(("urgency", level) for level in levels)

    def shows(self, items: Iterable[str]) -> Words:
        """Return whose plan shows at least one of these items."""
        return self.any(("shown", item) for item in items)

    def truths(self, who: Words) -> Truths:
        """Return for each place whether the person there is meant."""
        return unpacked(who, 64 * len(self.everybody))

    @property
    def groups(self) -> Mapping[str, Words]:
        """Those that figures are told by, where somebody is in them."""
        found = {key[1]: who for key, who in self.of.items() if key[0] == "among"}
        return {name: who for name, who in found.items() if who.any()}


def share(part: Words, who: Words) -> float:
    """Return how many of people something is true of, in hundredths."""
    many = count(who)
    return 100 * count(part & who) / many if many else 0.0


def soonest(urgencies: Iterable[Urgency]) -> Urgency | None:
    """Return the most urgent of several; None where there is none."""
    return min(urgencies, key=URGENCIES.index, default=None)


def bands(question: Question | None, column: Column) -> Iterator[tuple[str, Truths]]:
    """Yield among whom people are counted by what they say: each option, bands of a number."""
    if isinstance(question, Number):
        width = _width(question)
        for start in range(question.low // width * width, question.high + 1, width):
            yield _band(start, width), column.says(start) & ~column.says(start + width)
    else:
        for option in column.options:
            yield option, column.says(option)
    yield NO_ANSWER, ~column.answered


def _width(question: Number) -> int:
    many = question.high - question.low
    return next(width for width in _WIDTHS if many // width < _BANDS)


def _band(start: int, width: int) -> str:
    return str(start) if width == 1 else f"{start}–{start + width - 1}"
