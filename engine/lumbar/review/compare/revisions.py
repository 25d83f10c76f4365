"""Where the rules to compare come from: a folder, or a git revision around the current folder."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from lumbar.engines.loading import load
from lumbar.reading.problems import BadCatalogError
from lumbar.rulebook.catalog import Catalog

PARTS = ("rules", "content")
_HINT = "name a folder that holds rules/ and content/, or a git revision such as HEAD or v1.2"


class NoSuchSideError(Exception):
    """What was named is neither a folder with rules and content nor a revision that holds them."""


@dataclass(frozen=True)
class Side:
    """One of two rule sets: `name` is what was typed, `root` holds its files while it is open."""

    label: str  # OLD or NEW
    name: str
    root: Path
    catalog: Catalog


@contextmanager
def opened(old: str, new: str) -> Iterator[tuple[Side, Side]]:
    """Open both sides; files of a revision are there until the end.

    Raises NoSuchSideError, and BadCatalogError with the side before each file's name.
    """
    with TemporaryDirectory(prefix="lumbar-") as temporary:
        yield _side("OLD", old, Path(temporary)), _side("NEW", new, Path(temporary))


def _side(label: str, name: str, temporary: Path) -> Side:
    root = _root(name, temporary / label)
    try:
        return Side(label, name, root, load(root))
    except BadCatalogError as error:
        raise BadCatalogError(
            replace(one, file=f"{label} ({name}) {one.file}") for one in error.problems
        ) from None


def _root(name: str, temporary: Path) -> Path:
    """Return the folder of that name; if there is none, a revision put into `temporary`."""
    folder = Path(name)
    if not folder.is_dir():
        return _checked_out(name, temporary)
    missing = [part for part in PARTS if not (folder / part).is_dir()]
    if missing:
        said = " and no ".join(missing)
        raise NoSuchSideError(f"the folder '{name}' has no {said} in it; {_HINT}")
    return folder


def _checked_out(name: str, temporary: Path) -> Path:
    here = Path.cwd()
    top = Path(_said(name, here, "rev-parse", "--show-toplevel"))
    prefix = _said(name, here, "rev-parse", "--show-prefix")
    verify = ("rev-parse", "--verify", "--quiet", "--end-of-options")
    for tree in (f"{name}:{prefix}", name):  # the rules of the current folder, else at the top
        try:
            found = _said(name, top, *verify, tree)
            parts = _said(name, top, "ls-tree", "--name-only", found).split("\n")
        except NoSuchSideError:
            continue
        if set(PARTS) <= set(parts):
            archive = _git(name, top, "archive", "--format=zip", found, *PARTS)
            with ZipFile(BytesIO(archive)) as files:
                files.extractall(temporary)
            return temporary
    said = f"no folder '{name}', and no git revision '{name}' with rules/ and content/"
    raise NoSuchSideError(f"{said}; {_HINT}")


def _said(name: str, folder: Path, *words: str) -> str:
    return _git(name, folder, *words).decode().strip()


def _git(name: str, folder: Path, *words: str) -> bytes:
    git = ["git", "-C", str(folder), *words]
    try:
        return subprocess.run(git, capture_output=True, check=True).stdout  # noqa: S603 - a name stands after the options
    except FileNotFoundError:
        why = "and git is not installed to look for a revision"
    except subprocess.CalledProcessError as error:
        first = error.stderr.decode(errors="replace").strip().split("\n")[0]
        told = first.removeprefix("fatal: ").lower()
        why = f"and git knows no such revision here{f': {told}' if told else ''}"
    raise NoSuchSideError(f"there is no folder '{name}', {why}; {_HINT}")
