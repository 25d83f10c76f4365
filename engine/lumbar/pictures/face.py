"""The one close look: the groove above the upper lip, with a fingertip on it."""

from collections.abc import Iterator

from lumbar.pictures.outline import Circle, Shape, arrow, hulls, lines

_FAR = 52.0  # how far from the head the close look is drawn


def lip(x: float, y: float) -> Iterator[Shape]:
    """Yield the lower part of a face in a ring, led to from a head at x, y."""
    cx, cy = x + _FAR, y - 6
    yield lines("thing", [[(x + 13, y + 1), (cx - 27, cy)]])
    yield hulls("ring", [[Circle(cx, cy, 27)]], 1)
    nose = [(-4, -24), (-5.5, -12), (-8, -6), (-5, -3.2), (-2, -4.6), (0, -3.4), (2, -4.6), (5, -3.2)]
    nose += [(8, -6), (5.5, -12), (4, -24)]
    mouth = [(-12, 12), (-6, 8.4), (-2.4, 7), (0, 8.2), (2.4, 7), (6, 8.4), (12, 12)]
    lower = [(-12, 12), (-5, 16), (0, 16.8), (5, 16), (12, 12), (0, 11.6), (-12, 12)]
    groove = [[(-1.8, -2), (-2.2, 5.4)], [(1.8, -2), (2.2, 5.4)]]
    runs = [nose, mouth, lower]
    yield lines("face", [[(cx + a, cy + b) for a, b in run] for run in runs], 2)
    yield lines("mark", [[(cx + a, cy + b) for a, b in run] for run in groove])
    yield hulls("hand", [[Circle(cx + 0.6, cy + 0.2, 2.6), Circle(cx + 17.5, cy + 13.5, 3.6)]], 1)
    yield arrow((cx - 1, cy - 6.5), (cx - 3, cy + 6), 0.75)
