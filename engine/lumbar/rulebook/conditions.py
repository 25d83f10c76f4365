"""The condition language: print back, what it reads, three-valued truth, conjunctions.

A condition is true, false or unknown (`True`, `False`, `None`). Comparing an unanswered question is
unknown and so is its negation, as in SQL. A boolean finding that nobody concluded is false.
`conditions.lark` is the grammar, which `parsing` reads.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import Any

Value = int | float | str | bool | frozenset[str]
Truth = bool | None

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition is asked of: values by name, and the questions that were left open."""

    known: Mapping[str, Value] = field(default_factory=dict)
    unanswered: Set[str] = frozenset()

    def having(self, findings: Mapping[str, Value]) -> "Facts":
        """Return these facts with findings laid over them."""
        return Facts({**self.known, **findings}, self.unanswered)


@dataclass(frozen=True, slots=True)
class _Clause:
    """The base of clauses: one test of the one `name` that it reads."""

    name: str

    @property
    def reads(self) -> tuple[str, ...]:
        """The names that are read, left to right."""
        return (self.name,)

    @property
    def values(self) -> tuple[int | str, ...]:
        """What the name is compared with."""
        return ()

    @property
    def threshold(self) -> str:
        """The threshold that the value came from, if any."""
        return ""


@dataclass(frozen=True, slots=True)
class Comparison(_Clause):
    """`name operator value`; `threshold` keeps the name that `value` came from."""

    operator: str
    value: int | str
    threshold: str = field(default="")
    holds: Callable[[Any, Any], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "holds", COMPARE[self.operator])

    @property
    def values(self) -> tuple[int | str, ...]:
        return (self.value,)

    def truth(self, facts: Facts) -> Truth:
        known = facts.known.get(self.name)
        return None if known is None else self.holds(known, self.value)

    def __str__(self) -> str:
        return f"{self.name} {self.operator} {self.threshold or self.value}"


@dataclass(frozen=True, slots=True)
class Membership(_Clause):
    """`name in [a, b]`."""

    values: tuple[int | str, ...] = field()

    def truth(self, facts: Facts) -> Truth:
        known = facts.known.get(self.name)
        return None if known is None else known in self.values

    def __str__(self) -> str:
        return f"{self.name} in [{', '.join(map(str, self.values))}]"


@dataclass(frozen=True, slots=True)
class Inclusion(_Clause):
    """`name includes option`, of a several-of question."""

    option: str

    @property
    def values(self) -> tuple[int | str, ...]:
        return (self.option,)

    def truth(self, facts: Facts) -> Truth:
        known = facts.known.get(self.name)
        return None if known is None else self.option in known  # type: ignore[operator]

    def __str__(self) -> str:
        return f"{self.name} includes {self.option}"


@dataclass(frozen=True, slots=True)
class Bare(_Clause):
    """A boolean finding; false where nothing concluded it."""

    def truth(self, facts: Facts) -> Truth:
        return facts.known.get(self.name) is True

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Answered(_Clause):
    """`answered(name)`; never unknown."""

    def truth(self, facts: Facts) -> Truth:
        return self.name in facts.known

    def __str__(self) -> str:
        return f"answered({self.name})"


@dataclass(frozen=True, slots=True)
class Unanswered(_Clause):
    """`unanswered(name)`; never unknown; false for a question that is not asked."""

    def truth(self, facts: Facts) -> Truth:
        return self.name in facts.unanswered

    def __str__(self) -> str:
        return f"unanswered({self.name})"


Clause = Comparison | Membership | Inclusion | Bare | Answered | Unanswered


@dataclass(frozen=True, slots=True)
class Not:
    """True where the part is false; unknown where it is unknown."""

    part: "Condition"

    def truth(self, facts: Facts) -> Truth:
        truth = self.part.truth(facts)
        return None if truth is None else not truth

    @property
    def reads(self) -> tuple[str, ...]:
        return self.part.reads

    def __str__(self) -> str:
        return f"not {_bracketed(self.part, And, Or)}"


@dataclass(frozen=True, slots=True)
class _Joined:
    """Several parts. Each kind has its own loop: nothing runs so often, and it saves a tenth."""

    parts: tuple["Condition", ...]

    @property
    def reads(self) -> tuple[str, ...]:
        return tuple(name for part in self.parts for name in part.reads)


