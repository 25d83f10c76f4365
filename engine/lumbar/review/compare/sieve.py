"""Many people at once: the formulas of both rule sets find whom a change can touch.

Only those are looked at one by one. Some of all are decided for by the reference engine too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lumbar.form.agreement import agree
from lumbar.form.encoding import Encoding, differs
from lumbar.form.formulas import FALSE, TRUE, Formula, either, opposite, unlike
from lumbar.form.space import AnswerSpace
from lumbar.form.table import of_table, packed, places, raw
from lumbar.review.people.drawing import Crowded
from lumbar.rulebook.catalog import Catalog

Edited = tuple[str, str]  # the kind and the name of what says the same in other words
Places = list[int]


@dataclass(frozen=True)
class Sieved:
    """People by their places, from 0: those whom a change can touch, with their raw answers; and of
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

    def sieve(self, people: Crowded, every: int) -> Sieved:
        """Tell apart the people of a crowd.

        One in so many is decided for by the reference engine too: raises DisagreementError.
        """
        crowd = of_table(self._space, people.table, len(people))
        whole = (at for at in range(len(people)) if at not in people.spoiled)
        sample = [at for at in whole if people.places[at] % every == 0]
        for side in self._sides:
            asked = side.catalog.questionnaire.questions
            mine = {name: one for name, one in people.table.items() if name in asked}
            agree(side, crowd, sample, [raw(mine, at) for at in sample], people.places.start)
        others = np.ones(len(people), bool)
        others[list(people.spoiled)] = False
        untouched = crowd[opposite(self._touched)] & packed(others)
        touched = places(crowd.everybody ^ untouched)
        lines = {line: crowd[part] & untouched for line, part in self._lines.items()}
        reading = {line: places(word) for line, word in lines.items()}
        return Sieved(
            {at: people.raw(at) for at in touched},
            {line: mine for line, mine in reading.items() if mine},
            places(untouched & ~crowd[either(self._lines.values())]),
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
