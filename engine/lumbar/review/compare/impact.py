"""How many people a change of the rules touches: each decided for by both rule sets, and counted.

Only the reference engine is asked, for speed; of made-up people only about those whom a change can
touch. Items are those that a plan shows, within its limits.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from multiprocessing import Pool
from typing import TYPE_CHECKING, Any

from lumbar.decision.decide import Decision, Referral, by_reference, combine
from lumbar.decision.difference import difference
from lumbar.engines.inference import ConflictError, Inference
from lumbar.intake.answers import Answers
from lumbar.plan.fitting import selected
from lumbar.reading.problems import BadAnswersError
from lumbar.review.compare.edits import Edit, touches_room
from lumbar.review.compare.kinds import CONTRADICT, KINDS, TITLES, TO_BE_SEEN, by_kind
from lumbar.review.compare.people import People
from lumbar.review.people.files import Person
from lumbar.rulebook.catalog import Catalog

if TYPE_CHECKING:
    from lumbar.review.compare.sieve import Sieve
    from lumbar.review.people.crowds import Crowds

# The ways in which somebody can be touched, in the order in which they are told.
WAYS: Mapping[str, str] = {
    **{str(kind): TITLES[kind] for kind in KINDS},
    "items_removed": "Item no longer in the plan",
    "items_added": "Item new in the plan",
    "reasons": "Only the reasons differ",
    "wording": "Only the words differ",
    "not_taken_by_new": "NEW does not take the answers",
    "not_taken_by_old": "OLD does not take the answers",
    "not_taken": "Neither takes the answers",
    "same": "Nothing differs",
}
_CHUNK = 250  # people decided for at a time
_BLOCK = 32_768  # people drawn at a time
_SAMPLE, _AT_LEAST = 500, 50  # one in so many is decided for twice, but so many of all at least
_FEW = 1000  # people for whom starting other processes takes longer than deciding
_PROCESSES = 4

Touched = dict[
    str, tuple[str, ...]
]  # the ways in which one person is touched, with lines that tell


class Comparison:
    """Two rule sets, ready to decide for many people."""

    def __init__(self, old: Catalog, new: Catalog, edits: Sequence[Edit]) -> None:
        self._old, self._new = old, new
        self._reworded = {(one.kind, one.name) for one in edits if one.layer == "wording"}
        self._room = touches_room(edits)
        asked = old.questionnaire.questions.keys(), new.questionnaire.questions.keys()
        self._only_old, self._only_new = asked[0] - asked[1], asked[1] - asked[0]

    @cached_property
    def sieve(self) -> "Sieve | None":
        """What finds whom of many a change can touch; None where a question changed its type."""
        from lumbar.review.compare.sieve import Sieve

        try:
            return Sieve(self._old, self._new, self._reworded, self._room)
        except ValueError:
            return None

    def touched(self, person: Person) -> Touched:
        """Return in which ways one person is touched, and why.

        What only one side asks is left out on the other.
        """
        if not isinstance(person.answers, Mapping):
            return {"not_taken": ("this is no set of answers",)}
        old = new = _understood(self._old, person.answers, self._only_new)
        if not isinstance(old, Answers) or not old.is_to(self._new.questionnaire):
            new = _understood(self._new, person.answers, self._only_old)
        if isinstance(old, Answers) and isinstance(new, Answers):
            return self._decided(_decision(self._old, old), _decision(self._new, new))
        if isinstance(new, Answers):
            return {"not_taken_by_old": tuple(old)}
        return {"not_taken_by_new" if isinstance(old, Answers) else "not_taken": tuple(new)}

    def _decided(self, before: Decision, after: Decision) -> Touched:
        found = difference(before, after, offered=_in_plan)
        told: Touched = {str(kind): lines for kind, lines in by_kind(found).items()}
        if not told and found.fired:
            return {"reasons": tuple(sorted(found.fired))}
        return told or self._reading(after)

    def _reading(self, decision: Decision) -> Touched:
        """Return that only words differ that this person reads, or that nothing does."""
        if not self._reworded or decision.failure:
            return {"same": ()}
        read = {("rule", one) for one in decision.fired}
        read |= {("question", one) for one in decision.answers}
        read |= {("item", one) for one in (*selected(decision), *decision.referred)}
        of_some = {"rule", "question", "item"}  # all else is read by everybody
        found = {one for one in self._reworded if one in read or one[0] not in of_some}
        words = tuple(f"{kind} {name}" for kind, name in sorted(found))
        return {"wording": words} if words else {"same": ()}


def _understood(
    catalog: Catalog, raw: Mapping[str, Any], drop: AbstractSet[str]
) -> Answers | list[str]:
    """Return the record of somebody's answers, or what makes them none."""
    kept = {name: value for name, value in raw.items() if name not in drop} if drop else raw
    try:
        return Answers.of(catalog.questionnaire, kept)
    except BadAnswersError as error:
        return [one.message for one in error.problems]


