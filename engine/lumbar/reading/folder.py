"""Puts what a command writes into a folder, whole or not at all, and never over others' files."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Written(NamedTuple):
    """What a command writes: `name` is what a person calls it, `mark` the file that lists it."""

    name: str
    mark: str
    command: str


BOOK = Written("a rule book", ".lumbar-book", "lumbar book")
PICTURES = Written("the pictures", ".lumbar-pictures", "lumbar pictures")


class OthersFilesError(Exception):
    """The folder holds what the command did not write."""


def bind(files: Iterable[tuple[str, str]], folder: Path, what: Written) -> int:
    """Write files by their paths in a folder and return how many; those of before are replaced.

    Raises OthersFilesError where the folder holds anything else, and OSError; then everything is as
    it was before.
    """
    refuse_others(folder, what)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    desk = Path(tempfile.mkdtemp(dir=folder, prefix=what.mark))
    try:
        count = _write(files, desk / "new", what)
        _swap(folder, desk)
    finally:
        shutil.rmtree(desk, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()
    return count


def refuse_others(folder: Path, what: Written) -> None:
    """Raise OthersFilesError where a folder holds anything but what this command wrote."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OthersFilesError(f"'{folder}' is no folder")
    mark = folder / what.mark
    known = set(mark.read_text(encoding="utf-8").splitlines()[1:]) if mark.is_file() else set()
    known |= {parent.as_posix() for name in known for parent in Path(name).parents}
    others = sorted(
        {path.relative_to(folder).as_posix() for path in folder.rglob("*")} - known - {what.mark}
    )
    if others:
        said = f"holds what is no part of {what.name}, such as '{others[0]}'"
        raise OthersFilesError(f"'{folder}' {said}; name an empty or new folder")


def _write(files: Iterable[tuple[str, str]], new: Path, what: Written) -> int:
    new.mkdir()
    about = (
        f"The files of {what.name} that `{what.command}` wrote, and replaces when it is run again."
    )
    names = []
    for name, text in files:
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        names.append(name)
    (new / what.mark).write_text("\n".join([about, *sorted(names), ""]), encoding="utf-8")
    return len(names)


def _swap(folder: Path, desk: Path) -> None:
    """Move the old book away and the new one in; where that breaks, move all back."""
    old, new = desk / "old", desk / "new"
    old.mkdir()
    moved: list[tuple[Path, Path]] = []
    try:
        for source, target in ((folder, old), (new, folder)):
            for path in sorted(source.iterdir()):
                if path.name != desk.name:  # by name: its path is told in full on some systems
                    path.rename(target / path.name)
                    moved.append((path, target / path.name))
    except BaseException:
        for before, after in reversed(moved):
            after.rename(before)
        raise
