"""The one close look: the groove above the upper lip, with a fingertip on it."""

from collections.abc import Iterator

from lumbar.pictures.outline import Circle, Shape, arrow, hulls, lines

_FAR = 56.0  # how far from the head the close look is drawn


def lip(x: float, y: float) -> Iterator[Shape]:
    """Yield the lower part of a face in a ring, led to from a head at x, y."""
    cx, cy = x + _FAR, y - 6
    yield lines("thing", [[(x + 13, y + 1), (cx - 30, cy)]])
    yield hulls("ring", [[Circle(cx, cy, 30)]], 1)
    half_nose: list[tuple[float, float]] = [
        (0, -9.4),
        (2, -10.6),
        (5, -9.2),
        (8.5, -12),
        (6, -18),
        (4.5, -26),
    ]
    mouth: list[tuple[float, float]] = [
        (-13, 15),
        (-6, 11.4),
        (-2.4, 10),
        (0, 11.2),
        (2.4, 10),
        (6, 11.4),
        (13, 15),
    ]
    lower: list[tuple[float, float]] = [
        (-13, 15),
        (-5, 19),
        (0, 19.8),
        (5, 19),
        (13, 15),
        (0, 14.6),
        (-13, 15),
    ]
    groove = [[(-2.2, -7), (-2.6, 8)], [(2.2, -7), (2.6, 8)]]
    runs = [mouth, lower, half_nose, [(-a, b) for a, b in half_nose]]
    yield lines("face", [[(cx + a, cy + b) for a, b in run] for run in runs], 2)
    yield lines("mark", [[(cx + a, cy + b) for a, b in run] for run in groove])
    yield hulls("hand", [[Circle(cx + 1, cy - 2, 2.8), Circle(cx + 19.5, cy + 12, 4)]], 1)
    yield arrow((cx + 1.5, cy - 7.2), (cx + 0.5, cy + 5), 0.95)
