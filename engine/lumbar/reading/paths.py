"""Where rules and content lie, in a checkout and in a wheel."""

from collections.abc import Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_DATA = _PACKAGE / "_data"
_ROOT = _DATA if _DATA.is_dir() else _PACKAGE.parents[1]


def installed() -> bool:
    """Return whether the rules came with an installed program rather than lie in a checkout."""
    return _ROOT == _DATA


def sources(*rooms: str) -> Iterator[Path]:
    """Yield the source files of some rooms of the program, always in the same order."""
    for room in rooms:
        yield from sorted(p for p in (_PACKAGE / room).iterdir() if p.suffix in {".py", ".lark"})


def compiled_beside() -> Path | None:
    """Return where the compiled catalog came with an installed program; None in a checkout."""
    return _DATA / "catalog" if installed() else None


def data_root() -> Path:
    """Return the folder that holds the shipped `rules/` and `content/` folders."""
    return _ROOT
