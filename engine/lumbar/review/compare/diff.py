"""What changed between two rule sets, field by field, by what it touches: logic, wording, evidence,
or nothing at all.

*Logic* decides, *wording* is what a person reads, *evidence* is what stands behind it for a
clinician. *Cosmetic* are
files whose bytes differ although nothing that is read from them does: spaces, comments, the order
of keys or rules.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lumbar.review.compare.fields import LAYERS, Entry, Layer, Lines, entries
from lumbar.review.compare.revisions import PARTS, Side

_TELLING = ("title", "name", "because")  # what a whole entry is told by, besides what decides


@dataclass(frozen=True)
class Change:
    """One field that differs, old and new, a line each; an entry that is wholly new or gone has no
    `field`.

    `kind` and `name` say of what: a rule, threshold, score, topic, question, section, item, source,
    words or file.
    """

    layer: Layer
    kind: str
    name: str
    field: str
    old: Lines
    new: Lines
    file: str


def changes(old: Side, new: Side) -> tuple[Change, ...]:
    """Return every change between two rule sets, logic first, each layer in the order of kinds and
    names.
    """
    before, after = entries(old.root, old.catalog), entries(new.root, new.catalog)
    found = [
        change
        for key in {**before, **after}
        for change in _between(before.get(key), after.get(key))
    ]
    found += _untouched(old, new, {change.file for change in found})
    return tuple(sorted(found, key=lambda one: LAYERS.index(one.layer)))


def touches_room(changes: Iterable[Change]) -> bool:
    """Return whether a change can change what a plan has room for, with every decision the same."""
    limits = {("item", "doses"), ("question", "low")}
    return any(
        one.layer == "logic"
        and (one.kind in {"plan", "section"} or (one.kind, one.field) in limits)
        for one in changes
    )


def _between(old: Entry | None, new: Entry | None) -> Iterator[Change]:
    entry = new or old
    assert entry is not None, "an entry is in one of both"
    if old is None or new is None:
        told = {
            name: one
            for name, (layer, one) in entry.fields.items()
            if layer == entry.layer or name in _TELLING
        }
        said = tuple(f"{name}: {line}" for name, lines in told.items() for line in lines)
        gone, come = ((), said) if old is None else (said, ())
        yield Change(entry.layer, entry.kind, entry.name, "", gone, come, entry.file)
        return
    for field in {**old.fields, **new.fields}:
        layer, was = old.fields.get(field, ("logic", ()))
        layer, now = new.fields.get(field, (layer, ()))
        if was != now:
            yield Change(layer, entry.kind, entry.name, field, was, now, entry.file)


def _untouched(old: Side, new: Side, told: set[str]) -> Iterator[Change]:
    """Yield the files whose bytes differ although none of the changes is in them."""
    before, after = _files(old.root), _files(new.root)
    for name in sorted(before.keys() & after.keys() - told):
        if before[name] != after[name]:
            yield Change("cosmetic", "file", name, "spaces, comments or order", (), (), name)


def _files(root: Path) -> dict[str, bytes]:
    every = [path for part in PARTS for path in (root / part).rglob("*.yaml")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in every}
