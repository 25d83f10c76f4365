"""The body as somebody shows on it where it hurts: seen from behind and from the front."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from lumbar.pictures.camera import Camera
from lumbar.pictures.drawing import frame_shapes
from lumbar.pictures.flesh import Ball, Hull
from lumbar.pictures.frames import both_sides
from lumbar.pictures.outline import Box, Shape, hulls, number, union
from lumbar.pictures.picture import GAP, MARGIN, inner
from lumbar.pictures.posing import SIDES, Skeleton
from lumbar.pictures.standing import posed
from lumbar.pictures.style import WHOLE
from lumbar.rulebook.figures import Arm, Figure, Frame, Leg, View
from lumbar.rulebook.questionnaire import Region

_VIEWS: tuple[View, ...] = ("back", "front")
_STANDING = Frame(arms=Arm(out=18), legs=Leg(out=6))
_BEHIND: frozenset[Region] = frozenset({"upper_back", "low_back", "buttock"})


def body() -> str:
    """Return the whole body as SVG, without words: the regions that lie over it have them."""
    shapes, box = _body()
    return f"{_head(box)}{inner(shapes, box)}</svg>"


def region(names: Iterable[Region]) -> str:
    """Return regions as SVG of the same size, to lie over the body."""
    _, box = _body()
    path = "".join(one.written() for name in names for one in _regions()[name])
    return f'{_head(box)}<path d="{path}"/></svg>'


def _head(box: Box) -> str:
    size = " ".join(number(one) for one in (box.left, box.top, box.width, box.height))
    return f'<svg class="{WHOLE}" viewBox="{size}" aria-hidden="true">'


@cache
def _figures() -> tuple[tuple[View, Camera, Figure, float], ...]:
    """Return for each view its camera, its figure, and how far to the right it stands."""
    found, end = [], 0.0
    for view in _VIEWS:
        figure = Figure(view=view, frames=(_STANDING,), floor=False)
        box = union(one.box for one in frame_shapes(figure, both_sides(_STANDING), 1))
        found.append((view, Camera.of(figure), figure, end - box.left))
        end += box.width + GAP
    return tuple(found)


@cache
def _body() -> tuple[list[Shape], Box]:
    frame = both_sides(_STANDING)
    drawn = (
        one.moved(x, 0) for _, _, figure, x in _figures() for one in frame_shapes(figure, frame, 1)
    )
    shapes = [replace(one, style="body") if one.style == "hand" else one for one in drawn]
    return shapes, union(one.box for one in shapes).grown(MARGIN)


@cache
def _regions() -> Mapping[Region, list[Shape]]:
    bones = posed(both_sides(_STANDING))
    return {
        name: [
            hulls("", [camera.circles(one)]).moved(x, 0)
            for view, camera, _, x in _figures()
            if view == "back" or name not in _BEHIND
            for one in flesh
        ]
        for name, flesh in _flesh(bones)
    }


def _flesh(bones: Skeleton) -> Iterator[tuple[Region, list[Hull]]]:
    """Yield each region with the balls that it lies round, within the outline of the body."""

    def beside(joint: str, radius: float, out: float, up: float) -> Hull:
        at, axes = bones.joints[joint], bones.axes["chest"]
        return tuple(Ball(at + axes.at(0, up, side * out), radius) for side in (1, -1))

    def along(
        start: str, end: str, sizes: tuple[float, float], cut: tuple[float, float]
    ) -> list[Hull]:
        both: list[Hull] = []
        for side in SIDES:
            one, other = bones.joints[f"{side} {start}"], bones.joints[f"{side} {end}"]
            way = other - one
            both.append((Ball(one + way * cut[0], sizes[0]), Ball(one + way * cut[1], sizes[1])))
        return both

    yield "upper_back", [beside("waist", 5, 8.5, 5) + beside("chest", 4, 10, -4)]
    yield "low_back", [beside("waist", 5, 8.5, -7) + beside("pelvis", 5, 8.5, -3)]
    yield "buttock", [(one,) for one in beside("hips", 6.8, 8, -2)]
    yield "thigh", along("hip", "knee", (6, 4.5), (0.3, 0.85))
    yield "lower_leg", along("knee", "ankle", (4.2, 2.8), (0.15, 0.9))
    yield (
        "foot",
        [
            (Ball(bones.joints[f"{side} ankle"] + bones.axes[f"{side} foot"].at(4, -4, 0), 3.2),)
            for side in SIDES
        ],
    )
