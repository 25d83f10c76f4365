"""How a body stands in a picture: `content/figures/<kind>/<name>.yaml`, poses without any words.

Lengths are centimetres, angles degrees. A place is `[x, y]` or `[x, y, z]`: x to the right of the
picture, y up from the floor, z towards whoever looks from the side.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lumbar.reading.model import Model


def _plain(said: Any) -> Any:
    """Return the truth of a plain `yes` or `no`."""
    return {"yes": True, "no": False}.get(said, said) if isinstance(said, str) else said


YesNo = Annotated[bool, BeforeValidator(_plain)]
Side = Literal["right", "left"]
Place = tuple[float, float] | tuple[float, float, float]
Vector = tuple[float, float, float]
View = Literal["side", "back", "front"]
SpotName = Literal[
    "knee", "behind_knee", "thigh", "behind_thigh", "shin", "hip_crease", "hip", "waist",
    "low_back", "low_back_middle", "seat", "belly", "chest", "head_side", "forehead", "lip",
]  # fmt: skip
HandShape = Literal["mitt", "flat", "fist", "thumb", "fingertips", "pinch", "point"]


class Spot(Model):
    """A place on the body itself; `by` moves it: x and y as a place, then outwards from the body.

    `side` is of the body; for a hand, `same` and `other` are told from that hand.
    """

    on: SpotName
    side: Literal["same", "other", "right", "left"] = "same"
    by: Vector = (0, 0, 0)


class Leg(Model):
    """A leg by its joints, or by where its foot is put: then `knee_to` says where the knee points.

    Bending is positive, `out` is away from the middle, `turn` turns the knee outwards, `ankle`
    draws the toes up. A foot that is put somewhere is flat unless `ankle` is given.
    """

    hip: float = 0
    out: float = 0
    turn: float = 0
    knee: float = 0
    ankle: float | None = None
    foot: Place | None = None
    knee_to: Vector | None = None


class Arm(Model):
    """An arm by its joints, or by where its palm is put: then `elbow_to` says where the elbow
    points.

    `shoulder` lifts it forwards, `out` is away from the middle, `turn` turns it inwards. `fingers`
    is the way the fingers point, `thumb` the side of the thumb. The last number of each is outwards
    from the body.
    """

    shoulder: float = 0
    out: float = 0
    turn: float = 0
    elbow: float = 0
    wrist: float = 0
    hand: Place | Spot | None = None
    elbow_to: Vector | None = None
    fingers: Vector | None = None
    thumb: Vector = (0, 1, 0)
    shape: HandShape = "mitt"


class Arrow(Model):
    """A movement. `bend` bows it to one side, as a part of its length; `wave` makes it a zigzag;
    `mirror` shows it on both sides.
    """

    from_: Annotated[Place | Spot, Field(alias="from")]
    to: Place | Spot
    bend: float = 0
    both_ways: YesNo = False
    wave: YesNo = False
    mirror: YesNo = False


class Hatch(Model):
    """The place to work on: an oval of half this width and height around a spot."""

    at: Spot
    size: tuple[float, float]
    mirror: YesNo = True


class Frame(Model):
    """One position. A further frame says only what changes from the one before.

    The hips lie at `hips`; where that is left out, the lowest part lies on the floor. `facing` is
    0 to the right and 90 to whoever looks, `turn` tips the head over to the right, so 90 is lying
    with the head to the right, and `lean` tips to the person's own right. Then the spine bends.
    """

    hips: Place | None = None
    facing: float = 0
    turn: float = 0
    lean: float = 0
    lumbar: float = 0
    chest: float = 0
    neck: float = 0
    head: float = 0
    side_bend: float = 0
    twist: float = 0
    legs: Leg = Leg()
    right_leg: Leg = Leg()
    left_leg: Leg = Leg()
    arms: Arm = Arm()
    right_arm: Arm = Arm()
    left_arm: Arm = Arm()
    arrow: Arrow | None = None
    hatch: tuple[Hatch, ...] = ()


class Prop(Model):
    """A thing that is sat, lain, leant or stepped on; `back` is on which side a chair has one."""

    kind: Literal["chair", "stool", "wall", "table", "box", "step", "pillow", "mat", "rail"]
    x: float
    y: float = 0
    width: float = 40
    height: float = 45
    back: Literal[-1, 0, 1] = 0
    in_front: YesNo = False
    frames: tuple[int, ...] = ()


class Helper(Model):
    """Somebody who helps, drawn behind; a body like the other."""

    frame: Frame


class Figure(Model):
    """How one item is drawn: from where it is seen, its frames, and what stands around."""

    view: View = "side"
    yaw: float = 0
    pitch: float = 0
    arrange: Literal["row", "column", "by_shape"] = "by_shape"
    frames: Annotated[tuple[Frame, ...], Field(min_length=1, max_length=3)]
    joined: Literal["then", "back_and_forth", "or"] = "then"
    floor: YesNo = True
    props: tuple[Prop, ...] = ()
    helper: Helper | None = None
    over: tuple[Literal["right_leg", "left_leg", "right_arm", "left_arm"], ...] = ()
    under: tuple[Literal["right_leg", "left_leg", "right_arm", "left_arm"], ...] = ()
    shanks_over: YesNo = False
    detail: Literal["none", "lip"] = "none"
