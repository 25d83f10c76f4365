"""What was read by whoever signed, in short, and what they would read now that they did not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lumbar.reading.flow import flow
from lumbar.review.words import shortened
from lumbar.rulebook.catalog import Catalog
from lumbar.signatures.reviewed import hash_of, reviewed
from lumbar.signatures.signoffs import Standing

_BY_FIELD = frozenset(
    {"thresholds", "limits", "kept_out"}
)  # parts whose values are told one by one
_SHORT = 60  # characters of a value that is told as it is; of the parts of a rule itself 200
_NOTHING = "(nothing)"


@dataclass(frozen=True)
class Difference:
    """A part of what was read that is not the same now: then and now, in short."""

    where: str
    before: str
    after: str

    @property
    def in_words(self) -> tuple[str, str]:
        """What it was and what it is, less most of the words that both have in common."""
        return shortened(self.before, self.after)


def told(content: dict[str, Any]) -> str:
    """Return what is read, a line a part: `thresholds > older_age > value: 65`.

    The words of a rule itself are whole. Of anything else that is long there is the beginning of
    its sha256, as `#1a2b3c4d`: enough to tell which part has changed since.
    """
    return "".join(f"{part}: {text}\n" for part, text in _parts(content) if text)


def _parts(value: Any, *path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and (len(path) < 2 or (len(path) < 3 and path[0] in _BY_FIELD)):
        for key, one in value.items():
            yield from _parts(one, *path, key)
        return
    text = _said(value)
    own = len(path) == 1
    whole = len(text) <= (200 if own else _SHORT) or (own and isinstance(value, str))
    yield " > ".join(path), text if whole else f"#{hash_of(value)[:8]}"


def _said(value: Any) -> str:
    if isinstance(value, str) and value.isprintable():
        return value
    return flow(value)


def since_signed(catalog: Catalog, one: Standing) -> tuple[Difference, ...]:
    """Return what differs from what was last signed; nothing where that holds, or nobody signed."""
    content = reviewed(catalog, one.rule)
    if one.signature is None or one.signature.hash == hash_of(content):
        return ()
    before, after = _by_part(one.signature.reviewed), _by_part(told(content))
    return tuple(
        Difference(_where(part), before.get(part, _NOTHING), after.get(part, _NOTHING))
        for part in {**after, **before}
        if before.get(part) != after.get(part)
    )


def _by_part(lines: str) -> dict[str, str]:
    split = (line.partition(": ") for line in lines.splitlines())
    return {part: text for part, _, text in split}


def _where(part: str) -> str:
    steps = part.split(" > ")
    return " > ".join(one if "/" in one else one.replace("_", " ") for one in steps)
