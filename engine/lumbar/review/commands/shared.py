"""What the commands of the review share: options, and the folders that they look at."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumbar.terminal import output
from lumbar.terminal.output import WRONG_USAGE

if TYPE_CHECKING:
    from lumbar.review.people.personas import Persona


Personas = Annotated[
    Path | None,
    typer.Option(
        "--personas", metavar="DIR", help="The folder of personas; default: tests/personas."
    ),
]


def personas_of(root: Path, folder: Path | None) -> "dict[str, Persona]":
    """Return the personas of a folder, by default those beside the rules, if there are any."""
    from lumbar.review.people.personas import load_personas

    if folder is not None and not folder.is_dir():
        output.stop(f"there is no folder '{folder}'", WRONG_USAGE)
    return load_personas(folder or root / "tests" / "personas")


def root_of(folder: Path | None, adding: bool = False) -> Path:
    """Return the folder that was named, or that of the shipped rules.

    Whoever is `adding` signatures needs one that no update takes away.
    """
    from lumbar.reading.paths import data_root, installed

    if output.folder(folder) is None and adding and installed():
        said = "these rules came with the program: name the folder that they are kept in with --dir"
        output.stop(said, WRONG_USAGE)
    return folder or data_root()


PEOPLE = "N|FILE"  # how people are said: so many made-up ones, or those in a file
_MOST = 10_000_000


def people_of(said: str, least: int = 1) -> int | Path:
    """Return how many people to draw, or the file that they are in; end the command where it is
    neither, or what is needed to read it is missing.
    """
    if re.fullmatch(r"[+-]?[0-9]+", said):
        if len(said) > len(str(_MOST)) or not least <= int(said) <= _MOST:
            told = f"'--people' should be from {least} to {_MOST:,}, or a file"
            output.stop(f"{told}; './{said}' is the file of that name", WRONG_USAGE)
        needs("numpy", "made-up people")
        return int(said)
    from lumbar.review.people.files import is_table

    path = Path(said)
    if is_table(path):
        needs("pyarrow", "Parquet and CSV")
    return path


def needs(package: str, what: str) -> None:
    """End the command where a package of the extra for crowds is missing, and say how to get it."""
    if find_spec(package) is None:
        output.stop(f"{what} need {package}; {output.install(package)}", WRONG_USAGE)