@dataclass(frozen=True, slots=True)
class And(_Joined):
    """False where one part is false, else unknown where one is unknown, else true."""

    def truth(self, facts: Facts) -> Truth:
        result: Truth = True
        for part in self.parts:
            truth = part.truth(facts)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    def __str__(self) -> str:
        return " and ".join(_bracketed(part, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or(_Joined):
    """True where one part is true, else unknown where one is unknown, else false."""

    def truth(self, facts: Facts) -> Truth:
        result: Truth = False
        for part in self.parts:
            truth = part.truth(facts)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


Condition = Clause | Not | And | Or
Literal = Clause | Not  # a clause, or a clause negated


def _bracketed(part: Condition, *weaker: type) -> str:
    return f"({part})" if isinstance(part, weaker) else str(part)


def clauses(condition: Condition, negated: bool = False) -> Iterator[tuple[Clause, bool]]:
    """Yield every clause, left to right, with whether it stands under an odd number of nots."""
    if isinstance(condition, Not):
        yield from clauses(condition.part, not negated)
    elif isinstance(condition, (And, Or)):
        for part in condition.parts:
            yield from clauses(part, negated)
    else:
        yield condition, negated


def mapped(condition: Condition, change: Callable[[Clause], Condition]) -> Condition:
    """Return the condition with every clause replaced by what `change` makes of it."""
    if isinstance(condition, Not):
        return Not(mapped(condition.part, change))
    if isinstance(condition, (And, Or)):
        return type(condition)(tuple(mapped(part, change) for part in condition.parts))
    return change(condition)


def with_thresholds(condition: Condition, values: Mapping[str, int]) -> Condition:
    """Return the condition with each named threshold's number put in."""

    def numbered(clause: Clause) -> Clause:
        if isinstance(clause, Comparison) and clause.value in values:
            name = str(clause.value)
            return replace(clause, value=values[name], threshold=name)
        return clause

    return mapped(condition, numbered)


def alternatives(condition: Condition, wanted: bool = True) -> int:
    """Return how many conjunctions there are at most, without making them."""
    if isinstance(condition, Not):
        return alternatives(condition.part, not wanted)
    if isinstance(condition, (And, Or)):
        counts = [alternatives(part, wanted) for part in condition.parts]
        return prod(counts) if isinstance(condition, And) is wanted else sum(counts)
    return 1


def conjunctions(condition: Condition, wanted: bool = True) -> tuple[tuple[Literal, ...], ...]:
    """Return the disjunctive normal form: true where all literals of one conjunction are."""
    if isinstance(condition, Not):
        return conjunctions(condition.part, not wanted)
    if isinstance(condition, (And, Or)):
        branches = [conjunctions(part, wanted) for part in condition.parts]
        if isinstance(condition, And) is wanted:
            joined = (sum(choice, ()) for choice in product(*branches))
            return tuple(tuple(dict.fromkeys(literals)) for literals in joined)
        return tuple(dict.fromkeys(sum(branches, ())))
    return ((condition if wanted else _negation(condition),),)


def _negation(clause: Clause) -> Literal:
    if isinstance(clause, Comparison):
        return replace(clause, operator=OPPOSITE[clause.operator])
    return Not(clause)


def grounds(condition: Condition, facts: Facts, wanted: bool = True) -> frozenset[str]:
    """Return the names whose values make the condition come out as `wanted`; none where it does
    not.
    """
    if isinstance(condition, Not):
        return grounds(condition.part, facts, not wanted)
    if condition.truth(facts) is not wanted:
        return frozenset()
    if isinstance(condition, (And, Or)):
        return frozenset().union(*(grounds(part, facts, wanted) for part in condition.parts))
    return frozenset(condition.reads)


def untrue(condition: Condition, facts: Facts, wanted: bool = True) -> tuple[Literal, ...]:
    """Return the literals that keep it from being `wanted`: of alternatives the nearest."""
    if isinstance(condition, Not):
        return untrue(condition.part, facts, not wanted)
    if condition.truth(facts) is wanted:
        return ()
    if isinstance(condition, (And, Or)):
        missing = [untrue(part, facts, wanted) for part in condition.parts]
        if isinstance(condition, And) is wanted:
            return tuple(dict.fromkeys(sum(missing, ())))
        return min(missing, key=len)
    return (condition if wanted else _negation(condition),)
