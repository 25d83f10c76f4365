"""What the review says in several places, and two versions of a text told by what differs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lumbar.reading.flow import flow
from lumbar.terminal.output import as_typed

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Paragraphs = Iterator[tuple[int, "RenderableType"]]  # each with how far it is indented

_BESIDE = 6  # words shown before and after those that differ


def print_paragraphs(paragraphs: Paragraphs, console: "Console") -> None:
    """Print paragraphs that wrap under their own beginning."""
    from rich.padding import Padding
    from rich.text import Text

    for by, one in paragraphs:
        told = Text(as_typed(one)) if isinstance(one, str) else one
        console.print(Padding(told, (0, 0, 0, by), expand=False) if by else told)


def counted(count: int, what: str, several: str = "") -> str:
    """Return a number of things, '1 change' or '2,000 changes'; `several` where no s makes it."""
    return f"{count:,} {what if count == 1 else several or f'{what}s'}"


def in_short(unusual: Mapping[str, Any]) -> str:
    """Return the answers that are not the example person's, on one line."""
    said = (
        f"{name} {'left open' if value is None else flow(value)}" for name, value in unusual.items()
    )
    return "; ".join(said) or "the example person as it is"


def shortened(old: str, new: str) -> tuple[str, str]:
    """Return both texts less all but a few words of what they have in common at their ends."""
    before, after = old.split(), new.split()
    pairs = list(zip(before, after, strict=False))
    start = next((place for place, (one, other) in enumerate(pairs) if one != other), len(pairs))
    most = len(pairs) - start
    end = next((place for place in range(most) if before[-1 - place] != after[-1 - place]), most)
    return _around(before, start, len(before) - end), _around(after, start, len(after) - end)


def _around(words: Sequence[str], start: int, end: int) -> str:
    first, last = max(start - _BESIDE, 0), min(end + _BESIDE, len(words))
    dots = (["..."] if first else []), (["..."] if last < len(words) else [])
    return " ".join([*dots[0], *words[first:last], *dots[1]])
