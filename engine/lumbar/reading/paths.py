"""Where rules and content lie, in a checkout and in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_DATA = _PACKAGE / "_data"
_ROOT = _DATA if _DATA.is_dir() else _PACKAGE.parents[1]


def installed() -> bool:
    """Return whether the rules came with an installed program rather than lie in a checkout."""
    return _ROOT == _DATA


def data_root() -> Path:
    """Return the folder that holds the shipped `rules/` and `content/` folders."""
    return _ROOT
