"""Boolean formulas over input bits: joined, folded where a part is always or never true, counted.

Equal formulas are the same object, so sharing costs nothing and to compare is to ask `is`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, Literal, TypeVar
from weakref import WeakValueDictionary

Kind = Literal["true", "false", "input", "not", "and", "or", "count"]
K = TypeVar("K")


class Formula:
    """One node: an `input` by its name, or what is made of `parts`.

    A `count` is true where the `weights` of the parts that hold add up to `least` or more. `reads`
    has a bit for each input below it. Made by the functions here only, which keep equal ones the
    same.
    """

    __slots__ = ("__weakref__", "kind", "least", "name", "parts", "reads", "weights")

    def __init__(
        self,
        kind: Kind,
        parts: tuple["Formula", ...],
        name: str,
        least: int,
        weights: tuple[int, ...],
    ) -> None:
        self.kind, self.parts, self.name = kind, parts, name
        self.least, self.weights = least, weights
        self.reads = 1 << _places.setdefault(name, len(_places)) if kind == "input" else 0
        for part in parts:
            self.reads |= part.reads

    def __reduce__(self) -> tuple[Any, ...]:
        # in another process too, equal formulas are the same
        return _made, (self.kind, self.parts, self.name, self.least, self.weights)

    def __repr__(self) -> str:
        inside = ", ".join(map(repr, self.parts))
        return self.name or f"{self.kind}({inside})"


_places: dict[str, int] = {}  # of inputs, by name
_known: WeakValueDictionary[tuple[Any, ...], Formula] = WeakValueDictionary()


def _made(
    kind: Kind,
    parts: tuple[Formula, ...] = (),
    name: str = "",
    least: int = 0,
    weights: tuple[int, ...] = (),
) -> Formula:
    key = kind, parts, name, least, weights
    found = _known.get(key)
    if found is None:
        found = _known[key] = Formula(*key)
    return found


TRUE, FALSE = _made("true", name="true"), _made("false", name="false")


def an_input(name: str) -> Formula:
    """Return the input bit of this name."""
    return _made("input", name=name)


def both(parts: Iterable[Formula]) -> Formula:
    """Return the formula that all parts hold, without the parts that always do."""
    kept = tuple(part for part in dict.fromkeys(parts) if part is not TRUE)
    if FALSE in kept:
        return FALSE
    return (kept[0] if len(kept) == 1 else _made("and", kept)) if kept else TRUE


def either(parts: Iterable[Formula]) -> Formula:
    """Return the formula that one part holds, without the parts that never do."""
    kept = tuple(part for part in dict.fromkeys(parts) if part is not FALSE)
    if TRUE in kept:
        return TRUE
    return (kept[0] if len(kept) == 1 else _made("or", kept)) if kept else FALSE


def opposite(part: Formula) -> Formula:
    """Return the formula that the part does not hold."""
    if part is TRUE or part is FALSE:
        return FALSE if part is TRUE else TRUE
    return part.parts[0] if part.kind == "not" else _made("not", (part,))


def at_least(count: int, weighted: Iterable[tuple[Formula, int]]) -> Formula:
    """Return the formula that the weights of the parts that hold add up to `count` or more."""
    terms = [(part, weight) for part, weight in weighted if part is not FALSE and weight]
    count -= sum(weight for part, weight in terms if part is TRUE)
    terms = [(part, weight) for part, weight in terms if part is not TRUE]
    if count <= 0:
        return TRUE
    if sum(weight for _, weight in terms) < count:
        return FALSE
    if count == 1:
        return either(part for part, _ in terms)
    parts, weights = zip(*terms, strict=True)
    return _made("count", parts, least=count, weights=weights)


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


def apart(one: Formula, other: Formula) -> Formula:
    """Return the formula that one of the two holds and not the other."""
    if one is other:
        return FALSE
    return either((both((one, opposite(other))), both((other, opposite(one)))))


def unlike(one: Mapping[K, Formula], other: Mapping[K, Formula]) -> Iterator[Formula]:
    """Yield for each key the formula that one holds and not the other, unless they are the same."""
    for key in {**one, **other}:
        left, right = one.get(key, FALSE), other.get(key, FALSE)
        if left is not right:
            yield apart(left, right)


def replaced(
    formulas: Iterable[Formula], pairs: Sequence[tuple[Formula, Formula]]
) -> list[Formula]:
    """Return formulas with inputs replaced; parts that do not read them stay the very same."""
    known = dict(pairs)
    moved = reduce(or_, (one.reads for one in known), 0)
    wanted = list(formulas)
    for one in in_order(wanted, lambda one: one in known or not one.reads & moved):
        known[one] = _joined(one, tuple(known.get(part, part) for part in one.parts))
    return [known.get(one, one) for one in wanted]


def _joined(like: Formula, parts: tuple[Formula, ...]) -> Formula:
    """Return what is made of other parts in the way of a formula."""
    if like.kind == "not":
        return opposite(parts[0])
    if like.kind == "count":
        return at_least(like.least, zip(parts, like.weights, strict=True))
    return both(parts) if like.kind == "and" else either(parts)


def in_order(
    formulas: Iterable[Formula], known: Callable[[Formula], bool] = lambda _: False
) -> list[Formula]:
    """Return the formulas and all they are made of, each once, parts first.

    What is `known`, and what only that is made of, is left out.
    """
    found: dict[Formula, None] = {}
    waiting = [(one, False) for one in formulas][::-1]
    while waiting:
        one, parts_done = waiting.pop()
        if parts_done:
            found[one] = None
        elif one not in found and not known(one):
            waiting.append((one, True))
            waiting += [(part, False) for part in one.parts if part not in found]
    return list(found)
