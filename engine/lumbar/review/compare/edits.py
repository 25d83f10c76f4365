"""What is not the same in two rule sets, field by field, by the layer that it touches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lumbar.review.compare.fields import LAYERS, Entry, Layer, Lines, entries
from lumbar.review.compare.revisions import PARTS, Side

_TELLING = ("title", "name", "because")  # what a whole entry is told by, besides what decides


@dataclass(frozen=True)
class Edit:
    """One field that differs, old and new, a line each; an entry wholly new or gone has no `field`.

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


def edits(old: Side, new: Side) -> tuple[Edit, ...]:
    """Return every edit, logic first, each layer in the order of kinds and names."""
    before, after = entries(old.root, old.catalog), entries(new.root, new.catalog)
    every = {**before, **after}
    found = [edit for key in every for edit in _between(before.get(key), after.get(key))]
    found += _untouched(old, new, {edit.file for edit in found})
    return tuple(sorted(found, key=lambda one: LAYERS.index(one.layer)))


def touches_room(edits: Iterable[Edit]) -> bool:
    """Return whether an edit can change what a plan has room for, with every decision the same."""
    limits = {("item", "doses"), ("question", "low")}
    return any(
        one.layer == "logic"
        and (one.kind in {"plan", "section"} or (one.kind, one.field) in limits)
        for one in edits
    )


def _between(old: Entry | None, new: Entry | None) -> Iterator[Edit]:
    if old is None or new is None:
        entry = new or old
        assert entry is not None, "an entry is in one of both"
        said = tuple(
            f"{name}: {line}"
            for name, (layer, lines) in entry.fields.items()
            if layer == entry.layer or name in _TELLING
            for line in lines
        )
        gone, come = ((), said) if old is None else (said, ())
        yield Edit(entry.layer, entry.kind, entry.name, "", gone, come, entry.file)
        return
    for field in {**old.fields, **new.fields}:
        layer, was = old.fields.get(field, ("logic", ()))
        layer, now = new.fields.get(field, (layer, ()))
        if was != now:
            yield Edit(layer, new.kind, new.name, field, was, now, new.file)


def _untouched(old: Side, new: Side, told: set[str]) -> Iterator[Edit]:
    """Yield the files whose bytes differ although none of the edits is in them."""
    before, after = _files(old.root), _files(new.root)
    for name in sorted(before.keys() & after.keys() - told):
        if before[name] != after[name]:
            yield Edit("cosmetic", "file", name, "spaces, comments or order", (), (), name)


def _files(root: Path) -> dict[str, bytes]:
    every = [path for part in PARTS for path in (root / part).rglob("*.yaml")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in every}
