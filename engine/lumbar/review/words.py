"""Two versions of a text, told by what differs."""

from collections.abc import Sequence

_BESIDE = 6  # words shown before and after those that differ


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
    return " ".join(
        [*(["..."] if first else []), *words[first:last], *(["..."] if last < len(words) else [])]
    )
