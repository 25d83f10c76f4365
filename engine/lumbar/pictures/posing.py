"""From a frame to a skeleton: where every joint lies and how far it is bent."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lumbar.pictures import body
from lumbar.pictures.space import UPRIGHT, Axes, Point, X, Y, Z, between, looking, two_bones
from lumbar.rulebook.figures import Arm, Frame, Leg, Place, Side, Spot, SpotName, Vector

SIDES: tuple[Side, Side] = ("right", "left")
SIGN: Mapping[Side, int] = {"right": 1, "left": -1}
Segment = tuple[Point, Axes]


@dataclass
class Skeleton:
    """Joints in space, the axes of each part from its lower end on, the bend of each joint, misses.

    `missed` says for each hand and foot that was put somewhere by how far it fell short.
    """

    joints: dict[str, Point] = field(default_factory=dict)
    axes: dict[str, Axes] = field(default_factory=dict)
    bends: dict[str, float] = field(default_factory=dict)
    missed: dict[str, float] = field(default_factory=dict)
    wanted: dict[str, Point] = field(default_factory=dict)

    def wrong(self) -> Iterator[str]:
        """Yield what no body can do."""
        for joint, degrees in self.bends.items():
            low, high = body.LIMITS[joint.removeprefix("right ").removeprefix("left ")]
            if not low - 0.5 <= degrees <= high + 0.5:
                yield f"the {joint} is at {degrees:.0f}, and goes from {low:.0f} to {high:.0f}"
        for part, short in self.missed.items():
            if short > body.MISSED:
                yield f"the {part} falls {short:.0f} cm short of where it is put"


def skeleton(frame: Frame, hips: Point, put: bool = True) -> Skeleton:
    """Return the skeleton of a whole frame with its hips at a place.

    Hands and feet hang where they are not `put` where the frame says.
    """
    made = Skeleton()
    _trunk(made, frame, hips)
    for side in SIDES:
        leg: Leg = getattr(frame, f"{side}_leg")
        if leg.foot is not None and put:
            _put_foot(made, leg, leg.foot, side)
        else:
            _bend_leg(made, leg, side)
    for side in SIDES:
        arm: Arm = getattr(frame, f"{side}_arm")
        if arm.hand is not None and put:
            _put_hand(made, arm, arm.hand, side)
        else:
            _bend_arm(made, arm, side)
    return made


def _trunk(made: Skeleton, frame: Frame, hips: Point) -> None:
    axes = UPRIGHT.turned(X, frame.lean).turned(Y, -frame.facing).turned(Z, -frame.turn)
    at = hips
    made.joints["hips"], made.axes["pelvis"] = at, axes
    bends = (0.0, frame.lumbar, frame.chest)
    for name, length, bend in zip(("pelvis", "waist", "chest"), body.SPINE, bends, strict=True):
        axes = axes.turned(axes.right, -bend)
        if name == "waist":
            axes = axes.turned(axes.forward, frame.side_bend).turned(axes.up, frame.twist)
        made.axes[name] = axes
        at += axes.up * length
        made.joints[name] = at
    for name, length in (("neck", body.NECK), ("head", body.HEAD)):
        axes = axes.turned(axes.right, -getattr(frame, name))
        made.axes[name] = axes
        at += axes.up * length
        made.joints[name] = at
    for joint in ("lumbar", "chest", "neck", "head", "side_bend", "twist"):
        made.bends[joint] = getattr(frame, joint)
    for side in SIDES:
        pelvis, chest = made.axes["pelvis"], made.axes["chest"]
        made.joints[f"{side} hip"] = hips + pelvis.right * (body.HIP_OUT * SIGN[side])
        out = chest.right * (body.SHOULDER_OUT * SIGN[side])
        made.joints[f"{side} shoulder"] = made.joints["chest"] + out


def _swung(axes: Axes, bend: float, out: float, turn: float) -> Axes:
    """Return the axes of a limb that hangs down, led out, then bent forward, then turned."""
    limb = axes.turned(axes.forward, -out).turned(axes.right, bend)
    return limb.turned(limb.up, turn)


def _bend_leg(made: Skeleton, leg: Leg, side: Side) -> None:
    sign = SIGN[side]
    thigh = _swung(made.axes["pelvis"], leg.hip, leg.out * sign, -leg.turn * sign)
    shank = thigh.turned(thigh.right, -leg.knee)
    knee = made.joints[f"{side} hip"] - thigh.up * body.THIGH
    made.joints[f"{side} knee"] = knee
    made.joints[f"{side} ankle"] = knee - shank.up * body.SHANK
    made.axes[f"{side} thigh"], made.axes[f"{side} shank"] = thigh, shank
    ankle = leg.ankle or 0
    made.axes[f"{side} foot"] = shank.turned(shank.right, ankle)
    for joint, degrees in (
        ("hip", leg.hip), ("hip out", leg.out), ("hip turn", leg.turn), ("knee", leg.knee),
        ("ankle", ankle),
    ):  # fmt: skip
        made.bends[f"{side} {joint}"] = degrees


def _put_foot(made: Skeleton, leg: Leg, foot: Place, side: Side) -> None:
    hip, pelvis = made.joints[f"{side} hip"], made.axes["pelvis"]
    x, y, *z = foot
    sole = Point(x, y, z[0] if z else hip.z)
    target = sole + Y * body.SOLE
    towards = vector(leg.knee_to, side) if leg.knee_to else pelvis.forward
    knee, ankle, short = two_bones(hip, target, (body.THIGH, body.SHANK), towards)
    thigh = looking((hip - knee).unit, towards)
    shank = looking((knee - ankle).unit, towards)
    if leg.ankle is None:
        level = looking(Y, Point(shank.forward.x, 0, shank.forward.z))
        made.axes[f"{side} foot"] = level
        bend = math.copysign(between(level.up, shank.up), level.forward.dot(shank.up))
    else:
        made.axes[f"{side} foot"], bend = shank.turned(shank.right, leg.ankle), leg.ankle
    made.joints[f"{side} knee"], made.joints[f"{side} ankle"] = knee, ankle
    made.axes[f"{side} thigh"], made.axes[f"{side} shank"] = thigh, shank
    _measure(made, pelvis, knee - hip, side, "hip")
    made.bends[f"{side} knee"] = between(knee - hip, ankle - knee)
    made.bends[f"{side} ankle"] = bend
    made.missed[f"{side} foot"], made.wanted[f"{side} foot"] = short, sole


def _measure(made: Skeleton, axes: Axes, way: Point, side: Side, joint: str) -> None:
    """Note how far a limb is bent at the hip or the shoulder, from the way it points."""
    way = way.unit
    out = math.degrees(math.asin(max(-1.0, min(1.0, way.dot(axes.right) * SIGN[side]))))
    made.bends[f"{side} {joint} out"] = out
    if abs(out) < 70:
        bend = math.degrees(math.atan2(way.dot(axes.forward), -way.dot(axes.up)))
        made.bends[f"{side} {joint}"] = bend + 360 if bend < -150 else bend


def _bend_arm(made: Skeleton, arm: Arm, side: Side) -> None:
    sign = SIGN[side]
    upper = _swung(made.axes["chest"], arm.shoulder, arm.out * sign, arm.turn * sign)
    fore = upper.turned(upper.right, arm.elbow)
    hand = fore.turned(fore.right, arm.wrist)
    elbow = made.joints[f"{side} shoulder"] - upper.up * body.UPPER_ARM
    wrist = elbow - fore.up * body.FOREARM
    made.joints[f"{side} elbow"], made.joints[f"{side} wrist"] = elbow, wrist
    made.axes[f"{side} hand"] = hand
    made.joints[f"{side} palm"] = wrist - hand.up * body.PALM
    made.bends |= {
        f"{side} shoulder": arm.shoulder, f"{side} shoulder out": arm.out,
        f"{side} elbow": arm.elbow, f"{side} wrist": arm.wrist,
    }  # fmt: skip


def _put_hand(made: Skeleton, arm: Arm, hand: Place | Spot, side: Side) -> None:
    shoulder, chest = made.joints[f"{side} shoulder"], made.axes["chest"]
    target = place(made, hand, side, shoulder.z)
    back = chest.at(-1, -0.4, 0.4 * SIGN[side])
    towards = vector(arm.elbow_to, side) if arm.elbow_to else back
    fingers = vector(arm.fingers, side).unit if arm.fingers else None
    wanted = target - fingers * body.PALM if fingers else target
    fore = body.FOREARM + (0 if fingers else body.PALM)
    elbow, end, short = two_bones(shoulder, wanted, (body.UPPER_ARM, fore), towards)
    along = (end - elbow).unit
    wrist = end if fingers else elbow + along * body.FOREARM
    made.joints[f"{side} elbow"], made.joints[f"{side} wrist"] = elbow, wrist
    way = fingers or along
    thumb = vector(arm.thumb, side) if arm.fingers else chest.forward
    made.axes[f"{side} hand"] = looking(way * -1, thumb)
    made.joints[f"{side} palm"] = wrist + way * body.PALM
    _measure(made, chest, elbow - shoulder, side, "shoulder")
    made.bends[f"{side} elbow"] = between(elbow - shoulder, wrist - elbow)
    made.bends[f"{side} wrist"] = between(along, way)
    made.missed[f"{side} hand"], made.wanted[f"{side} hand"] = short, target


def vector(said: Vector, side: Side) -> Point:
    """Return a direction whose last number is outwards from a side."""
    return Point(said[0], said[1], said[2] * SIGN[side])


def place(made: Skeleton, said: Place | Spot, side: Side, depth: float = 0) -> Point:
    """Return where a place or a spot lies; `same` is told from `side`."""
    if not isinstance(said, Spot):
        x, y, *z = said
        return Point(x, y, z[0] if z else depth)
    other: Side = "left" if side == "right" else "right"
    own = {"same": side, "other": other}.get(said.side, said.side)
    which: Side = "left" if own == "left" else "right"
    return spot(made, said.on, which) + vector(said.by, which)


def spot(made: Skeleton, name: SpotName, side: Side) -> Point:
    """Return the middle of a hand that lies on a spot of the body."""
    part, start, forward, up, out = _ON[name]
    start = start if start in made.joints else f"{side} {start}"
    part = part if part in made.axes else f"{side} {part}"
    return made.joints[start] + made.axes[part].at(forward, up, out * SIGN[side])


# Each spot: the part whose axes it is told in, the joint it is told from, then forward, up, out.
_ON: Mapping[SpotName, tuple[str, str, float, float, float]] = {
    "knee": ("thigh", "knee", 7.5, 3, 0),
    "behind_knee": ("thigh", "knee", -7, 1, 0),
    "thigh": ("thigh", "hip", 9, -26, 0),
    "behind_thigh": ("thigh", "hip", -9, -34, 0),
    "shin": ("shank", "knee", 7, -14, 0),
    "hip_crease": ("pelvis", "hip", 10, 3, 2),
    "hip": ("pelvis", "hip", 0, 8, 9),
    "waist": ("pelvis", "hips", 0, 17, 15),
    "low_back": ("pelvis", "hips", -12, 15, 8),
    "low_back_middle": ("pelvis", "hips", -12, 15, 0),
    "seat": ("pelvis", "hips", -11, 2, 0),
    "belly": ("waist", "pelvis", 12, 3, 0),
    "chest": ("chest", "waist", 13, 9, 0),
    "head_side": ("head", "head", 0, 2, 10),
    "forehead": ("head", "head", 10, 4, 0),
    "lip": ("head", "head", 11, -4.5, 0),
}
