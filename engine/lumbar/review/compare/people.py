"""Whom a change of the rules is tried on: personas, people in files, and made-up people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbar.intake.answers import faults
from lumbar.reading.paths import data_root
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.review.compare.revisions import Side
from lumbar.review.people import practice
from lumbar.review.people.files import Person, in_file, is_table
from lumbar.review.people.personas import load_personas
from lumbar.rulebook.questionnaire import Questionnaire

if TYPE_CHECKING:
    from lumbar.review.people.crowds import Crowds
    from lumbar.review.people.drawing import Drawing

PERSONAS = Path("tests") / "personas"


@dataclass(frozen=True)
class People:
    """Everybody to decide for: those at hand, then each of the `crowds`."""

    at_hand: Sequence[Person]
    crowds: "Sequence[Crowds]" = ()

    def __len__(self) -> int:
        return len(self.at_hand) + sum(map(len, self.crowds))

    def __getitem__(self, place: int) -> Person:
        if place < len(self.at_hand):
            return self.at_hand[place]
        start, crowd = next(one for one in self.starts() if place < one[0] + len(one[1]))
        at = place - start
        return Person(crowd.name(at), crowd.drawn(range(at, at + 1)).raw(0))

    def starts(self) -> "Iterator[tuple[int, Crowds]]":
        """Yield each crowd with the place of its first person."""
        start = len(self.at_hand)
        for crowd in self.crowds:
            yield start, crowd
            start += len(crowd)


def gathered(
    sides: tuple[Side, Side], files: Sequence[Path], folder: Path | None, drawn: int, seed: int
) -> People:
    """Return the people named; where nobody is, the personas beside the rules.

    Raises BadAnswersError and BadCatalogError where their files cannot be read.
    """
    if folder is None and not files and not drawn:
        old, new = sides
        roots = (new.root, old.root, Path.cwd(), data_root())
        folder = next((root / PERSONAS for root in roots if (root / PERSONAS).is_dir()), None)
    asked = [side.catalog.questionnaire for side in sides]
    found = list(personas(asked[0], asked[1], folder)) if folder else []
    crowds: list[Crowds] = []
    for file in files:
        if is_table(file):
            from lumbar.review.people.tables import TableFile

            crowds.append(TableFile(file, asked))
        else:
            found += in_file(file)
    if drawn:
        from lumbar.review.people.crowds import Drawn

        crowds.append(Drawn(drawing(*sides, seed), drawn))
    return People(found, crowds)


def personas(old: Questionnaire, new: Questionnaire, folder: Path) -> Iterator[Person]:
    """Yield the personas of a folder, laid over the example person of the new rules.

    Raises BadCatalogError with every problem of their files.
    """
    for name, persona in load_personas(folder).items():
        yield Person(f"persona {name}", _laid_over(old, new, persona.answers))


def _laid_over(old: Questionnaire, new: Questionnaire, over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay answers over both example people; what is no answer is kept, to be counted as that."""
    given = {name: value for name, value in over.items() if value is not None}
    for side in (old, new):
        if faults(side, {name: one for name, one in given.items() if name in side.questions}):
            return given
    typed = {**old.example(over), **new.example(over)}
    known = {
        name: sorted(one) if isinstance(one, frozenset) else one for name, one in typed.items()
    }
    asked = old.questions.keys() | new.questions.keys()
    return known | {name: value for name, value in given.items() if name not in asked}


def drawing(old: Side, new: Side, seed: int) -> "Drawing":
    """Return whom to draw: the people of the new rules, of the old, or those of the program.

    Raises BadCatalogError where they do not fit the rules whose people they are.
    """
    from lumbar.review.people.drawing import Drawing

    for catalog, root in (
        (new.catalog, new.root),
        (old.catalog, old.root),
        (new.catalog, data_root()),
    ):
        said = practice.read(catalog, root)
        if said is not None:
            return Drawing(catalog, said, seed)
    nobody = "there is no practice to draw people from"
    raise BadCatalogError([Problem(practice.FILE, 0, 0, "no-file", nobody)])
