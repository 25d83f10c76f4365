"""What the rules do to made-up people: decided for by the formulas, a crowd at a time.

A sample is decided for by both engines too. People are the same for the same seed and place.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from lumbar.decision.decide import Decision, combine, decide
from lumbar.engines.inference import Inference, conclude, inference
from lumbar.engines.loading import load
from lumbar.form.agreement import DisagreementError, agree
from lumbar.form.crowd import Crowd
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import Formula
from lumbar.form.table import of_table, raw, typed, unpacked
from lumbar.intake.answers import Answers
from lumbar.intake.length import length
from lumbar.review.audit.seen import SIMPLE, Seen, among, looked_at
from lumbar.review.people.drawing import CAUSE, Crowded, Drawing
from lumbar.review.people.practice import Practice, read
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Facts, Value

EACH_CAUSE = 1_000  # made cases of each cause by itself
_CHUNK = 2_000  # people decided for at a time
_WALKED = 200  # people whose interview is walked through
_TWICE = 100  # every so many people are decided for by both engines too


@dataclass(frozen=True, slots=True)
class Group:
    """People who are drawn alike; see `Drawing`. The interview of every so many is `walked`."""

    name: str
    people: int
    cause: str | None = None
    unsure: float = 0
    thinned: float = 0
    walked: int = 0


def groups(practice: Practice, people: int, unsure: float) -> tuple[Group, ...]:
    """Return who is drawn: everybody, half the signs taken away, some unsure, and each cause."""
    causes = tuple(practice.hidden[CAUSE].one_of or {}) if CAUSE in practice.hidden else ()
    return (
        Group("all", people, walked=max(1, people // _WALKED)),
        Group("thinned", people // 4, SIMPLE, thinned=0.5),
        Group("unsure", people // 4, unsure=unsure or 0.02),
        *(Group(cause, EACH_CAUSE, cause) for cause in causes if cause != SIMPLE),
    )


def measure(
    root: Path,
    seed: str,
    who: tuple[Group, ...],
    progress: Callable[[int, int], None],
    by: str | None = None,
) -> dict[str, list[Seen]]:
    """Return what came out for everybody of each group, in the order of their places.

    `by` is a question whose answer each is counted among. Raises DisagreementError.
    """
    jobs = [(group, start) for group in who for start in range(0, group.people, _CHUNK)]
    found: dict[str, list[Seen]] = {group.name: [] for group in who}
    workers = min(os.cpu_count() or 1, 8)
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        every = pool.map(_some, *zip(*((root, seed, by, *job) for job in jobs), strict=True))
        for done, ((group, _), some) in enumerate(zip(jobs, every, strict=True), 1):
            found[group.name] += some
            progress(done, len(jobs))
    return found


@cache
def _read(root: Path) -> tuple[Catalog, Practice, Encoding]:
    catalog = load(root)
    practice = read(catalog, root)
    assert practice is not None, "the command looks for a practice first"
    return catalog, practice, Encoding(catalog)


@cache
def _drawing(root: Path, seed: str, group: Group) -> Drawing:
    catalog, practice, _ = _read(root)
    return Drawing(
        catalog,
        practice,
        f"{seed}/{group.cause or 'all'}",
        cause=group.cause,
        unsure=group.unsure,
        thinned=group.thinned,
    )


def _some(root: Path, seed: str, by: str | None, group: Group, start: int) -> list[Seen]:
    places = range(start, min(start + _CHUNK, group.people))
    people = _drawing(root, seed, group).drawn(places)
    return list(seen(_read(root)[2], people, group.walked, by))


def seen(encoding: Encoding, people: Crowded, walked: int, by: str | None = None) -> Iterator[Seen]:
    """Yield what came out for people who were drawn."""
    catalog = encoding.catalog
    for at, decision in enumerate(decisions(encoding, people)):
        long = None
        if walked and people.places[at] % walked == 0:
            long = length(catalog.questionnaire, catalog.words.interview, decision.answers)
        cause = people.hidden[CAUSE].raw(at) if CAUSE in people.hidden else SIMPLE
        yield looked_at(decision, cause, long, among(catalog, by, decision.answers) if by else "")


def decisions(encoding: Encoding, people: Crowded) -> Iterator[Decision]:
    """Yield what is decided for people who were drawn, in their order; scores are not kept.

    Raises DisagreementError.
    """
    catalog = encoding.catalog
    crowd = of_table(encoding.space, people.table, len(people))
    sample = [at for at, place in enumerate(people.places) if place % _TWICE == 0]
    twice = [raw(people.table, at) for at in sample]
    agree(encoding, crowd, sample, twice, people.places.start)
    for at, answers in zip(sample, twice, strict=True):
        if failure := decide(catalog, answers).failure:
            raise DisagreementError(f"person {people.places[at]}: {failure}")
    fired = _who(crowd, list(encoding.fires.values()), len(people))
    rules = list(encoding.fires)
    left_open = _who(crowd, list(encoding.unanswered.values()), len(people))
    asked = list(encoding.unanswered)
    for at, known in enumerate(typed(people.table, len(people))):
        facts = Facts(known, frozenset(asked[place] for place in left_open[at]))
        concluded = _inference(catalog, [rules[place] for place in fired[at]])
        yield combine(catalog, Answers(catalog.questionnaire, facts), concluded)


def _who(crowd: Crowd, formulas: Sequence[Formula], people: int) -> list[list[int]]:
    """Return for each person which formulas are true, by their places."""
    truths = np.stack([unpacked(crowd[one], people) for one in formulas])
    whose, which = np.nonzero(truths.T)
    ends = np.searchsorted(whose, range(people + 1)).tolist()
    every = which.tolist()
    return [every[start:end] for start, end in pairwise(ends)]


def _inference(catalog: Catalog, fired: Sequence[str]) -> Inference:
    findings: dict[str, Value] = {}
    for rule in fired:
        conclude(findings, catalog.rules[rule].concludes)
    return inference(catalog, fired, findings)
