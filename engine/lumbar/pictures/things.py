"""What is sat, lain, leant or stepped on, as hairlines."""

from collections.abc import Iterator, Sequence

from lumbar.pictures.camera import Camera
from lumbar.pictures.outline import Shape, lines
from lumbar.pictures.space import Point
from lumbar.rulebook.figures import Prop

_Line = Sequence[tuple[float, float]]


def drawn(prop: Prop, camera: Camera, style: str = "thing") -> Shape:
    """Return a thing; its y runs up from the floor. What is seen aslant may have depth."""
    if prop.kind in _DEEP and (camera.yaw % 90 or camera.pitch):
        return lines(style, [[camera.flat(one) for one in run] for run in _DEEP[prop.kind](prop)])
    runs = _LINES[prop.kind](prop)
    return lines(style, [[(x, -y) for x, y in run] for run in runs])


def _chair(prop: Prop) -> Iterator[_Line]:
    left, right = prop.x - prop.width / 2, prop.x + prop.width / 2
    low = prop.height - 3
    yield (left, prop.height), (right, prop.height), (right, low), (left, low), (left, prop.height)
    for x in (left + 2, right - 2):
        yield (x, prop.height - 3), (x, prop.y)
    if prop.back:
        x = right if prop.back > 0 else left
        yield (x, prop.height), (x + 4 * prop.back, prop.height + 48)


def _deep_chair(prop: Prop) -> Iterator[Sequence[Point]]:
    left, right, top = prop.x - prop.width / 2, prop.x + prop.width / 2, prop.height
    corners = [(left, 21), (right, 21), (right, -21), (left, -21)]
    yield [Point(x, top, z) for x, z in (*corners, corners[0])]
    for x, z in corners:
        yield Point(x, top, z), Point(x, prop.y, z)
    if prop.back:
        x = right if prop.back > 0 else left
        ends = ((x, top, 21), (x, top + 45, 21), (x, top + 45, -21), (x, top, -21))
        yield [Point(*one) for one in ends]


def _mat(prop: Prop) -> Iterator[Sequence[Point]]:
    """Yield what lies flat on the floor, `width` long and `height` broad."""
    left, right, half = prop.x, prop.x + prop.width, prop.height / 2
    ends = ((left, -half), (right, -half), (right, half), (left, half), (left, -half))
    yield [Point(x, prop.y, z) for x, z in ends]


def _wall(prop: Prop) -> Iterator[_Line]:
    yield (prop.x, prop.y), (prop.x, prop.y + prop.height)
    away = 5 * (prop.back or -1)
    for step in range(1, int(prop.height // 24) + 1):
        y = prop.y + step * 24
        yield (prop.x, y), (prop.x + away, y - 6)


def _table(prop: Prop) -> Iterator[_Line]:
    left, right, top = prop.x, prop.x + prop.width, prop.height
    yield (left, top), (right, top), (right, top - 3), (left, top - 3), (left, top)
    yield (left + 5, top - 3), (left + 5, prop.y)
    yield (right - 5, top - 3), (right - 5, prop.y)


def _box(prop: Prop) -> Iterator[_Line]:
    left, right, top = prop.x, prop.x + prop.width, prop.y + prop.height
    yield (left, prop.y), (left, top), (right, top), (right, prop.y), (left, prop.y)


def _step(prop: Prop) -> Iterator[_Line]:
    left, right, top = prop.x, prop.x + prop.width, prop.y + prop.height
    yield (left, prop.y), (left, top), (right, top), (right, prop.y)


def _pillow(prop: Prop) -> Iterator[_Line]:
    left, right, low, top = prop.x, prop.x + prop.width, prop.y, prop.y + prop.height
    cut = min(prop.width, prop.height) * 0.35
    yield (
        (left + cut, low), (left, low + cut), (left, top - cut), (left + cut, top),
        (right - cut, top), (right, top - cut), (right, low + cut), (right - cut, low),
        (left + cut, low),
    )  # fmt: skip


def _rail(prop: Prop) -> Iterator[_Line]:
    right = prop.x + prop.width
    yield (prop.x, 0), (prop.x, prop.y), (right, prop.height), (right, 0)


_DEEP = {"chair": _deep_chair, "mat": _mat}
_LINES = {
    "chair": _chair,
    "stool": _chair,
    "wall": _wall,
    "table": _table,
    "box": _box,
    "step": _step,
    "pillow": _pillow,
    "mat": _box,
    "rail": _rail,
}
