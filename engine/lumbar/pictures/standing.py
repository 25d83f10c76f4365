"""A frame put on the floor, and what no body can do in it."""

from collections.abc import Iterator

from lumbar.pictures.flesh import lowest
from lumbar.pictures.frames import both_sides, resolved
from lumbar.pictures.posing import Skeleton, skeleton
from lumbar.pictures.space import Point
from lumbar.rulebook.figures import Figure, Frame


def posed(frame: Frame) -> Skeleton:
    """Return the skeleton of a whole frame; without `hips` its lowest part lies on the floor."""
    if frame.hips is not None:
        x, y, *z = frame.hips
        return skeleton(frame, Point(x, y, z[0] if z else 0))
    hanging = skeleton(frame, Point(0, 0, 0), put=False)
    return skeleton(frame, Point(0, -lowest(hanging), 0))


def bodies(figure: Figure) -> Iterator[tuple[tuple[str | int, ...], Skeleton]]:
    """Yield every skeleton of a figure, and where in its file it stands."""
    for place, frame in enumerate(resolved(figure)):
        yield ("frames", place), posed(frame)
    if figure.helper:
        yield ("helper", "frame"), posed(both_sides(figure.helper.frame))
