"""Pictures: boxes in columns and the arrows between them, placed so that few arrows cross."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

LINE, PAD, GAP = 17, 7, 10  # heights in pixels
SWEEPS = 24
HEAD = 44
# How wide letters are, in pixels, in a wide font of the size that the styles set: narrower fonts
# leave room.
_NARROW, _WIDE = frozenset("fijlrtI.,:;'()[]/ -"), frozenset("mwMWQOGD@%&")


class Ref(NamedTuple):
    """What a link means: a kind of thing, such as 'rule' or 'item', and which one."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its title, what it links to, a small note below, and further lines with links of
    their own.

    In a column, boxes of a lower `group` stand above those of a higher one.
    """

    id: str
    title: str
    kind: str
    to: Ref | None = None
    note: str = ""
    lines: tuple[tuple[str, Ref], ...] = ()
    group: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column of boxes under a heading, so many pixels wide."""

    title: str
    width: int
    boxes: tuple[Box, ...]


class Arrow(NamedTuple):
    """From box to box; a `kind` of arrow is drawn in a way of its own."""

    start: str
    end: str
    kind: str = ""


class Text(NamedTuple):
    """A line of words in a box, at a height, with its own link where it has one."""

    y: int
    words: str
    style: str
    to: Ref | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A box in its place; `number` names it in the styles."""

    box: Box
    number: int
    x: int
    y: int
    width: int
    height: int
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """An arrow as a path, with the numbers of its boxes."""

    path: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing ready for a template."""

    title: str
    description: str
    width: int
    height: int
    heads: tuple[tuple[int, str], ...]
    boxes: tuple[Placed, ...]
    curves: tuple[Curve, ...] = field(repr=False)


def draw(
    title: str,
    description: str,
    columns: Sequence[Column],
    arrows: Sequence[Arrow],
    space: int = 110,
) -> Picture:
    """Place the boxes of each column, `space` pixels between columns, and bend the arrows between
    them.

    Arrows to or from a box that is not there are a KeyError. The same input always gives the same
    picture.
    """
    columns = [one for one in columns if one.boxes]
    texts = {box.id: _texts(box, column.width) for column in columns for box in column.boxes}
    heights = {name: lines[-1].y + PAD + 1 for name, lines in texts.items()}
    tallest = max(_height(column.boxes, heights) for column in columns)
    ordered = _ordered(columns, arrows, heights, tallest)
    placed: dict[str, Placed] = {}
    x = 1
    heads = []
    for column, boxes in zip(columns, ordered, strict=True):
        heads.append((x, column.title))
        for box, y in zip(boxes, _tops(boxes, heights, tallest), strict=True):
            placed[box.id] = Placed(
                box, len(placed), x, y, column.width, heights[box.id], texts[box.id]
            )
        x += column.width + space
    curves = tuple(_curves(placed, sorted(set(arrows))))
    return Picture(
        title,
        description,
        x - space + 2,
        tallest + HEAD,
        tuple(heads),
        tuple(placed.values()),
        curves,
    )


def _texts(box: Box, width: int) -> tuple[Text, ...]:
    room = width - 2 * PAD - 6
    said = [(line, "name", box.to) for line in _lines(box.title, room)]
    said += [(line, "note", None) for line in _lines(box.note, room)]
    said += [(line, "line", to) for words, to in box.lines for line in _lines(words, room - 8)]
    return tuple(Text(PAD + LINE * (place + 1) - 4, *one) for place, one in enumerate(said))


def _lines(words: str, room: int) -> Iterator[str]:
    """Yield words in lines that are no wider than the room, but for a single word that is."""
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if line and sum(map(_breadth, longer)) > room:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def _breadth(letter: str) -> float:
    return 5.0 if letter in _NARROW else 11.0 if letter in _WIDE else 8.2


def _height(boxes: Sequence[Box], heights: Mapping[str, int]) -> int:
    return sum(heights[box.id] + GAP for box in boxes)


