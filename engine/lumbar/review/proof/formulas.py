"""Boolean formulas for Z3: joined, folded where a part is always or never true, and counted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import z3

Formula = Any  # a z3 BoolRef; z3 has no types of its own
TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)
K = TypeVar("K")


def both(parts: Iterable[Formula]) -> Formula:
    """Return the formula that all parts hold, without the parts that always do."""
    kept = [part for part in dict.fromkeys(parts) if part is not TRUE]
    if any(part is FALSE for part in kept):
        return FALSE
    return (kept[0] if len(kept) == 1 else z3.And(*kept)) if kept else TRUE


def either(parts: Iterable[Formula]) -> Formula:
    """Return the formula that one part holds, without the parts that never do."""
    kept = [part for part in dict.fromkeys(parts) if part is not FALSE]
    if any(part is TRUE for part in kept):
        return TRUE
    return (kept[0] if len(kept) == 1 else z3.Or(*kept)) if kept else FALSE


def opposite(part: Formula) -> Formula:
    """Return the formula that the part does not hold."""
    return FALSE if part is TRUE else TRUE if part is FALSE else z3.Not(part)


def at_least(count: int, weighted: Iterable[tuple[Formula, int]]) -> Formula:
    """Return the formula that the weights of the parts that hold add up to `count` or more."""
    terms = [(part, weight) for part, weight in weighted if part is not FALSE and weight]
    count -= sum(weight for part, weight in terms if part is TRUE)
    terms = [(part, weight) for part, weight in terms if part is not TRUE]
    if count <= 0:
        return TRUE
    if sum(weight for _, weight in terms) < count:
        return FALSE
    return either(part for part, _ in terms) if count == 1 else z3.PbGe(terms, count)


def by_operator(operator: str, reached: Formula, passed: Formula) -> Formula:
    """Return a comparison with a number: `reached` from that number on, `passed` beyond it."""
    if operator in {">=", "<"}:
        return reached if operator == ">=" else opposite(reached)
    if operator in {">", "<="}:
        return passed if operator == ">" else opposite(passed)
    exactly = both((reached, opposite(passed)))
    return exactly if operator == "==" else opposite(exactly)


def foremost(parts: Mapping[K, Formula]) -> dict[K, Formula]:
    """Return by key the formula that its part holds and none before it."""
    found, before = {}, FALSE
    for key, part in parts.items():
        found[key] = both((part, opposite(before)))
        before = either((before, part))
    return found


def unlike(one: Mapping[K, Formula], other: Mapping[K, Formula]) -> Iterator[Formula]:
    """Yield for each key the formula that one holds and not the other, unless they are the same."""
    for key in {**one, **other}:
        left, right = one.get(key, FALSE), other.get(key, FALSE)
        if not left.eq(right):
            yield z3.Xor(left, right)


def replaced(
    formulas: Iterable[Formula], pairs: Sequence[tuple[Formula, Formula]]
) -> list[Formula]:
    """Return formulas with symbols replaced; parts that do not read them stay the very same."""
    return list(z3.substitute(z3.And(*formulas, TRUE), *pairs).children())[:-1]
