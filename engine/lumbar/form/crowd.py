"""Of whom formulas are true: many people at once, a bit a person."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from lumbar.form.formulas import FALSE, TRUE, Formula, in_order
from lumbar.form.space import AnswerSpace
from lumbar.rulebook.conditions import Value

Word = Any  # a bit a person: a Python integer, or whatever else knows `&`, `|` and `^`


class Crowd:
    """People, known by the word of each input that a formula reads; each is asked for once.

    `crowd[formula]` is the word of a formula: the bits of those of whom it is true.
    """

    def __init__(self, everybody: Word, of_input: Callable[[Formula], Word]) -> None:
        self.everybody = everybody
        self._of_input = of_input
        self._known: dict[Formula, Word] = {TRUE: everybody, FALSE: everybody ^ everybody}
        self._sums: dict[tuple[Any, ...], list[Word]] = {}

    def __getitem__(self, formula: Formula) -> Word:
        for one in in_order([formula], self._known.__contains__):
            self._known[one] = self._of_parts(one)
        return self._known[formula]

    def has(self, formula: Formula, place: int) -> bool:
        """Return whether a formula is true of the person at a place."""
        return bool(self[formula] >> place & 1)

    def _of_parts(self, one: Formula) -> Word:
        if one.kind == "input":
            return self._of_input(one)
        if one.kind == "count":
            return self._count(one)
        words = [self._known[part] for part in one.parts]
        if one.kind == "not":
            return self.everybody ^ words[0]
        found = words[0]
        for word in words[1:]:
            found = found & word if one.kind == "and" else found | word
        return found

    def _count(self, one: Formula) -> Word:
        """Return whose sum is enough: a word for each binary digit, compared one by one."""
        key = one.parts, one.weights
        if key not in self._sums:
            self._sums[key] = self._added_up(one)
        enough = self.everybody
        for place, digit in enumerate(self._sums[key]):
            enough = digit & enough if one.least >> place & 1 else digit | enough
        return enough

    def _added_up(self, one: Formula) -> list[Word]:
        """Return the digits of everybody's sum, the lowest first."""
        digits = [self._known[FALSE]] * sum(one.weights).bit_length()
        for part, weight in zip(one.parts, one.weights, strict=True):
            for start in range(weight.bit_length()):
                carry = self._known[part] if weight >> start & 1 else self._known[FALSE]
                for place in range(start, len(digits)):
                    digits[place], carry = digits[place] ^ carry, digits[place] & carry
        return digits


def of_people(space: AnswerSpace, people: Sequence[Mapping[str, Value]]) -> Crowd:
    """Return the crowd of people with these typed answers; words are integers, the first lowest."""

    @cache
    def giving(name: str) -> Mapping[Value, int]:
        found: dict[Value, int] = {}
        for place, answers in enumerate(people):
            if name in answers:
                found[answers[name]] = found.get(answers[name], 0) | 1 << place
        return found

    def of_input(one: Formula) -> int:
        name, value = space.inputs[one]
        who = giving(name).items()
        return sum(word for answer, word in who if says(answer, value))

    return Crowd((1 << len(people)) - 1, of_input)


def says(answer: Any, value: int | str) -> bool:
    """Return whether an answer reaches a cut, or is or includes an option."""
    if isinstance(value, int):
        return bool(answer >= value)
    return value in answer if isinstance(answer, frozenset) else answer == value
