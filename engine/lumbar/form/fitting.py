"""Which items the plans of many people show, at once: the twin of `plan/fitting.select`.

A dose never decides whether an item is shown, only its gentlest: so nothing is said of doses here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lumbar.form.crowd import Crowd
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import both, opposite
from lumbar.form.table import Numbers, Truths, unpacked
from lumbar.rulebook.rules import Section

_LAST = 1_000_000  # behind everything that is offered


def shown(encoding: Encoding, crowd: Crowd, minutes: Numbers) -> Mapping[str, Truths]:
    """Return for each item whose plan shows it; each person has so many minutes a day."""
    left = minutes.copy()
    sections = [_Filling.of(encoding, crowd, len(left), section) for section in _sections(encoding)]
    for one in sections:
        one.fill(one.section.at_least, left)
    for one in sections:
        one.fill(one.section.at_most, left)
    return {item: whose for one in sections for item, whose in one.whose()}


def today(sections: Sequence[Section], at_most: int, whose: Mapping[str, Truths]) -> Truths:
    """Return of the items of all sections, one below the other, who is to do which of them today:
    the first of each section, and so many in all.
    """
    parts = []
    for section in sections:
        mine = np.array([whose[item] for item in section.order])
        parts.append(mine & (np.cumsum(mine, axis=0) <= section.today))
    every = np.concatenate(parts)
    found: Truths = every & (np.cumsum(every, axis=0) <= at_most)
    return found


def _sections(encoding: Encoding) -> tuple[Section, ...]:
    return encoding.catalog.limits.sections


@dataclass
class _Filling:
    """One section of everybody's plan as it is filled: a row a place, a column a person.

    `ranked` says which of the `items` somebody has at a place, and `waiting` whether it is offered
    and not taken yet. What stands `beside` takes neither places nor minutes.
    """

    section: Section
    items: Sequence[str]
    cost: Numbers
    ranked: Numbers
    waiting: Truths
    beside: Mapping[str, Truths]
    taken: Truths = field(init=False)
    places: Numbers = field(init=False)
    spent: Numbers = field(init=False)

    def __post_init__(self) -> None:
        self.taken = np.zeros_like(self.waiting)
        self.places = np.zeros(self.waiting.shape[1], np.int64)
        self.spent = np.zeros_like(self.places)

    @classmethod
    def of(cls, encoding: Encoding, crowd: Crowd, people: int, section: Section) -> "_Filling":
        """Return a section with all that is offered of it waiting, in each one's order."""
        offered = {item: _offered(encoding, crowd, people, item) for item in section.order}
        items = [item for item in section.order if item not in section.beside]
        keys = np.array(
            [_key(encoding, crowd, section, item, offered[item]) for item in items], np.int64
        ).reshape(len(items), people)
        ranked = np.argsort(keys, axis=0)
        doses = [encoding.catalog.items[item].doses[:1] for item in items]
        return cls(
            section,
            items,
            np.array([dose[0].minutes if dose else 0 for dose in doses], np.int64),
            ranked,
            np.take_along_axis(keys, ranked, axis=0) < _LAST,
            {item: offered[item] for item in section.order if item in section.beside},
        )

    def fill(self, at_most: int, left: Numbers) -> None:
        """Take the items that wait, in each one's order, up to so many: see `Selection.offer`."""
        everybody = np.arange(len(left))
        for rank, which in enumerate(self.ranked):
            cost = self.cost[which]
            fits = self.waiting[rank] & (self.places < at_most) & (cost <= left)
            if self.section.minutes_at_most is not None:
                fits &= self.spent + cost <= self.section.minutes_at_most
            self.taken[which[fits], everybody[fits]] = True
            self.waiting[rank] &= ~fits
            cost = cost * fits
            self.places += fits
            self.spent += cost
            left -= cost

    def whose(self) -> Sequence[tuple[str, Truths]]:
        """Return each item with who has it in the plan."""
        return [*self.beside.items(), *zip(self.items, self.taken, strict=True)]


def _offered(encoding: Encoding, crowd: Crowd, people: int, item: str) -> Truths:
    """Return who is offered an item other than as somebody to see."""
    part = both((encoding.recommended[item], opposite(encoding.sees(item))))
    return unpacked(crowd[part], people)


def _key(encoding: Encoding, crowd: Crowd, section: Section, item: str, offered: Truths) -> Numbers:
    """Return how early an item is in each one's order, the earliest lowest: see `_ranked`."""
    place = section.order.index(item) + (0 if item in section.first else _LAST // 2)
    votes = _votes(encoding, crowd, item, len(offered))
    return np.where(offered, place - votes * len(section.order), _LAST)


def _votes(encoding: Encoding, crowd: Crowd, item: str, people: int) -> Numbers:
    """Return how many rules ask for the strongest dose that any of them asks for."""
    places, votes = encoding.catalog.doses[item], np.zeros(people, np.int64)
    for place in sorted(set(places.values()), reverse=True):
        by = [part for dose, part in encoding.asked[item] if places[dose] == place]
        said = np.zeros(people, np.int64)
        for part in by:
            said += unpacked(crowd[part], people)
        votes = np.where(votes > 0, votes, said)
    return votes
