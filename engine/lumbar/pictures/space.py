"""Points, directions and turns in space: x to the right, y up, z towards whoever looks."""

import math
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Point:
    """A place or a direction in space, in centimetres."""

    x: float
    y: float
    z: float

    def __add__(self, other: "Point") -> "Point":
        return Point(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other: "Point") -> "Point":
        return Point(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, times: float) -> "Point":
        return Point(self.x * times, self.y * times, self.z * times)

    def dot(self, other: "Point") -> float:
        """Return the product that is 0 for a right angle."""
        return self.x * other.x + self.y * other.y + self.z * other.z

    def cross(self, other: "Point") -> "Point":
        """Return the direction at right angles to both."""
        return Point(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )

    @property
    def length(self) -> float:
        """How long it is."""
        return math.sqrt(self.dot(self))

    @property
    def unit(self) -> "Point":
        """The same direction, 1 long."""
        return self * (1 / self.length) if self.length > 1e-9 else Point(1, 0, 0)

    def beside(self, axis: "Point") -> "Point":
        """Return its part at right angles to an axis that is 1 long."""
        return self - axis * self.dot(axis)

    def turned(self, axis: "Point", degrees: float) -> "Point":
        """Return it turned round an axis that is 1 long."""
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        return self * cos + axis.cross(self) * sin + axis * (axis.dot(self) * (1 - cos))


X, Y, Z = Point(1, 0, 0), Point(0, 1, 0), Point(0, 0, 1)


class Axes(NamedTuple):
    """Which way a part of the body looks."""

    forward: Point
    up: Point
    right: Point

    def turned(self, axis: Point, degrees: float) -> "Axes":
        """Return the axes turned round one axis."""
        return Axes(*(one.turned(axis, degrees) for one in self)) if degrees else self

    def at(self, forward: float, up: float, right: float) -> Point:
        """Return so much forward, up and to the right."""
        return self.forward * forward + self.up * up + self.right * right


UPRIGHT = Axes(X, Y, Z)


def looking(up: Point, forward: Point) -> Axes:
    """Return the axes with this way up that look as near as can be this way."""
    ahead = forward.beside(up)
    ahead = ahead.unit if ahead.length > 1e-6 else up.cross(Z).unit
    return Axes(ahead, up, ahead.cross(up))


def between(one: Point, other: Point) -> float:
    """Return the angle between two directions, in degrees."""
    return math.degrees(math.acos(max(-1.0, min(1.0, one.unit.dot(other.unit)))))


def two_bones(
    root: Point, target: Point, lengths: tuple[float, float], towards: Point
) -> tuple[Point, Point, float]:
    """Return where the middle joint and the end of two bones lie, and by how much they fall short.

    The middle joint lies on the side of `towards`.
    """
    first, second = lengths
    way = target - root
    reach = min(max(way.length, abs(first - second) + 0.01), first + second - 0.01)
    along = (first * first - second * second + reach * reach) / (2 * reach)
    line = way.unit
    side = towards.beside(line)
    side = side.unit if side.length > 1e-6 else line.cross(Z).unit
    off = math.sqrt(max(0.0, first * first - along * along))
    end = root + line * reach
    return root + line * along + side * off, end, (target - end).length
