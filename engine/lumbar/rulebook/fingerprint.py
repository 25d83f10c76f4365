"""What of a folder's `rules/` and `content/` takes part in decisions, and a hash of all of it."""

import os
from collections.abc import Iterator
from pathlib import Path

from lumbar.reading.opening import read_text
from lumbar.reading.problems import Problem

try:
    from _blake2 import blake2b  # what hashlib has, without four megabytes of OpenSSL beside it
except ImportError:
    from hashlib import blake2b

HASH_SIZE = 32  # bytes
LARGEST_FILE = 1_000_000  # bytes
LARGEST_SIGNOFFS = 10_000_000  # bytes; all rules signed once are about 600,000
PARTS = ("content", "rules")

# What reviews the rules takes no part in a decision: it is read by the review, and the hash does
# not cover it.
SIGNOFFS = "rules/signoffs.yaml"
REVIEW_FILES = frozenset(
    {"rules/safety.yaml", "rules/hazards.yaml", "rules/practice.yaml", "rules/audit.yaml", SIGNOFFS}
)


def hasher(begin: bytes = b"") -> "blake2b":
    """Return a hash that begins with these bytes."""
    return blake2b(begin, digest_size=HASH_SIZE)


def signoffs_text(root: Path) -> tuple[str, tuple[Problem, ...]]:
    """Return the record of signatures under `root`, and why it cannot be read; empty if none is."""
    if not os.path.lexists(root / SIGNOFFS):
        return "", ()
    text, problems = read_text(root / SIGNOFFS, SIGNOFFS, LARGEST_SIGNOFFS)
    return text, tuple(problems)


def fingerprint(root: Path) -> str:
    """Return a hash of every file that loading `root` looks at; raise OSError where one is odd."""
    digest = hasher()
    for part in PARTS:
        for name, path in sorted(_files(str(root / part), part)):
            if name not in REVIEW_FILES:
                with open(path, "rb", buffering=0) as stream:  # noqa: PTH123 - a third of the time
                    raw = stream.read(LARGEST_FILE + 1)
                digest.update(f"{name}\n{len(raw)}\n".encode() + raw)
    return digest.hexdigest()


def _files(folder: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the path of all that lies in a folder, at any depth."""
    with os.scandir(folder) as found:
        for one in found:
            if one.is_dir(follow_symlinks=False):
                yield from _files(one.path, f"{name}/{one.name}")
            elif one.is_file(follow_symlinks=False):
                yield f"{name}/{one.name}", one.path
            else:
                raise OSError(0, "neither a file nor a folder")
