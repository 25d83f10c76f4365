"""A formula on lines of 80 columns, in the names of its input bits: what a rule is compiled to."""

from collections import Counter
from collections.abc import Iterator, Mapping

from lumbar.form.encoding import Encoding
from lumbar.form.formulas import Formula, in_order

_WIDTH = 80
_JOINED = {"and": "all of", "or": "any of"}


def compiled(encoding: Encoding, rule: str) -> list[str]:
    """Return the lines of a rule's formula; a part that is used again is printed once, as [1]."""
    formula = encoding.fires[rule]
    return [*_Lines(formula, _names(encoding)).of(formula, "")]


def _names(encoding: Encoding) -> dict[Formula, str]:
    """Return what is said more shortly than by its inputs: answered, and left open."""
    found = {part: f"unanswered({name})" for name, part in encoding.unanswered.items()}
    for name, one in encoding.space.variables.items():
        if one.answered.kind != "input":
            found[one.answered] = f"answered({name})"
    return found


class _Lines:
    """Writes the parts of one formula."""

    def __init__(self, formula: Formula, names: Mapping[Formula, str]) -> None:
        self._names = names
        uses = Counter(
            part for one in in_order([formula], names.__contains__) for part in one.parts
        )
        self._again = {one for one, times in uses.items() if times > 1}
        self._numbers: dict[Formula, int] = {}

    def of(self, one: Formula, indent: str, before: str = "") -> Iterator[str]:
        """Yield the lines of a formula: one where it fits, else one for each part."""
        short = self._short(one, _WIDTH)
        if short is not None and len(indent + before + short) <= _WIDTH:
            yield f"{indent}{before}{short}"
        elif one in self._numbers:
            yield f"{indent}{before}[{self._numbers[one]}]"
        elif one.kind == "not":
            yield from self.of(one.parts[0], indent, f"{before}not ")
        else:
            yield f"{indent}{before}{self._head(one)}"
            for part, weight in zip(one.parts, one.weights or [1] * len(one.parts), strict=True):
                yield from self.of(part, f"{indent}  ", f"{weight} x " if weight > 1 else "")

    def _head(self, one: Formula) -> str:
        said = _JOINED.get(one.kind) or f"at least {one.least} of"
        if one in self._again:
            number = self._numbers[one] = len(self._numbers) + 1
            said = f"[{number}] {said}"
        return said

    def _short(self, one: Formula, room: int) -> str | None:
        """Return a formula in one line; None where it is longer than the room, or counts."""
        if one in self._names:
            return self._names[one]
        if one.kind in {"input", "true", "false"}:
            return one.name
        if one.kind == "count" or room < 0:
            return None
        parts = [self._short(part, room - 8) for part in one.parts]
        if None in parts:
            return None
        inner = [
            f"({said})" if part.kind in _JOINED and part not in self._names else str(said)
            for part, said in zip(one.parts, parts, strict=True)
        ]
        said = f"not {inner[0]}" if one.kind == "not" else f" {one.kind} ".join(inner)
        return said if len(said) <= _WIDTH else None
