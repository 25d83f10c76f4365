"""The body round a skeleton: each part is hulls, and each hull is balls with a skin round them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lumbar.pictures.posing import SIDES, SIGN, Skeleton
from lumbar.pictures.space import Point
from lumbar.rulebook.figures import Side


class Ball(NamedTuple):
    """A round piece of a part."""

    at: Point
    radius: float


Hull = tuple[Ball, ...]


def parts(bones: Skeleton) -> Mapping[str, tuple[Hull, ...]]:
    """Return the hulls of every part of the body, by its name."""
    found = {"trunk": (*_trunk(bones), *_head(bones))}
    for side in SIDES:
        leg = tuple(_leg(bones, side))
        found[f"{side}_leg"], found[f"{side}_shank"] = leg, leg[1:]
        found[f"{side}_upper"], found[f"{side}_fore"] = _arm(bones, side)
        found[f"{side}_arm"] = (found[f"{side}_upper"][0], found[f"{side}_fore"][0])
        found[f"{side}_hand"] = tuple(_mitt(bones, side))
    return found


def elbow(bones: Skeleton, side: Side) -> Hull:
    """Return what joins a forearm to the upper arm without a line between."""
    at = bones.joints[f"{side} elbow"]
    up = (bones.joints[f"{side} shoulder"] - at).unit
    return Ball(at, 3.9), Ball(at + up * 9, 4.3)


def lowest(bones: Skeleton) -> float:
    """Return how low the lowest part of the body lies."""
    return min(
        ball.at.y - ball.radius
        for name, hulls in parts(bones).items()
        if name.endswith(("trunk", "leg"))
        for hull in hulls
        for ball in hull
    )


def _pair(
    bones: Skeleton, joint: str, part: str, out: float, size: tuple[float, float, float]
) -> Hull:
    """Return two balls beside the middle: how big, how far forward, how far up."""
    radius, forward, up = size
    axes, at = bones.axes[part], bones.joints[joint]
    return tuple(Ball(at + axes.at(forward, up, out * s), radius) for s in (1, -1))


def _trunk(bones: Skeleton) -> Iterator[Hull]:
    seat = _pair(bones, "hips", "pelvis", 7.6, (10.2, -1, 1))
    waist = _pair(bones, "pelvis", "waist", 6, (9, 0.3, 0))
    ribs = _pair(bones, "waist", "waist", 7, (10.2, 0.5, 0))
    upper = _pair(bones, "chest", "chest", 8.5, (8, 0, -4))
    tops = _pair(bones, "chest", "chest", 14, (5, 0, -1))
    yield (*seat, *waist)
    yield (*waist, *ribs)
    yield (*ribs, *upper)
    yield (*upper, *tops)
    chest = bones.axes["chest"]
    slope = _pair(bones, "chest", "chest", 10, (4.2, 0, 0.5))
    yield (*slope, Ball(bones.joints["chest"] + chest.up * 6, 4.4))


def _head(bones: Skeleton) -> Iterator[Hull]:
    neck, head = bones.axes["neck"], bones.axes["head"]
    at = bones.joints["head"]
    yield (
        Ball(bones.joints["chest"] + bones.axes["chest"].up * -1, 5.2),
        Ball(bones.joints["neck"] + neck.up * 3, 4.6),
    )
    yield (
        Ball(at + head.at(-1, 2.5, 0), 9),
        Ball(at + head.at(0.5, -1, 0), 8.3),
        *(Ball(at + head.at(3.6, -6, out), 4.2) for out in (1.8, -1.8)),
    )
    for out in (8.6, -8.6):
        yield Ball(at + head.at(-1, 1, out), 1.6), Ball(at + head.at(-0.5, -1.5, out), 1.3)
    yield (Ball(at + head.at(7, 1.5, 0), 2), Ball(at + head.at(10, -2, 0), 1.7))


def _leg(bones: Skeleton, side: Side) -> Iterator[Hull]:
    hip, knee, ankle = (bones.joints[f"{side} {name}"] for name in ("hip", "knee", "ankle"))
    shank, foot = bones.axes[f"{side} shank"], bones.axes[f"{side} foot"]
    yield Ball(hip, 9.3), Ball(knee, 5.9)
    calf = knee + shank.at(-1, -10, 0)
    yield Ball(knee, 5.8), Ball(calf, 5.6)
    yield Ball(calf, 5.6), Ball(ankle, 3.6)
    yield (
        Ball(ankle, 3.6),
        Ball(ankle + foot.at(-3.4, -4, 0), 3.5),
        Ball(ankle + foot.at(9, -4.9, 0), 2.6),
    )
    yield Ball(ankle + foot.at(8, -4.9, 0), 2.6), Ball(ankle + foot.at(15, -5.5, 0), 2)


def _arm(bones: Skeleton, side: Side) -> tuple[tuple[Hull], tuple[Hull]]:
    shoulder, elbow, wrist = (
        bones.joints[f"{side} {one}"] for one in ("shoulder", "elbow", "wrist")
    )
    inwards = bones.axes["chest"].right * -SIGN[side]
    upper = Ball(shoulder + inwards * 0.5, 5.3), Ball(elbow, 3.9)
    return (upper,), ((Ball(elbow, 3.9), Ball(wrist, 2.8)),)


def _mitt(bones: Skeleton, side: Side) -> Iterator[Hull]:
    wrist, hand = bones.joints[f"{side} wrist"], bones.axes[f"{side} hand"]
    yield Ball(wrist - hand.up * 0.5, 2.4), Ball(wrist - hand.up * 7, 3)
    yield Ball(wrist - hand.up * 7, 2.8), Ball(wrist - hand.up * 15, 1.7)
    yield (Ball(wrist - hand.up * 3, 1.7), Ball(wrist - hand.up * 8.5 + hand.forward * 4.2, 1.3))
