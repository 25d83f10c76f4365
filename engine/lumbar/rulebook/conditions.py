"""The condition language: parse, print back, what it reads, three-valued truth, conjunctions.

A condition is true, false or unknown (`True`, `False`, `None`). Comparing an unanswered question is
unknown and so is its negation, as in SQL. A boolean finding that nobody concluded is false.
`conditions.lark` is the grammar.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Annotated, Any

from pydantic import PlainValidator

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
    """What a condition is asked of: known values by name, and the questions that apply but were not
    answered.
    """

    known: Mapping[str, Value] = field(default_factory=dict)
    unanswered: Set[str] = frozenset()

    def having(self, findings: Mapping[str, Value]) -> "Facts":
        """Return these facts with findings laid over them."""
        return Facts({**self.known, **findings}, self.unanswered)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`name operator value`; `threshold` keeps the name that `value` came from."""

    name: str
    operator: str
    value: int | str
    threshold: str = ""
    holds: Callable[[Any, Any], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "holds", COMPARE[self.operator])

    def truth(self, facts: Facts) -> Truth:
        known = facts.known.get(self.name)
        return None if known is None else self.holds(known, self.value)

    def names(self) -> Iterator[str]:
        yield self.name

    def __str__(self) -> str:
        return f"{self.name} {self.operator} {self.threshold or self.value}"


@dataclass(frozen=True, slots=True)
class Membership:
    """`name in [a, b]`."""

    name: str
    values: tuple[int | str, ...]

    def truth(self, facts: Facts) -> Truth:
        known = facts.known.get(self.name)
        return None if known is None else known in self.values

    def names(self) -> Iterator[str]:
        yield self.name

    def __str__(self) -> str:
        return f"{self.name} in [{', '.join(map(str, self.values))}]"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """`name includes option`, of a several-of question."""

    name: str
    option: str

    def truth(self, facts: Facts) -> Truth:
        known = facts.known.get(self.name)
        return None if known is None else self.option in known  # type: ignore[operator]

    def names(self) -> Iterator[str]:
        yield self.name

    def __str__(self) -> str:
        return f"{self.name} includes {self.option}"


@dataclass(frozen=True, slots=True)
class Bare:
    """A boolean finding; false where nothing concluded it."""

    name: str

    def truth(self, facts: Facts) -> Truth:
        return facts.known.get(self.name) is True

    def names(self) -> Iterator[str]:
        yield self.name

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Answered:
    """`answered(name)`; never unknown."""

    name: str

    def truth(self, facts: Facts) -> Truth:
        return self.name in facts.known

    def names(self) -> Iterator[str]:
        yield self.name

    def __str__(self) -> str:
        return f"answered({self.name})"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """`unanswered(name)`; never unknown, and false for a question that does not apply to the
    person.
    """

    name: str

    def truth(self, facts: Facts) -> Truth:
        return self.name in facts.unanswered

    def names(self) -> Iterator[str]:
        yield self.name

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

    def names(self) -> Iterator[str]:
        yield from self.part.names()

    def __str__(self) -> str:
        return f"not {_bracketed(self.part, And, Or)}"


