"""How many people a change of the rules touches, and how: each decided for by both rule sets, and
counted.

Only the reference engine is asked, for speed. Items are those that a plan shows, within its limits.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from multiprocessing import Pool
from typing import Any

from lumbar.decision.decide import combine
from lumbar.engines import reference
from lumbar.engines.inference import ConflictError, Inference
from lumbar.intake.answers import Answers
from lumbar.reading.problems import BadAnswersError
from lumbar.review.compare.diff import Change
from lumbar.review.compare.outcomes import FAILED, IN_WORDS, KINDS, Outcome, differences, of_plan
from lumbar.review.compare.population import Drawing
from lumbar.review.compare.subjects import Subject
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import STAGES, Rule

Row = str  # a kind of difference, or one of those that come after them
ROWS: tuple[Row, ...] = (
    *KINDS,
    "reasons",
    "wording",
    "not_taken_by_new",
    "not_taken_by_old",
    "not_taken",
    "same",
)
TITLES: Mapping[Row, str] = {
    **{str(kind): words for kind, words in IN_WORDS.items()},
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
_FEW = 1000  # people for whom starting other processes takes longer than deciding
_PROCESSES = 4

Told = dict[Row, tuple[str, ...]]  # what differs for one person, a line each


class Comparison:
    """Two rule sets, ready to decide for many people; what cannot differ between them is worked out
    once.
    """

    def __init__(self, old: Catalog, new: Catalog, changes: Iterable[Change]) -> None:
        changes = tuple(changes)
        logic = [one for one in changes if one.layer == "logic"]
        self._old, self._new = old, new
        self._reworded = frozenset(
            (one.kind, one.name) for one in changes if one.layer == "wording"
        )
        self._same_facts = _facts_of(old) == _facts_of(new) and all(
            one.kind != "question" for one in logic
        )
        self._same_items = not any(one.kind in {"item", "section", "plan"} for one in logic)
        self._gone, self._come = _unlike(old, new), _unlike(new, old)
        asked = old.questionnaire.questions, new.questionnaire.questions
        self._of_one = asked[0].keys() - asked[1].keys(), asked[1].keys() - asked[0].keys()

    def differences(self, subject: Subject) -> Told:
        """Return in which rows one person counts, and why; what only one side asks is left out on
        the other.
        """
        if not isinstance(subject.answers, Mapping):
            return {"not_taken": ("this is no set of answers",)}
        old = new = self._understood(self._old, subject.answers, self._of_one[1])
        if not self._same_facts:
            new = self._understood(self._new, subject.answers, self._of_one[0])
        if old.faults or new.faults:
            row = (
                "not_taken"
                if old.faults and new.faults
                else f"not_taken_by_{'new' if new.faults else 'old'}"
            )
            return {row: new.faults or old.faults}
        return self._decided(old, new)

    def _understood(
        self, catalog: Catalog, answers: Mapping[str, Any], drop: AbstractSet[str]
    ) -> "_Person":
        kept = (
            {name: value for name, value in answers.items() if name not in drop}
            if drop
            else answers
        )
        try:
            return _Person(catalog, Answers.of(catalog.questionnaire, kept), ())
        except BadAnswersError as error:
            nobody = Answers.typed(catalog.questionnaire, {})
            return _Person(catalog, nobody, tuple(one.message for one in error.problems))

    def _decided(self, old: "_Person", new: "_Person") -> Told:
        before = old.inference()
        new = replace(new, catalog=self._new)
        same = before is not None and self._no_rule_differs(old, before)
        if same and before is not None and self._same_items:
            return self._softer(new, before)
        after = before if same else new.inference()
        told: Told = {
            str(kind): lines
            for kind, lines in differences(old.outcome(before), new.outcome(after)).items()
        }
        if told or before is None or after is None:
            return told or {"same": ()}
        if before.fired != after.fired:
            return {"reasons": tuple(sorted({*before.fired} ^ {*after.fired}))}
        return self._softer(new, after)

    def _no_rule_differs(self, person: "_Person", before: Inference) -> bool:
        """Return whether no rule that changed has a say for this person: then all others come out
        as before.

        What is true of fewer findings of a stage stays true of more, so it is enough to ask at the
        end.
        """
        if not self._same_facts or not self._gone.keys().isdisjoint(before.fired):
            return False
        settled = person.answers.facts.having(dict(before.findings))
        return not any(rule.when.truth(settled) for rule in self._come.values())

    def _softer(self, person: "_Person", inference: Inference) -> Told:
        """Return that only the words differ that this person reads, or that nothing does."""
        if not self._reworded:
            return {"same": ()}
        read = {("rule", one) for one in inference.fired} | {
            ("question", one) for one in person.answers
        }
        if any(kind == "item" for kind, _ in self._reworded):
            outcome = person.outcome(inference)
            read |= {("item", one) for one in (*outcome.items, *outcome.referrals)}
        reread = sorted(
            one
            for one in self._reworded
            if one in read or one[0] not in {"rule", "question", "item"}
        )
        return (
            {"wording": tuple(f"{kind} {name}" for kind, name in reread)}
            if reread
            else {"same": ()}
        )


def _unlike(one: Catalog, other: Catalog) -> dict[str, Rule]:
    """Return the rules in force that the other rule set has not, or not with the same stage,
    condition and effects.
    """
    mine, others = (
        {rule.id: (stage, rule) for stage in STAGES for rule in side.by_stage[stage]}
        for side in (one, other)
    )
    return {
        name: rule
        for name, (stage, rule) in mine.items()
        if name not in others
        or (stage, rule.when, rule.then)
        != (others[name][0], others[name][1].when, others[name][1].then)
    }


def _facts_of(catalog: Catalog) -> Any:
    """Return what makes facts of answers, besides the questions themselves."""
    questions = catalog.questionnaire
    return questions.shown_when, [
        (one.id, one.sum, one.mean, one.count) for one in questions.scores
    ]


@dataclass(frozen=True)
class _Person:
    """Somebody's answers as one rule set understands them."""

    catalog: Catalog
    answers: Answers
    faults: tuple[str, ...]

    def inference(self) -> Inference | None:
        """Return which rules fire; None where they contradict each other."""
        try:
            return reference.infer(self.catalog, self.answers.facts)
        except ConflictError:
            return None

    def outcome(self, inference: Inference | None) -> Outcome:
        """Return what comes out."""
        if inference is None:
            return FAILED
        return of_plan(combine(self.catalog, self.answers, inference))


