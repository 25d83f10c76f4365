"""Two opened rule sets compared from end to end: by their files and for everybody, or for the
people of a crowd.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from lumbar.review.compare import compared, diff, impact, kept, subjects, tallied
from lumbar.review.compare.outcomes import IN_WORDS, KINDS
from lumbar.review.compare.revisions import Side

if TYPE_CHECKING:  # Z3 belongs to an extra: what changed is told without it too
    from lumbar.review.compare.consequences import Consequences

Sides = tuple[Side, Side]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Compared:
    """What changed and for whom; `people` is None where that could not be worked out, and `missing`
    says why.
    """

    names: tuple[str, str]
    changes: tuple[diff.Change, ...]
    people: "Consequences | None"
    saved: compared.Saved
    missing: str = ""

    @property
    def lowered(self) -> bool:
        """Return whether somebody's urgency is lowered."""
        return self.people is not None and bool(self.people.cases["urgency_lowered"])

    def show(self, console: Console) -> None:
        """Print it."""
        compared.show_changes(self.changes, console)
        if self.people:
            compared.show_people(
                self.people, not diff.touches_room(self.changes), self.saved, console
            )

    def to_json(self) -> str:
        """Return it as JSON."""
        return compared.to_json(self.names, self.changes, self.people, self.missing, self.saved)


def compare(sides: Sides, save: Path | None, progress: Progress) -> Compared:
    """Compare by files, then for everybody; people who show a difference are kept in `save`. Raises
    OSError.
    """
    names, changes = (sides[0].name, sides[1].name), diff.changes(*sides)
    try:
        from lumbar.review.compare.consequences import consequences
        from lumbar.review.proof.prover import UndecidedError
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        missing = "for whom it differs is not known: that needs Z3; install it with `pip install 'lumbar[review]'`"
        return Compared(names, changes, None, {}, missing)
    try:
        people = consequences(sides[0].catalog, sides[1].catalog, progress)
    except UndecidedError:
        return Compared(
            names,
            changes,
            None,
            {},
            "for whom it differs is not known: Z3 gave up; `lumbar impact` counts",
        )
    except ValueError as error:
        return Compared(
            names, changes, None, {}, f"for whom it differs cannot be worked out: {error}"
        )
    return Compared(names, changes, people, _kept(sides, people, save) if save else {})


def _kept(sides: Sides, people: "Consequences", folder: Path) -> compared.Saved:
    asked = [side.catalog.questionnaire for side in sides]
    saved = {}
    for kind in KINDS:
        for place, case in enumerate(people.cases[kind]):
            note = f"{IN_WORDS[kind]}, {sides[0].name} to {sides[1].name}: {', '.join(case.shows)}"
            saved[kind, place] = kept.keep(
                folder, f"{_file_name(kind)}-{place + 1}", note, case.answers, *asked
            )
    return saved


def _file_name(row: str) -> str:
    return row.replace("_", "-")


def crowd(
    sides: Sides, files: Sequence[Path], folder: Path | None, drawn: int, seed: int
) -> impact.Crowd:
    """Return everybody to decide for: the people named; where nobody is, the personas beside the
    rules.

    Raises BadAnswersError and BadCatalogError where their files cannot be read.
    """
    asked = [side.catalog.questionnaire for side in sides]
    if folder is None and not files and not drawn:
        folder = subjects.found_personas(*reversed(sides))
    found = list(subjects.personas(asked[0], asked[1], folder)) if folder else []
    for file in files:
        found += subjects.in_file(file)
    return impact.Crowd(found, subjects.drawing(*sides, seed) if drawn else None, drawn)


@dataclass(frozen=True)
class Counted:
    """How many people differ, and how; `saved` is the file of the first person of each row."""

    names: tuple[str, str]
    tally: impact.Tally
    crowd: impact.Crowd
    saved: Mapping[impact.Row, Path]

    def show(self, console: Console) -> None:
        """Print it."""
        tallied.show(self.tally, self.crowd, self.saved, console)

    def to_json(self) -> str:
        """Return it as JSON."""
        return tallied.to_json(self.names, self.tally, self.crowd, self.saved)


def count(sides: Sides, crowd: impact.Crowd, save: Path | None, progress: Progress) -> Counted:
    """Decide for everybody by both rule sets and count; the first person of each row is kept in
    `save`.

    Raises OSError where it cannot be.
    """
    old, new = sides
    comparison = impact.Comparison(old.catalog, new.catalog, diff.changes(old, new))
    tally = impact.impact(comparison, crowd, progress)
    saved = (
        {row: _first(sides, crowd, tally, row, save) for row in tally.first if row != "same"}
        if save
        else {}
    )
    return Counted((old.name, new.name), tally, crowd, saved)


def _first(
    sides: Sides, crowd: impact.Crowd, tally: impact.Tally, row: impact.Row, folder: Path
) -> Path:
    person = crowd[tally.first[row]]
    if row.startswith("not_taken"):
        return kept.keep_as_given(folder, _file_name(row), person.answers)
    note = f"{impact.TITLES[row]}, {sides[0].name} to {sides[1].name}: {person.name}"
    asked = [side.catalog.questionnaire for side in sides]
    return kept.keep(folder, _file_name(row), note, person.answers, *asked)