@dataclass(frozen=True, slots=True)
class And:
    """False where one part is false, else unknown where one is unknown, else true."""

    parts: tuple["Condition", ...]

    def truth(self, facts: Facts) -> Truth:
        result: Truth = True
        for part in self.parts:
            truth = part.truth(facts)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    def names(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.names()

    def __str__(self) -> str:
        return " and ".join(_bracketed(part, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """True where one part is true, else unknown where one is unknown, else false."""

    parts: tuple["Condition", ...]

    def truth(self, facts: Facts) -> Truth:
        result: Truth = False
        for part in self.parts:
            truth = part.truth(facts)
            if truth:
                return True
            if truth is None:
                result = None
        return result

    def names(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.names()

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


Condition = Clause | Not | And | Or
Literal = Clause | Not  # a clause, or a clause negated


def _bracketed(part: Condition, *weaker: type) -> str:
    return f"({part})" if isinstance(part, weaker) else str(part)


class ConditionError(ValueError):
    """A text that is no condition: what is wrong, `column` characters (from 0) into it."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


def parse(text: str, more: Path | None = None) -> Condition:
    """Parse a condition; raise ConditionError with the place and what could stand there.

    `more` is a grammar that adds clauses to those of `conditions.lark`.
    """
    from lark import UnexpectedInput

    try:
        return _built(_parser(more).parse(text))
    except UnexpectedInput as error:
        raise ConditionError(_complaint(error, text), error.pos_in_stream or 0) from None


@cache
def _parser(more: Path | None) -> Any:
    from lark import Lark

    grammars = (Path(__file__).with_suffix(".lark"), more)
    return Lark(
        "\n".join(path.read_text() for path in grammars if path), parser="lalr", lexer="basic"
    )


_SPOKEN = {
    "NAME": "a name",
    "TARGET": "an item, group or rule",
    "WHOLE": "a whole number",
    "OPERATOR": "a comparison such as == or >=",
    "$END": "the end",
    "LPAR": "(",
    "RPAR": ")",
    "LSQB": "[",
    "RSQB": "]",
    "COMMA": ",",
}


def _complaint(error: Any, text: str) -> str:
    token = getattr(error, "token", None)
    if token is None:
        return f"'{text[error.pos_in_stream]}' is no part of the condition language"
    found = "the end" if token.type == "$END" else f"'{token}'"
    words = (_SPOKEN.get(name, name.lower()) for name in sorted(error.accepts or error.expected))
    return f"{found} cannot stand here; expected {', '.join(words)}"


def _parsed(value: Any) -> Condition:
    """Parse a condition out of a file; what is no text is refused in the same words as elsewhere."""
    if not isinstance(value, str):
        raise ConditionError("a condition is written as words", 0)
    return parse(value)


ConditionText = Annotated[Condition, PlainValidator(_parsed)]


def _built(tree: Any) -> Condition:
    if tree.data in {"or_", "and_"}:
        parts = tuple(map(_built, tree.children))
        return Or(parts) if tree.data == "or_" else And(parts)
    if tree.data == "negation":
        return Not(_built(tree.children[0]))
    name = _name(tree.children[0])
    if tree.data == "comparison":
        return Comparison(name, str(tree.children[1]), _value(tree.children[2]))
    if tree.data == "membership":
        return Membership(name, tuple(map(_value, tree.children[1:])))
    if tree.data == "inclusion":
        return Inclusion(name, str(tree.children[1]))
    return _NAMED[tree.data](name)


def _name(child: Any) -> str:
    """Return a name, or an outcome as one: 'avoided(massage/knock)'."""
    return f"{child.children[0]}({child.children[1]})" if hasattr(child, "children") else str(child)


_NAMED: Mapping[str, type[Answered] | type[Unanswered] | type[Bare]] = {
    "answered": Answered,
    "unanswered": Unanswered,
    "bare": Bare,
}


def _value(tree: Any) -> int | str:
    token = tree.children[0]
    return int(token) if token.type == "WHOLE" else str(token)


def clauses(condition: Condition, negated: bool = False) -> Iterator[tuple[Clause, bool]]:
    """Yield every clause, left to right, with whether it stands under an odd number of nots."""
    if isinstance(condition, Not):
        yield from clauses(condition.part, not negated)
    elif isinstance(condition, (And, Or)):
        for part in condition.parts:
            yield from clauses(part, negated)
    else:
        yield condition, negated


def with_thresholds(condition: Condition, values: Mapping[str, int]) -> Condition:
    """Return the condition with each named threshold's number put in."""
    if isinstance(condition, Not):
        return Not(with_thresholds(condition.part, values))
    if isinstance(condition, (And, Or)):
        return type(condition)(tuple(with_thresholds(part, values) for part in condition.parts))
    if isinstance(condition, Comparison) and condition.value in values:
        return replace(
            condition, value=values[str(condition.value)], threshold=str(condition.value)
        )
    return condition


def conjunctions(condition: Condition, wanted: bool = True) -> tuple[tuple[Literal, ...], ...]:
    """Return the disjunctive normal form: the condition is true where all literals of one
    conjunction are.
    """
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
    """Return the names whose values make the condition come out as `wanted`; empty where it does
    not.
    """
    if isinstance(condition, Not):
        return grounds(condition.part, facts, not wanted)
    if condition.truth(facts) is not wanted:
        return frozenset()
    if isinstance(condition, (And, Or)):
        return frozenset().union(*(grounds(part, facts, wanted) for part in condition.parts))
    return frozenset(condition.names())


def untrue(condition: Condition, facts: Facts, wanted: bool = True) -> tuple[Literal, ...]:
    """Return the literals that keep the condition from coming out as `wanted`; of alternatives, the
    nearest one.
    """
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
