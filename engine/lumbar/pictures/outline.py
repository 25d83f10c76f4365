"""Flat shapes: outlines round circles, lines and arrows, each with the room that it takes."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

_STEPS = 90  # points of a circle while its outline is looked for


class Circle(NamedTuple):
    """A circle on paper; y runs down."""

    x: float
    y: float
    radius: float


class Box(NamedTuple):
    """The room that something takes."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """How high it is."""
        return self.bottom - self.top

    def grown(self, by: float) -> "Box":
        """Return a box larger by so much on every side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


class Step(NamedTuple):
    """A letter of a path with its numbers: the last two are always where it ends."""

    letter: str
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class Shape:
    """A path of one style, and its box."""

    style: str
    steps: tuple[Step, ...]
    box: Box

    def moved(self, x: float, y: float) -> "Shape":
        """Return the shape somewhere else."""
        box = Box(self.box.left + x, self.box.top + y, self.box.right + x, self.box.bottom + y)
        return Shape(self.style, tuple(_moved(one, x, y) for one in self.steps), box)

    def written(self) -> str:
        """Return the path as SVG writes it."""
        return "".join(
            letter + " ".join(number(one) for one in numbers) for letter, numbers in self.steps
        )


def number(value: float) -> str:
    """Return a number as short as a picture needs it."""
    said = f"{value:.1f}"
    return said.removesuffix(".0") if said not in {"-0.0", "0.0"} else "0"


def _moved(step: Step, x: float, y: float) -> Step:
    """Move every point of a step; an arc has its radii and flags before the point."""
    first = 5 if step.letter == "A" else 0
    points = step.numbers[first:]
    there = tuple(one + (y if place % 2 else x) for place, one in enumerate(points))
    return Step(step.letter, step.numbers[:first] + there)


def union(boxes: Iterable[Box]) -> Box:
    """Return the room that all take together."""
    every = list(boxes)
    return Box(
        min(one.left for one in every), min(one.top for one in every),
        max(one.right for one in every), max(one.bottom for one in every),
    )  # fmt: skip


def hulls(style: str, groups: Iterable[Sequence[Circle]], line: float = 0) -> Shape:
    """Return one shape of several outlines, each round a group of circles."""
    all_groups = [list(one) for one in groups]
    steps = tuple(step for group in all_groups for step in _round(group))
    boxes = (
        Box(c.x - c.radius, c.y - c.radius, c.x + c.radius, c.y + c.radius)
        for group in all_groups
        for c in group
    )
    return Shape(style, steps, union(boxes).grown(line))


def _round(circles: Sequence[Circle]) -> list[Step]:
    """Return the outline round circles as straight lines and arcs."""
    points = [
        (c.x + c.radius * math.cos(a), c.y + c.radius * math.sin(a), place)
        for place, c in enumerate(circles)
        for a in (2 * math.pi * step / _STEPS for step in range(_STEPS))
    ]
    ring = _hull(points)
    start = next((i for i, one in enumerate(ring) if one[2] != ring[i - 1][2]), None)
    if start is None:
        return _circle(circles[ring[0][2]])
    runs = [list(run) for _, run in groupby(ring[start:] + ring[:start], key=lambda one: one[2])]
    steps = [Step("M", runs[0][0][:2])]
    for run in runs:
        if run is not runs[0]:
            steps.append(Step("L", run[0][:2]))
        if len(run) > 1:
            radius = circles[run[0][2]].radius
            large = len(run) - 1 > _STEPS / 2
            steps.append(Step("A", (radius, radius, 0, int(large), 1, *run[-1][:2])))
    return [*steps, Step("Z", ())]


def _circle(c: Circle) -> list[Step]:
    half = (c.radius, c.radius, 0, 1, 1)
    return [
        Step("M", (c.x - c.radius, c.y)),
        Step("A", (*half, c.x + c.radius, c.y)),
        Step("A", (*half, c.x - c.radius, c.y)),
        Step("Z", ()),
    ]


_Placed = tuple[float, float, int]


def _hull(points: Iterable[_Placed]) -> list[_Placed]:
    """Return the points that a band round all of them would touch, in order."""
    ordered = sorted(points)

    def half(along: Iterable[_Placed]) -> list[_Placed]:
        kept: list[_Placed] = []
        for one in along:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], one) <= 0:
                kept.pop()
            kept.append(one)
        return kept[:-1]

    return half(ordered) + half(reversed(ordered))


def _turn(one: _Placed, two: _Placed, three: _Placed) -> float:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


def lines(style: str, runs: Iterable[Sequence[tuple[float, float]]], line: float = 1) -> Shape:
    """Return one shape of several broken lines."""
    all_runs = [list(one) for one in runs]
    steps = [
        Step("L" if place else "M", point) for run in all_runs for place, point in enumerate(run)
    ]
    points = [point for run in all_runs for point in run]
    box = Box(
        min(x for x, _ in points), min(y for _, y in points),
        max(x for x, _ in points), max(y for _, y in points),
    )  # fmt: skip
    return Shape(style, tuple(steps), box.grown(line))


def arrow(
    start: tuple[float, float],
    end: tuple[float, float],
    bend: float = 0,
    both_ways: bool = False,
    wave: bool = False,
) -> Shape:
    """Return an arrow; `bend` bows it to the left of its way, `wave` makes it a zigzag."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    middle = ((start[0] + end[0]) / 2 + dy * bend, (start[1] + end[1]) / 2 - dx * bend)
    head = min(5.0, 0.32 * math.hypot(dx, dy))
    steps = [Step("M", start), Step("Q", (*middle, *end))]
    if wave:
        steps[1:] = [Step("L", one) for one in _zigzag(start, (dx, dy))]
    tips = [(end, middle)] + ([(start, middle)] if both_ways else [])
    for tip, behind in tips:
        angle = math.atan2(behind[1] - tip[1], behind[0] - tip[0])
        ends = [
            (tip[0] + head * math.cos(angle + turn), tip[1] + head * math.sin(angle + turn))
            for turn in (0.55, -0.55)
        ]
        steps += [Step("M", ends[0]), Step("L", tip), Step("L", ends[1])]
    points = [step.numbers[at : at + 2] for step in steps for at in range(0, len(step.numbers), 2)]
    xs, ys = [one[0] for one in points], [one[1] for one in points]
    return Shape("arrow", tuple(steps), Box(min(xs), min(ys), max(xs), max(ys)).grown(1.5))


def _zigzag(start: tuple[float, float], way: tuple[float, float]) -> Iterable[tuple[float, float]]:
    """Yield the corners of a zigzag and its end."""
    parts = 6
    for part in range(1, parts):
        off = 0.13 * (-1) ** part if 1 < part < parts - 1 else 0
        along = part / parts
        yield start[0] + way[0] * along - way[1] * off, start[1] + way[1] * along + way[0] * off
    yield start[0] + way[0], start[1] + way[1]


def hatched(x: float, y: float, half_width: float, half_height: float) -> Shape:
    """Return slanting lines that fill an oval."""
    runs = []
    gap = 3.6
    low, high = -(half_width + half_height), half_width + half_height
    for place in range(math.floor(low / gap), math.ceil(high / gap) + 1):
        offset = place * gap + gap / 2  # the line u + v = offset, in the oval
        a = 1 / half_width**2 + 1 / half_height**2
        b = -2 * offset / half_height**2
        c = offset**2 / half_height**2 - 1
        root = b * b - 4 * a * c
        if root > 0:
            ends = [(-b + sign * math.sqrt(root)) / (2 * a) for sign in (-1, 1)]
            runs.append([(x + u, y + offset - u) for u in ends])
    return lines("hatch", runs)