@dataclass
class Tally:
    """People counted: by row, by row and line, and the place of the first of each row, from 0."""

    people: int = 0
    rows: Counter[Row] = field(default_factory=Counter)
    lines: Counter[tuple[Row, str]] = field(default_factory=Counter)
    first: dict[Row, int] = field(default_factory=dict)

    def add(self, told: Told, place: int) -> None:
        """Count one person."""
        self.people += 1
        for row, lines in told.items():
            self.rows[row] += 1
            self.lines.update((row, line) for line in lines)
            self.first.setdefault(row, place)

    def join(self, later: "Tally") -> None:
        """Count everybody of a tally whose people stand behind these."""
        self.people += later.people
        self.rows += later.rows
        self.lines += later.lines
        self.first = {**later.first, **self.first}

    def top(self, row: Row) -> list[tuple[str, int]]:
        """Return the lines of a row with how many people each touches, the most first."""
        mine = [(line, count) for (where, line), count in self.lines.items() if where == row]
        return sorted(mine, key=lambda one: (-one[1], one[0]))


@dataclass(frozen=True)
class Crowd:
    """Everybody to count: those at hand, then `drawn` more from a population."""

    subjects: Sequence[Subject]
    population: Drawing | None = None
    drawn: int = 0

    def __len__(self) -> int:
        return len(self.subjects) + self.drawn

    def __getitem__(self, place: int) -> Subject:
        more = place - len(self.subjects)
        if more < 0 or self.population is None:
            return self.subjects[place]
        return Subject(f"synthetic {self.population.seed}/{more}", self.population.person(more))


def impact(comparison: Comparison, crowd: Crowd, progress: Callable[[int, int], None]) -> Tally:
    """Decide for everybody by both rule sets; `progress` hears how many people are done."""
    found = Tally()
    for tally in _tallies(comparison, crowd):
        found.join(tally)
        progress(found.people, len(crowd))
    return found


def _tallies(comparison: Comparison, crowd: Crowd) -> Iterator[Tally]:
    """Yield the tallies of chunks of people, in order, from several processes where there are many."""
    chunks = [
        range(start, min(start + _CHUNK, len(crowd))) for start in range(0, len(crowd), _CHUNK)
    ]
    processes = min(os.cpu_count() or 1, _PROCESSES)
    if len(crowd) <= _FEW or processes == 1:
        yield from (_tally(comparison, crowd, chunk) for chunk in chunks)
        return
    with Pool(processes, _begin, (comparison, crowd)) as pool:
        yield from pool.imap(_work, chunks)


def _tally(comparison: Comparison, crowd: Crowd, places: range) -> Tally:
    found = Tally()
    for place in places:
        found.add(comparison.differences(crowd[place]), place)
    return found


_mine: dict[str, Any] = {}  # what a worker process was begun with


def _begin(comparison: Comparison, crowd: Crowd) -> None:
    _mine.update(comparison=comparison, crowd=crowd)


def _work(places: range) -> Tally:
    return _tally(_mine["comparison"], _mine["crowd"], places)