def _tops(boxes: Sequence[Box], heights: Mapping[str, int], tallest: int) -> list[int]:
    """Return where each box begins: spread over the height, but not so far that a short column
    falls apart.
    """
    spare = tallest - _height(boxes, heights)
    gap = min(spare // max(len(boxes), 1), 30)
    y = HEAD + (spare - gap * len(boxes)) // 2
    tops = []
    for box in boxes:
        tops.append(y)
        y += heights[box.id] + GAP + gap
    return tops


def _ordered(
    columns: Sequence[Column], arrows: Sequence[Arrow], heights: Mapping[str, int], tallest: int
) -> list[list[Box]]:
    """Return each column in an order that keeps boxes near those they are joined to; the best of
    some sweeps.
    """
    joined: dict[str, list[str]] = {box.id: [] for column in columns for box in column.boxes}
    for start, end, _ in sorted(set(arrows)):
        joined[start].append(end)
        joined[end].append(start)
    order = [list(column.boxes) for column in columns]
    best, least = [list(one) for one in order], _length(order, joined, heights, tallest)
    places = [*range(len(order)), *range(len(order) - 2, -1, -1)]
    for _ in range(SWEEPS):
        for place in places:
            middle = _middles(order, heights, tallest)
            order[place].sort(key=partial(_pull, joined, middle))
        if (length := _length(order, joined, heights, tallest)) < least:
            best, least = [list(one) for one in order], length
    return best


def _pull(
    joined: Mapping[str, Sequence[str]], middle: Mapping[str, float], box: Box
) -> tuple[int, float]:
    heights = [middle[one] for one in joined[box.id]] or [middle[box.id]]
    return box.group, sum(heights) / len(heights)


def _middles(
    order: Sequence[Sequence[Box]], heights: Mapping[str, int], tallest: int
) -> dict[str, float]:
    return {
        box.id: top + heights[box.id] / 2
        for boxes in order
        for box, top in zip(boxes, _tops(boxes, heights, tallest), strict=True)
    }


def _length(
    order: Sequence[Sequence[Box]],
    joined: Mapping[str, Sequence[str]],
    heights: Mapping[str, int],
    tallest: int,
) -> float:
    middle = _middles(order, heights, tallest)
    return sum(
        abs(middle[name] - middle[other]) for name, others in joined.items() for other in others
    )


def _curves(placed: Mapping[str, Placed], arrows: Sequence[Arrow]) -> Iterator[Curve]:
    leaving = _ends(placed, [(one.start, one.end, one) for one in arrows])
    coming = _ends(placed, [(one.end, one.start, one) for one in arrows])
    for one in arrows:
        start, end = placed[one.start], placed[one.end]
        x1, y1, x2, y2 = start.x + start.width, leaving[one], end.x - 1, coming[one]
        bend = min(max((x2 - x1) // 2, 30), 130)
        path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
        yield Curve(path, one.kind, start.number, end.number)


def _ends(
    placed: Mapping[str, Placed], joined: Sequence[tuple[str, str, Arrow]]
) -> dict[Arrow, int]:
    """Return how high on its box each arrow ends: spread over the box in the order of the boxes at
    its other end.
    """
    sides: dict[str, list[tuple[int, Arrow]]] = {}
    for name, other, arrow in joined:
        sides.setdefault(name, []).append((placed[other].y + placed[other].height // 2, arrow))
    return {
        arrow: placed[name].y + round(placed[name].height * (place + 1) / (len(side) + 1))
        for name, side in sides.items()
        for place, (_, arrow) in enumerate(sorted(side))
    }


def styles(picture: Picture) -> str:
    """Return styles that bring out the arrows of the box under the pointer or in focus, without a
    script.
    """
    numbers: Any = range(len(picture.boxes))
    return "".join(
        f".picture:has(.b{n}:hover,.b{n}:focus-within) .j{n}{{stroke:#000;stroke-width:2.5;stroke-opacity:1}}"
        for n in numbers
    )
