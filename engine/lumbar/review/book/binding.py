"""Puts a book into a folder, whole or not at all, and never over anybody else's files."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

MARK = ".lumbar-book"
_WORDS = "The files of a rule book that `lumbar book` wrote. It replaces them when it is run again."


class NotABookError(Exception):
    """The folder holds what `lumbar book` did not write."""


def bind(files: Iterable[tuple[str, str]], folder: Path) -> int:
    """Write files by their paths in a folder and return how many; an older book there is replaced.

    Raises NotABookError where the folder holds anything else, and OSError; then everything is as it
    was before.
    """
    refuse_others(folder)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    desk = Path(tempfile.mkdtemp(dir=folder, prefix=MARK))
    try:
        count = _write(files, desk / "new")
        _swap(folder, desk)
    finally:
        shutil.rmtree(desk, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()
    return count


def refuse_others(folder: Path) -> None:
    """Raise NotABookError where a folder holds anything but a book that this program wrote."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise NotABookError(f"'{folder}' is no folder")
    mark = folder / MARK
    known = set(mark.read_text(encoding="utf-8").splitlines()[1:]) if mark.is_file() else set()
    known |= {parent.as_posix() for name in known for parent in Path(name).parents}
    others = sorted(
        {path.relative_to(folder).as_posix() for path in folder.rglob("*")} - known - {MARK}
    )
    if others:
        what = f"holds what is no part of a rule book, such as '{others[0]}'"
        raise NotABookError(f"'{folder}' {what}; name an empty or new folder")


def _write(files: Iterable[tuple[str, str]], new: Path) -> int:
    new.mkdir()
    names = []
    for name, text in files:
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        names.append(name)
    (new / MARK).write_text("\n".join([_WORDS, *sorted(names), ""]), encoding="utf-8")
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
