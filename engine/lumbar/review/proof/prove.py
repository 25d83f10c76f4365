"""Everything that is proved of a rule set, on all processors, and kept until something changes."""

import hashlib
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from pydantic import ValidationError

from lumbar.engines.loading import load
from lumbar.reading.problems import BadCatalogError
from lumbar.reading.writing import write_whole
from lumbar.review.proof.verdict import FilesChangedError, Proof, Proofs, Verdict
from lumbar.review.properties import hazards, safety
from lumbar.review.properties.safety import Property
from lumbar.rulebook.catalog import Catalog

Progress = Callable[[int, int], None]
_TOGETHER = (
    25  # proofs handed to a process: few enough to see progress, enough to be worth the trip
)


def properties_of(root: Path, catalog: Catalog) -> tuple[Property, ...]:
    """Return the safety properties under a folder; raise BadCatalogError with all that is wrong.

    A control that is gone is no reason to prove nothing: whoever deleted a rule must see what it
    kept in check.
    """
    _, properties, problems = hazards.read(root, catalog)
    wrong = [one for one in problems if one.code not in {"unknown-control", "no-control"}]
    if wrong:
        raise BadCatalogError(wrong)
    return properties


def prove(
    root: Path, catalog: Catalog, progress: Progress = lambda _done, _of: None, again: bool = False
) -> Proofs:
    """Prove the safety properties, and what must hold of any rule set, of a catalog and its folder.

    What was proved before of the same files by the same program is read back, unless it is to be
    done `again`. Raises BadCatalogError, UndecidedError where Z3 gives up, WrongProofError where
    the engines do not bear it out, and FilesChangedError where somebody changes the files
    meanwhile.
    """
    properties = properties_of(root, catalog)
    key = _key(root, catalog)
    path = _cache() / f"{key}.json"
    kept = None if again else _read(path)
    if kept:
        return kept
    made = Proofs(
        rule_set=catalog.limits.version,
        sha256=catalog.sha256,
        properties=len(properties),
        verdicts=tuple(_verdicts(root, key, progress)),
    )
    _write(path, made)
    return made


def proofs_of(catalog: Catalog, properties: Sequence[Property]) -> Iterator[Proof]:
    """Yield the proofs about a rule set, that each give a verdict; the safety properties first."""
    from lumbar.review.proof.builtin import BuiltInProofs
    from lumbar.review.proof.claimed import ClaimProofs
    from lumbar.review.proof.kinds import KindProofs
    from lumbar.review.proof.prover import Prover

    about = (claim for prop in properties for claim in safety.claims(catalog, prop))
    said = (part for claim in about for part in (claim.when, claim.must) if part is not None)
    prover = Prover.of(catalog, also=said)
    yield from ClaimProofs(prover).proofs(properties)
    yield from KindProofs(prover).proofs()
    yield from BuiltInProofs(prover).proofs()


def _verdicts(root: Path, key: str, progress: Progress) -> Iterator[Verdict]:
    workers = min(os.cpu_count() or 1, 8)
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        # all read the files at once
        counts = [pool.submit(_count, root, key) for _ in range(workers)]
        count = counts[0].result()
        starts = range(0, count, _TOGETHER)
        for start, some in zip(starts, pool.map(partial(_some, root, key), starts), strict=True):
            yield from some
            progress(min(start + _TOGETHER, count), count)


def _count(root: Path, key: str) -> int:
    return len(_proofs(root, key))


def _some(root: Path, key: str, start: int) -> list[Verdict]:
    return [proof() for proof in _proofs(root, key)[start : start + _TOGETHER]]


@cache
def _proofs(root: Path, key: str) -> list[Proof]:
    """Return the proofs about the files with this key, which a process reads itself, and later."""
    catalog = load(root)
    properties = properties_of(root, catalog)
    if _key(root, catalog) != key:
        raise FilesChangedError(
            "the rules were changed while they were being proved; prove them again"
        )
    return list(proofs_of(catalog, properties))


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lumbar" / "proofs"


def _key(root: Path, catalog: Catalog) -> str:
    """Return the hash of all a proof rests on: rules, properties, the program, Z3 and Python."""
    rests_on = (catalog.sha256, version("z3-solver"), platform.python_version())
    digest = hashlib.sha256(" ".join(rests_on).encode())
    package = Path(__file__).parents[2]
    sources = sorted([*package.rglob("*.py"), *package.rglob("*.lark")])
    for path in (root / safety.FILE, *sources):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _read(path: Path) -> Proofs | None:
    try:
        return Proofs.model_validate_json(path.read_bytes()).model_copy(update={"kept": True})
    except (OSError, ValidationError):
        return None


def _write(path: Path, made: Proofs) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, made.model_dump_json())
    except OSError:
        return  # a proof that cannot be kept is made again next time
