"""Hands as they are seen from behind: flat, a fist, a thumb, fingertips, a pinch, one finger."""

from collections.abc import Iterator, Mapping, Sequence
from math import hypot

from lumbar.pictures.outline import Circle, Shape, hulls, lines
from lumbar.rulebook.figures import HandShape

# Circles as (along the fingers from the wrist, towards the thumb, radius).
_Group = tuple[tuple[float, float, float], ...]
_PALM: _Group = ((1.5, 2, 2.2), (1.5, -2, 2.2), (7.5, 2.7, 2), (7.5, -2.7, 2))
_SHORT: _Group = ((1.5, 2, 2.2), (1.5, -2, 2.2), (6.5, 2.7, 2), (6.5, -2.7, 2))


def _finger(start: float, end: float, side: float, spread: float = 1.0) -> _Group:
    return (start, side, 1.1), (end, side * spread, 1.0)


_SHAPES: Mapping[HandShape, tuple[_Group, ...]] = {
    "flat": (
        _PALM,
        _finger(8, 15.5, 3.6), _finger(8, 17.5, 1.2),
        _finger(8, 16.8, -1.2), _finger(8, 13.8, -3.5),
        ((3, 3.5, 1.4), (8.5, 7.2, 1.2)),
    ),
    "fist": (
        ((1.5, 2, 2.2), (1.5, -2, 2.2), (8.2, 3.2, 2.3), (8.2, -3.2, 2.3)),
        ((3, 3.8, 1.5), (7.2, 6.2, 1.4)),
    ),
    "thumb": (
        _SHORT,
        _finger(6, 9.5, -3.4), _finger(6, 10.5, -1.2),
        ((3.5, 2.8, 1.8), (7, 7, 1.7), (8, 11.5, 1.5)),
    ),
    "fingertips": (
        _SHORT,
        _finger(6, 14, 3.4, 1.9), _finger(6, 16, 1.2, 1.9), _finger(6, 15.5, -1.2, 1.9),
        _finger(6, 13.5, -3.4, 1.7),
    ),
    "pinch": (
        _SHORT,
        ((6, -2.7, 1.8), (11, -4.2, 1.7)), ((11, -4.2, 1.7), (15.5, -2, 1.4)),
        ((4.5, 3, 1.6), (10, 6.2, 1.6)), ((10, 6.2, 1.6), (15, 3.8, 1.4)),
    ),
    "point": (
        ((1.5, 1.6, 2), (1.5, -1.6, 2), (7, 2.2, 2), (7, -2.4, 2)),
        ((7, 2, 1.3), (15.5, 1.2, 1.1)),
    ),
}  # fmt: skip
_SEAMS: Mapping[HandShape, Sequence[tuple[float, float, float]]] = {
    "fist": ((5.5, 9.8, -2), (5.5, 10, 0), (5.5, 9.8, 2))
}


def drawn(
    shape: HandShape,
    wrist: tuple[float, float],
    way: tuple[float, float],
    thumb: tuple[float, float],
) -> Iterator[Shape]:
    """Yield a hand at a wrist, with the fingers pointing one way and the thumb on one side."""
    size = hypot(*way) or 1
    along = (way[0] / size, way[1] / size)
    across = (-along[1], along[0])
    if across[0] * thumb[0] + across[1] * thumb[1] < 0:
        across = (-across[0], -across[1])

    def at(u: float, v: float) -> tuple[float, float]:
        return (wrist[0] + along[0] * u + across[0] * v, wrist[1] + along[1] * u + across[1] * v)

    groups = [[Circle(*at(u, v), radius) for u, v, radius in group] for group in _SHAPES[shape]]
    yield hulls("hand", groups, 1)
    if seams := _SEAMS.get(shape):
        yield lines("seam", [[at(start, v), at(end, v)] for start, end, v in seams])
