"""Made-up people by the block: the formulas of both rule sets find whom a change can touch.

Only those are looked at one by one. Some of all are decided for by the reference engine too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lumbar.form.agreement import agree
from lumbar.form.encoding import Encoding, differs
from lumbar.form.formulas import FALSE, TRUE, Formula, either, opposite, unlike
from lumbar.form.space import AnswerSpace
from lumbar.form.table import of_table, places, raw
from lumbar.review.people.drawing import Drawing
from lumbar.rulebook.catalog import Catalog

Edited = tuple[str, str]  # the kind and the name of what says the same in other words
Places = list[int]


@dataclass(frozen=True)
class Sieved:
    """A block of people, by their places: those a change can touch, with their raw answers; and of
    all others, who reads each line that is worded otherwise, and who reads none of them.
    """

    touched: Mapping[int, dict[str, Any]]
    reading: Mapping[str, Places]
    same: Places


class Sieve:
    """Two rule sets over the same people; in the new one the lines of `reworded` read otherwise.

    `whole` lets nobody through: what a plan has room for may differ for all. Raises ValueError
    where a question is of another type in the new rules.
    """

    def __init__(self, old: Catalog, new: Catalog, reworded: Iterable[Edited], whole: bool) -> None:
        self._space = AnswerSpace(old, new)
        self._sides = a, b = Encoding(old, self._space), Encoding(new, self._space)
        # whether a plan has room for an item is known of nobody without a closer look
        items = [_may_be_in_plan(b, name) for kind, name in reworded if kind == "item"]
        self._touched = TRUE if whole else either((*_otherwise(a, b), *items))
        lines = sorted(one for one in reworded if one[0] != "item")
        self._lines = {" ".join(one): _read(b, *one) for one in lines}

    def block(self, drawing: Drawing, block: range, every: int) -> Sieved:
        """Draw a block of people and sieve it.

        One in so many is decided for by the reference engine too: raises DisagreementError.
        """
        people = drawing.drawn(block)
        crowd = of_table(self._space, people.table, len(people))
        sample = [at for at, place in enumerate(block) if place % every == 0]
        for side in self._sides:
            asked = side.catalog.questionnaire.questions
            mine = {name: one for name, one in people.table.items() if name in asked}
            agree(side, crowd, sample, [raw(mine, at) for at in sample], block.start)
        others = opposite(self._touched)
        words = {line: crowd[part] & crowd[others] for line, part in self._lines.items()}
        reading = {line: places(word) for line, word in words.items()}
        same = crowd[others] & ~crowd[either(self._lines.values())]
        return Sieved(
            {block[at]: raw(people.table, at) for at in places(crowd[self._touched])},
            {line: [block[at] for at in mine] for line, mine in reading.items() if mine},
            [block[at] for at in places(same)],
        )


def _otherwise(a: Encoding, b: Encoding) -> Iterator[Formula]:
    """Yield that something differs, or that one of both makes no decision."""
    for one in (a, b):
        yield from (opposite(one.valid), one.conflict)
    yield differs(a, b)
    yield from unlike(a.fires, b.fires)
    for name in {**a.concluded, **b.concluded}:
        yield from unlike(a.concluded.get(name, {}), b.concluded.get(name, {}))


def _read(new: Encoding, kind: str, name: str) -> Formula:
    """Return who reads a line: of a rule that fires, of a question that is answered, of all else
    everybody.
    """
    if kind == "rule":
        return new.fires.get(name, FALSE)
    if kind == "question":
        asked = name in new.catalog.questionnaire.questions
        return new.space.variables[name].answered if asked else FALSE
    return TRUE


def _may_be_in_plan(new: Encoding, item: str) -> Formula:
    return either((new.recommended.get(item, FALSE), new.sees(item)))
