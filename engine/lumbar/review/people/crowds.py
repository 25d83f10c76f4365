"""Many people, who are made or read as they are asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lumbar.form.table import Column, columns
from lumbar.intake.answers import faults
from lumbar.reading.problems import BadAnswersError, Problem
from lumbar.review.people.drawing import Crowded, Drawing
from lumbar.review.people.files import Person, in_file, is_table
from lumbar.rulebook.questionnaire import Questionnaire

GROUP = "group"  # the hidden fact whom somebody is counted with, where a file has a column for it
_MOST_GROUPS = 60


class Crowds(Protocol):
    """Many people by their places."""

    def __len__(self) -> int: ...
    def name(self, place: int) -> str:
        """Return by what a person is found again."""

    def drawn(self, places: range) -> Crowded:
        """Return the people at some places."""


@dataclass(frozen=True)
class Drawn:
    """So many made-up people."""

    drawing: Drawing
    many: int

    def __len__(self) -> int:
        return self.many

    def name(self, place: int) -> str:
        """Return by what a person is found again."""
        return f"made-up {self.drawing.seed}/{place}"

    def drawn(self, places: range) -> Crowded:
        """Return the people at some places."""
        return self.drawing.drawn(places)


class Listed:
    """People whose answers are at hand, each a record; `kept` names what is no question of them.

    Raises BadAnswersError where that tells too many groups apart.
    """

    def __init__(self, people: Iterable[Person], asked: Questionnaire, kept: str = "") -> None:
        self.people, self._asked = list(people), asked
        self._kept = kept
        self._groups = grouped(kept, [_text(one, kept) for one in self.people]) if kept else {}

    def __len__(self) -> int:
        return len(self.people)

    def name(self, place: int) -> str:
        """Return by what a person is found again."""
        return self.people[place].name

    def drawn(self, places: range) -> Crowded:
        """Return the people at some places."""
        given = [self._without_kept(self.people[place].answers) for place in places]
        spoiled = {at: one for at, one in enumerate(given) if self._spoiled(one)}
        answers = [{} if at in spoiled else one for at, one in enumerate(given)]
        hidden = {name: column.part(places) for name, column in self._groups.items()}
        return Crowded(places, columns(self._asked, answers), hidden, spoiled)

    def _without_kept(self, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {name: one for name, one in given.items() if name != self._kept}

    def _spoiled(self, given: Any) -> bool:
        return not isinstance(given, Mapping) or bool(faults(self._asked, given))


def grouped(name: str, said: Sequence[str | None]) -> dict[str, Column]:
    """Return as a hidden fact whom each of a crowd is counted with, as a column of that name says.

    Raises BadAnswersError where it tells too many groups apart.
    """
    groups = tuple(sorted({one for one in said if one is not None}))
    if not groups:
        told = f"there is no question '{name}', and nobody has it in the file"
        raise BadAnswersError([Problem(name, 0, 0, "missing-key", told, "")])
    if len(groups) > _MOST_GROUPS:
        told = f"'{name}' has {len(groups):,} different values: {_MOST_GROUPS} groups are most"
        raise BadAnswersError([Problem(name, 0, 0, "too-large", told, "")])
    place = {group: at for at, group in enumerate(groups)}
    values = np.array([-1 if one is None else place[one] for one in said], np.int64)
    return {GROUP: Column(values, values >= 0, groups)}


def _text(person: Person, name: str) -> str | None:
    said = person.answers.get(name) if isinstance(person.answers, Mapping) else None
    return None if said is None else str(said)


def people_in(path: Path, asked: Questionnaire, kept: str = "") -> Crowds:
    """Return the people in a file; `kept` is a column of it that is no question.

    Raises BadAnswersError where it cannot be read.
    """
    if is_table(path):
        from lumbar.review.people.tables import TableFile

        return TableFile(path, [asked], kept)
    return Listed(in_file(path), asked, kept)
