"""What the rules do to made-up people: each decided for by the reference engine, and looked at.

A sample is decided for by the live engine too. People are the same for the same seed and place.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from lumbar.decision.decide import Decision, by_reference, decide
from lumbar.decision.difference import difference
from lumbar.engines.loading import load
from lumbar.intake.answers import Answers
from lumbar.intake.length import Length, length
from lumbar.plan.fitting import select
from lumbar.review.people.drawing import CAUSE, Drawing
from lumbar.review.people.practice import Practice, read
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.rules import Refer

EACH_CAUSE = 250  # made cases of each cause by itself
SIMPLE = "simple"
_CHUNK = 100  # people decided for at a time
_TIMED = 20  # the interview of every so many people is walked through
_LIVE = 100  # every so many people are decided for by the live engine too


class EnginesDisagreeError(Exception):
    """The live engine decides otherwise than the reference for somebody: nothing is reported."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who are drawn alike; see `Drawing`."""

    name: str
    people: int
    cause: str | None = None
    unsure: float = 0
    thinned: float = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What came out for one person, as far as figures need it."""

    cause: str
    urgency: Urgency
    refers: Mapping[str, Urgency]  # by rule, the soonest it says
    shown: frozenset[str]
    offered: frozenset[str]
    kept_out: Mapping[str, tuple[str, ...]]  # by item, the rules
    wishes: Mapping[str, Any]
    findings: Mapping[str, Any]
    length: Length | None  # of some people only: it takes long
    signs: frozenset[str] = field(default_factory=frozenset)  # answers `new` or `unsure`


def groups(practice: Practice, people: int, unsure: float) -> tuple[Group, ...]:
    """Return who is drawn: everybody, half the signs taken away, some unsure, and each cause."""
    causes = tuple(practice.hidden[CAUSE].one_of or {}) if CAUSE in practice.hidden else ()
    return (
        Group("all", people),
        Group("thinned", people // 4, SIMPLE, thinned=0.5),
        Group("unsure", people // 4, unsure=unsure or 0.02),
        *(Group(cause, EACH_CAUSE, cause) for cause in causes if cause != SIMPLE),
    )


def measure(
    root: Path, seed: str, who: tuple[Group, ...], progress: Callable[[int, int], None]
) -> dict[str, list[Seen]]:
    """Return what came out for everybody of each group, in the order of their places."""
    jobs = [(group, start) for group in who for start in range(0, group.people, _CHUNK)]
    found: dict[str, list[Seen]] = {group.name: [] for group in who}
    workers = min(os.cpu_count() or 1, 8)
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        every = pool.map(_some, *zip(*((root, seed, *job) for job in jobs), strict=True))
        for done, ((group, _), some) in enumerate(zip(jobs, every, strict=True), 1):
            found[group.name] += some
            progress(done, len(jobs))
    return found


@cache
def _read(root: Path) -> tuple[Catalog, Practice]:
    catalog = load(root)
    practice = read(catalog, root)
    assert practice is not None, "the command looks for a practice first"
    return catalog, practice


def _some(root: Path, seed: str, group: Group, start: int) -> list[Seen]:
    catalog, practice = _read(root)
    drawing = Drawing(
        catalog,
        practice,
        f"{seed}/{group.cause or 'all'}",
        cause=group.cause,
        unsure=group.unsure,
        thinned=group.thinned,
    )
    last = min(start + _CHUNK, group.people)
    return [_seen(catalog, drawing, place) for place in range(start, last)]


def _seen(catalog: Catalog, drawing: Drawing, place: int) -> Seen:
    person = drawing.made_up(place)
    answers = Answers.of(catalog.questionnaire, person.answers)
    decision = by_reference(catalog, answers)
    if place % _LIVE == 0 and difference(decision, decide(catalog, answers)):
        raise EnginesDisagreeError(f"person {place} of seed '{drawing.seed}'")
    cause = str(person.hidden.get(CAUSE, SIMPLE))
    long = (
        length(catalog.questionnaire, catalog.words.interview, answers)
        if place % _TIMED == 0
        else None
    )
    return looked_at(decision, cause, long)


def looked_at(decision: Decision, cause: str, long: Length | None = None) -> Seen:
    """Return what figures need of a decision."""
    selection = select(decision)
    answers = decision.answers
    return Seen(
        cause=cause,
        urgency=decision.urgency,
        refers=dict(_refers(decision)),
        shown=frozenset(item for section in selection.taken.values() for item in section),
        offered=decision.offered,
        kept_out={one.item: one.rules for one in decision.withheld if one.reason == "avoided"},
        wishes={name: one for name, one in answers.items() if name.endswith("_wish")},
        findings=decision.findings,
        length=long,
        signs=frozenset(name for name, one in answers.items() if one in ("new", "unsure")),
    )


def _refers(decision: Decision) -> Iterator[tuple[str, Urgency]]:
    for rule in decision.fired:
        effects = decision.catalog.rules[rule].then
        said = [effect.urgency for effect in effects if isinstance(effect, Refer)]
        if said:
            yield rule, min(said, key=URGENCIES.index)
