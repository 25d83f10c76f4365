"""The catalog that decisions are made by: as it was kept, or read from the files and kept."""

from dataclasses import replace
from pathlib import Path

from lumbar.reading.paths import data_root
from lumbar.rulebook import compiled
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.fingerprint import signoffs_text


def load(root: Path | str | None = None) -> Catalog:
    """Load, check and freeze the rules and content under `root` (default: those shipped).

    Raises BadCatalogError with every problem found.
    """
    folder = Path(root) if root is not None else data_root()
    key = compiled.key_of(folder)
    if key and (kept := compiled.find(key)):
        return replace(kept, signoffs=signoffs_text(folder))
    catalog = from_files(folder)
    if key and compiled.key_of(folder) == key:  # nothing was changed while it was read
        compiled.keep(key, catalog)
    return catalog


def from_files(folder: Path) -> Catalog:
    """Load from the files, whatever was kept; raise BadCatalogError."""
    from lumbar.engines.limits import CHECKS
    from lumbar.rulebook import loading

    return loading.load(folder, CHECKS)
