"""From space to paper: where from a body is seen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lumbar.pictures.flesh import Hull
from lumbar.pictures.outline import Circle
from lumbar.pictures.space import Point
from lumbar.rulebook.figures import Figure, View

_VIEWS: Mapping[View, float] = {"side": 0, "back": 90, "front": -90}


@dataclass(frozen=True)
class Camera:
    """Looks at the body, turned round it by `yaw` and from above by `pitch`."""

    yaw: float
    pitch: float

    @classmethod
    def of(cls, figure: Figure) -> "Camera":
        """Return the camera of a figure."""
        return cls(_VIEWS[figure.view] + figure.yaw, figure.pitch)

    def seen(self, point: Point) -> tuple[float, float, float]:
        """Return where a point is on paper, y running down, and how near it is."""
        yaw, pitch = math.radians(self.yaw), math.radians(self.pitch)
        x = point.x * math.cos(yaw) + point.z * math.sin(yaw)
        near = point.z * math.cos(yaw) - point.x * math.sin(yaw)
        y = point.y * math.cos(pitch) - near * math.sin(pitch)
        return x, -y, point.y * math.sin(pitch) + near * math.cos(pitch)

    def flat(self, point: Point) -> tuple[float, float]:
        """Return where a point is on paper."""
        return self.seen(point)[:2]

    def depth(self, point: Point) -> float:
        """Return how near a point is."""
        return self.seen(point)[2]

    def circles(self, hull: Hull) -> list[Circle]:
        """Return the circles as which balls are seen."""
        return [Circle(*self.flat(ball.at), ball.radius) for ball in hull]
