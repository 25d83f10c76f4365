"""Two opened rule sets compared from end to end: by their files and for everybody, or counted."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from lumbar.intake.answers_file import dump
from lumbar.reading.writing import write_whole
from lumbar.review.compare.edits import Edit, edits
from lumbar.review.compare.impact import WAYS, Comparison, impact
from lumbar.review.compare.kinds import TITLES, Case, Consequences
from lumbar.review.compare.people import People
from lumbar.review.compare.revisions import Side
from lumbar.review.people.files import Person
from lumbar.review.proof.verdict import UndecidedError
from lumbar.rulebook.questionnaire import ANSWERED_ON, Questionnaire
from lumbar.terminal.output import install

Sides = tuple[Side, Side]
Progress = Callable[[int, int], None]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)

    old: str
    new: str


class Compared(_Told):
    """What is not the same and for whom.

    `people` is None where that could not be worked out, and `missing` says why.
    """

    changes: tuple[Edit, ...]
    people: Consequences | None
    missing: str


class Line(BaseModel):
    """What differs, and for how many people."""

    what: str
    people: int


class Count(BaseModel):
    """One way in which people are touched, with an example; `file` holds their saved answers."""

    row: str
    title: str
    people: int
    example: str | None
    answers: Any
    file: Path | None
    lines: tuple[Line, ...]


class Impact(_Told):
    """How many people are touched, by the way in which they are; one can count in several."""

    people: int
    rows: tuple[Count, ...]


def compare(sides: Sides, save: Path | None, progress: Progress) -> Compared:
    """Compare by files, then for everybody; people who show a difference are kept in `save`.

    Raises OSError where they cannot be.
    """
    old, new = sides
    people, missing = _consequences(sides, progress)
    if people and save:
        cases = [_saved(sides, people, case, save) for case in people.cases]
        people = people.model_copy(update={"cases": tuple(cases)})
    changes = edits(old, new)
    return Compared(old=old.name, new=new.name, changes=changes, people=people, missing=missing)


def _consequences(sides: Sides, progress: Progress) -> tuple[Consequences | None, str]:
    try:
        from lumbar.review.compare.consequences import consequences

        return consequences(sides[0].catalog, sides[1].catalog, progress), ""
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        return None, f"for whom it differs is not known: that needs Z3; {install('z3')}"
    except UndecidedError:
        return None, "for whom it differs is not known: Z3 gave up; `lumbar impact` counts"
    except ValueError as error:
        return None, f"for whom it differs cannot be worked out: {error}"


def _saved(sides: Sides, people: Consequences, case: Case, folder: Path) -> Case:
    name = f"{case.kind}-{people.of(case.kind).index(case) + 1}"
    note = _note(TITLES[case.kind], sides, ", ".join(case.shows))
    file = _keep(folder, name, note, case.answers, sides)
    return case.model_copy(update={"file": file})


def count(sides: Sides, people: People, save: Path | None, progress: Progress) -> Impact:
    """Decide for everybody by both rule sets and count; the first of each row is kept in `save`.

    Raises OSError where they cannot be.
    """
    old, new = sides
    tally = impact(Comparison(old.catalog, new.catalog, edits(old, new)), people, progress)

    def row(way: str) -> Count:
        first = people[tally.first[way]] if way in tally.first else None
        told = first if way != "same" else None
        return Count(
            row=way,
            title=WAYS[way],
            people=tally.ways[way],
            example=first and first.name,
            answers=told and told.answers,
            file=_first(sides, way, told, save) if told and save else None,
            lines=tuple(Line(what=line, people=many) for line, many in tally.top(way)),
        )

    rows = tuple(map(row, WAYS))
    return Impact(old=old.name, new=new.name, people=tally.people, rows=rows)


def _first(sides: Sides, way: str, person: Person, folder: Path) -> Path:
    if way.startswith("not_taken"):
        text = json.dumps(person.answers, indent=2, ensure_ascii=False, default=str)
        return _write(folder, f"{way}.json", f"{text}\n")
    return _keep(folder, way, _note(WAYS[way], sides, person.name), person.answers, sides)


def _note(title: str, sides: Sides, what: str) -> str:
    return f"{title}, {sides[0].name} to {sides[1].name}: {what}"


def _keep(folder: Path, name: str, note: str, answers: Mapping[str, Any], sides: Sides) -> Path:
    """Write answers for `lumbar plan`, without what NEW does not ask.

    Where OLD asks something else, the answers to it are kept too, in `NAME.old.yaml`.
    """
    old, new = (_text(note, answers, side.catalog.questionnaire) for side in sides)
    if old != new:
        _write(folder, f"{name}.old.yaml", old)
    return _write(folder, f"{name}.yaml", new)


def _text(note: str, answers: Mapping[str, Any], side: Questionnaire) -> str:
    asked = {one: value for one, value in answers.items() if one in side.questions}
    return f"# {note}\n{dump(asked, answers.get(ANSWERED_ON))}"


def _write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name.replace("_", "-")
    write_whole(path, text)
    return path
