"""Everybody who could answer: an option is picked or not, a number reaches a cut or not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from lumbar.form.formulas import FALSE, Formula, an_input, both, either, opposite
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, Value, clauses
from lumbar.rulebook.questionnaire import NONE, Number, OneOf

Holds = Callable[[Formula], bool]  # whether a symbol is true of the person that was found


@dataclass(frozen=True)
class Choice:
    """The options of a question, each picked or not; those `alone` exclude every other."""

    picked: Mapping[str, Formula]
    alone: Set[str]

    @property
    def answered(self) -> Formula:
        return either(self.picked.values())

    @property
    def parts(self) -> Mapping[str, Formula]:
        """What makes up an answer."""
        return self.picked

    @property
    def symbols(self) -> tuple[Formula, ...]:
        return tuple(self.picked.values())

    def rules(self) -> Formula:
        """Return what makes the picks one answer."""
        return both(
            either((opposite(self.picked[one]), opposite(self.picked[other])))
            for one, other in combinations(self.picked, 2)
            if self.alone & {one, other}
        )

    def equal(self, value: Value) -> Formula:
        """Return the formula that the answer is exactly this."""
        wanted = value if isinstance(value, frozenset) else {value}
        if not wanted <= self.picked.keys():
            return FALSE
        return both(one if name in wanted else opposite(one) for name, one in self.picked.items())

    def read(self, holds: Holds, _: Any) -> Any:
        """Return the raw answer of somebody; None where there is none."""
        picked = sorted(option for option, part in self.picked.items() if holds(part))
        return (picked[0] if len(self.alone) == len(self.picked) else picked) if picked else None


@dataclass(frozen=True)
class Amount:
    """A whole number up to `high`, known by the cuts it reaches, the lowest first."""

    high: int
    cuts: Mapping[int, Formula]

    @property
    def low(self) -> int:
        return next(iter(self.cuts))

    @property
    def answered(self) -> Formula:
        return self.cuts[self.low]

    @property
    def parts(self) -> Mapping[int, Formula]:
        """What makes up an answer."""
        return self.cuts

    @property
    def symbols(self) -> tuple[Formula, ...]:
        return tuple(self.cuts.values())

    def reaches(self, number: int) -> Formula:
        """Return the formula that the answer is this number or more."""
        return FALSE if number > self.high else self.cuts[max(number, self.low)]

    def exceeds(self, number: int) -> Formula:
        """Return the formula that the answer is more than this number."""
        return self.reaches(number + 1)

    def rules(self) -> Formula:
        """Return what makes the cuts one number: who reaches a cut reaches those below it."""
        return both(either((lower, opposite(upper))) for lower, upper in pairwise(self.symbols))

    def equal(self, value: Value) -> Formula:
        """Return the formula that the answer is exactly this; its cuts must be known."""
        return both((self.reaches(int(value)), opposite(self.exceeds(int(value)))))  # type: ignore[arg-type]

    def read(self, holds: Holds, near: Any) -> Any:
        """Return the number of somebody, as near as can be to another; None where there is none."""
        reached = [cut for cut, part in self.cuts.items() if holds(part)]
        if not reached:
            return None
        most = min((cut - 1 for cut in self.cuts if cut > reached[-1]), default=self.high)
        return min(max(near, reached[-1]), most) if isinstance(near, int) else reached[-1]


Variable = Choice | Amount


class AnswerSpace:
    """Everybody who could answer: one symbolic person over the questions of one or more catalogs.

    Where the catalogs ask a question differently, the space holds all options and numbers; each
    catalog's own `Encoding.valid` says which answers it takes. There is room for the numbers that
    the conditions in `also` compare with. Raises ValueError where a question changed its type.
    """

    def __init__(self, *catalogs: Catalog, also: Iterable[Condition] = ()) -> None:
        self.catalogs = catalogs
        self._cuts = _cuts(catalogs, also)
        names = dict.fromkeys(name for one in catalogs for name in one.questionnaire.questions)
        self.variables: Mapping[str, Variable] = {name: self.variable(name) for name in names}
        # what each input says: that an answer picks an option, or reaches a cut
        self.inputs: Mapping[Formula, tuple[str, str | int]] = {
            part: (name, value)
            for name, one in self.variables.items()
            for value, part in one.parts.items()
        }

    def variable(self, name: str, copy: str = "") -> Variable:
        """Return the symbols for one answer; a `copy` is somebody else's to the same question."""
        every = (catalog.questionnaire.questions.get(name) for catalog in self.catalogs)
        asked: list[Any] = [question for question in every if question]
        if len({type(one) for one in asked}) > 1:
            raise ValueError(f"'{name}' is a different type of question in the two rule sets")
        if isinstance(asked[0], Number):
            low, high = min(one.low for one in asked), max(one.high for one in asked)
            cuts = [low, *sorted(cut for cut in self._cuts[name] if low < cut <= high)]
            return Amount(high, {cut: an_input(f"{name}{copy}>={cut}") for cut in cuts})
        options = dict.fromkeys(option for one in asked for option in one.labels)
        alone = frozenset(options if isinstance(asked[0], OneOf) else (NONE,))
        return Choice({option: an_input(f"{name}{copy}={option}") for option in options}, alone)

    def copy(self, name: str) -> tuple[Variable, list[tuple[Formula, Formula]]]:
        """Return a second answer, and which symbols to replace to give it to the person."""
        other = self.variable(name, copy="'")
        return other, list(zip(self.variables[name].symbols, other.symbols, strict=True))


def _cuts(catalogs: Iterable[Catalog], also: Iterable[Condition]) -> Mapping[str, set[int]]:
    """Return by question where something can change: compared with, in an example, or added up."""
    found: dict[str, set[int]] = defaultdict(set)
    for condition in (*also, *(one for catalog in catalogs for one in _conditions(catalog))):
        for clause, _ in clauses(condition):
            for number in (value for value in clause.values if isinstance(value, int)):
                # and those beside it, for rules whose numbers are moved by one
                found[clause.name].update(range(number - 1, number + 3))
    for catalog in catalogs:
        scores = catalog.questionnaire.scores
        added_up = {name for score in scores for name in score.numbers}
        for name, asked in catalog.questionnaire.questions.items():
            if isinstance(asked, Number):
                # and beyond the highest: another catalog may take more
                ends = (asked.low, asked.high, asked.high + 1, asked.example, asked.example + 1)
                found[name].update(range(asked.low, asked.high + 2) if name in added_up else ends)
    return found


def _conditions(catalog: Catalog) -> Iterator[Condition]:
    yield from (rule.when for rule in catalog.rules.values())
    for conditions in catalog.questionnaire.shown_when.values():
        yield from conditions
    for score in catalog.questionnaire.scores:
        yield from score.count
