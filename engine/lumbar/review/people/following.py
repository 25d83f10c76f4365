"""Made-up people who come again: as they answer some days after their first time."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lumbar.form.crowd import Crowd
from lumbar.form.table import Column, of_table, unpacked
from lumbar.review.people.drawing import Crowded, Drawing
from lumbar.review.people.practice import FollowUp, Practice
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.questionnaire import Number

OUTLOOK = "outlook"  # the hidden fact that says how it goes


class Following(Drawing):
    """The people of a practice at a time that it follows them to, `days` after the first."""

    def __init__(
        self, catalog: Catalog, practice: Practice, seed: int | str, days: int, cause: str | None
    ) -> None:
        super().__init__(catalog, practice, seed, cause=cause)
        self._days = days

    def drawn(self, places: range) -> Crowded:
        """Return the people at some places, at that time."""
        first = people = super().drawn(places)
        for visit in self._practice.following:
            if visit.days <= self._days:
                people = self._later(first, people, visit)
        return people

    def _later(self, first: Crowded, before: Crowded, visit: FollowUp) -> Crowded:
        people = Crowded(before.places, {**before.table}, before.hidden)
        for name, marginal in visit.answers.items():
            ways, answered = self._of(marginal, self._labels(name)), before.table[name].answered
            what, crowd = f"{name} after {visit.days} days", self._crowd(people)
            values = self._draw(what, ways, people, crowd, answered)
            people.table[name] = Column.of(self._question(name), values, answered)
        people.table.update(self._told(first, before, visit.days))
        self._asked_anew(people, visit.days)
        return people

    def _told(self, first: Crowded, before: Crowded, days: int) -> Mapping[str, Column]:
        """Return what is known of the visits before."""
        everybody = np.ones(len(first), bool)
        found = {}
        for name, known in self._catalog.questionnaire.known.items():
            source = first if known.visit == "first" else before
            at = Column(np.full(len(first), days), everybody)
            found[name] = source.table[known.answer] if known.answer else at
        return found

    def _asked_anew(self, people: Crowded, days: int) -> None:
        """Draw what is asked of who comes again, and whatever applies only now."""
        only_again = set(self._catalog.questionnaire.known)
        crowd = self._crowd(people)
        for name, conditions in self._catalog.questionnaire.shown_when.items():
            if name in self._catalog.questionnaire.known:
                continue
            if any(read in only_again for one in conditions for read in one.reads):
                only_again.add(name)
            old, applies = (
                people.table[name],
                unpacked(crowd[self._asked.applies[name]], len(people)),
            )
            fresh = applies if name in only_again else applies & ~old.answered
            drawn = self._draw(
                f"{name} after {days} days", self._ways[name][1], people, crowd, fresh
            )
            values = np.where(fresh, drawn, old.values)
            people.table[name] = Column.of(self._question(name), values, applies)

    def _crowd(self, people: Crowded) -> Crowd:
        others = self._of_hidden(people)
        return of_table(self._asked.space, people.table, len(people), others=others)

    def _question(self, name: str) -> Any:
        return self._catalog.questionnaire.questions[name]

    def _labels(self, name: str) -> tuple[str, ...]:
        question = self._question(name)
        return () if isinstance(question, Number) else tuple(question.labels)