def _decision(catalog: Catalog, answers: Answers) -> Decision:
    try:
        return by_reference(catalog, answers)
    except ConflictError:
        to, soon = TO_BE_SEEN
        nothing = combine(catalog, answers, Inference((), ()))
        seen = (Referral(to, soon, ()),)
        return replace(nothing, urgency=soon, referrals=seen, failure=CONTRADICT)


def _in_plan(decision: Decision) -> dict[str, str]:
    """Return the items that a plan of the decision shows, each with its dose and minutes."""
    return {
        item: f"{dose.id} ({dose.minutes} min)" if dose else ""
        for item, dose in selected(decision).items()
    }


@dataclass
class Tally:
    """People counted: by way, by way and line, and the place of the first of each way, from 0."""

    people: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    lines: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)

    def add(self, touched: Touched, place: int) -> None:
        """Count one person."""
        self.people += 1
        for way, lines in touched.items():
            self.ways[way] += 1
            self.lines.update((way, line) for line in lines)
            self.first.setdefault(way, place)

    def add_all(self, way: str, places: Collection[int], lines: Mapping[str, int]) -> None:
        """Count people who are touched in one way alone."""
        self.people += len(places)
        if places:
            self.ways[way] += len(places)
            self.lines.update({(way, line): many for line, many in lines.items()})
            self.first[way] = min(*places, self.first.get(way, max(places)))

    def join(self, later: "Tally") -> None:
        """Count everybody of a tally whose people stand behind these."""
        self.people += later.people
        self.ways += later.ways
        self.lines += later.lines
        self.first = {**later.first, **self.first}

    def top(self, way: str) -> list[tuple[str, int]]:
        """Return the lines of a way with how many people each touches, the most first."""
        mine = [(line, count) for (where, line), count in self.lines.items() if where == way]
        return sorted(mine, key=lambda one: (-one[1], one[0]))


def impact(comparison: Comparison, people: People, progress: Callable[[int, int], None]) -> Tally:
    """Decide for everybody by both rule sets; `progress` hears how many people are done."""
    found = Tally()
    for tally in _tallies(comparison, people):
        found.join(tally)
        progress(found.people, len(people))
    return found


def _tallies(comparison: Comparison, people: People) -> Iterator[Tally]:
    """Yield the tallies of chunks of people, in order, from several processes if there are many."""
    chunks = [*_chunks(0, len(people.at_hand), _CHUNK)]
    for start, crowd in people.starts():
        chunks += _chunks(start, start + len(crowd), _BLOCK)
    processes = min(os.cpu_count() or 1, _PROCESSES)
    if len(people) <= _FEW or processes == 1:
        yield from (_tally(comparison, people, chunk) for chunk in chunks)
        return
    with Pool(processes, _begin, (comparison, people)) as pool:
        yield from pool.imap(_work, chunks)


def _chunks(start: int, end: int, size: int) -> Iterator[range]:
    return (range(one, min(one + size, end)) for one in range(start, end, size))


def _tally(comparison: Comparison, people: People, chunk: range) -> Tally:
    crowds = ((start, one) for start, one in people.starts() if start <= chunk.start)
    crowd = deque(crowds, maxlen=1)
    if crowd and comparison.sieve:
        return _sieved(comparison, comparison.sieve, *crowd[0], chunk)
    found = Tally()
    for place in chunk:
        found.add(comparison.touched(people[place]), place)
    return found


def _sieved(
    comparison: Comparison, sieve: "Sieve", first: int, crowd: "Crowds", chunk: range
) -> Tally:
    """Return the tally of people of a crowd whose first person is at this place."""
    every = max(1, min(_SAMPLE, len(crowd) // _AT_LEAST))
    some = crowd.drawn(range(chunk.start - first, chunk.stop - first))
    sieved = sieve.sieve(some, every)
    found = Tally()
    for at, answers in sieved.touched.items():
        found.add(comparison.touched(Person("", answers)), chunk[at])
    reading = {chunk[at] for mine in sieved.reading.values() for at in mine}
    lines = {line: len(mine) for line, mine in sieved.reading.items()}
    found.add_all("wording", reading, lines)
    found.add_all("same", [chunk[at] for at in sieved.same], {})
    return found


_mine: dict[str, Any] = {}  # what a worker process was begun with


def _begin(comparison: Comparison, people: People) -> None:
    _mine.update(comparison=comparison, people=people)


def _work(places: range) -> Tally:
    return _tally(_mine["comparison"], _mine["people"], places)
