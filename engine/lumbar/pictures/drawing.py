"""One frame as flat shapes, from back to front: things, far limbs, trunk, near limbs, arrow."""

from collections.abc import Iterator

from lumbar.pictures import face, hands, things
from lumbar.pictures.camera import Camera
from lumbar.pictures.flesh import elbow, parts
from lumbar.pictures.frames import both_sides
from lumbar.pictures.outline import Circle, Shape, arrow, hatched, hulls, lines
from lumbar.pictures.posing import SIDES, SIGN, Skeleton, place, vector
from lumbar.pictures.space import Point
from lumbar.pictures.standing import posed
from lumbar.rulebook.figures import Arrow, Figure, Frame, Place, Side, Spot

LINE = 2.5  # the width of the one line that all bodies have


def frame_shapes(figure: Figure, frame: Frame, number: int) -> list[Shape]:
    """Return the shapes of a frame, which is counted from 1."""
    camera, bones = Camera.of(figure), posed(frame)
    around = [one for one in figure.props if not one.frames or number in one.frames]
    shapes = [things.drawn(one, camera) for one in around if not one.in_front]
    if figure.helper:
        helping = both_sides(figure.helper.frame)
        shapes += _body(figure, helping, posed(helping), camera, "other")
    shapes += _body(figure, frame, bones, camera, "")
    shapes += [things.drawn(one, camera, "cushion") for one in around if one.in_front]
    if figure.detail == "lip":
        shapes += face.lip(*camera.flat(bones.joints["head"]))
    if frame.arrow:
        shapes += _arrows(frame.arrow, bones, camera)
    return shapes


def _body(
    figure: Figure, frame: Frame, bones: Skeleton, camera: Camera, style: str
) -> Iterator[Shape]:
    """Yield a body from back to front; all that is not apart melts into one outline.

    Of somebody with a `style` of their own, who only helps, far limbs are left out.
    """
    flesh = {name: [camera.circles(one) for one in hull] for name, hull in parts(bones).items()}
    where = {limb: _where(figure, limb, bones, camera) for limb in _LIMBS}
    for limb in (one for one in _LIMBS if where[one] == "under" and not style):
        yield from _limb(limb, flesh, frame, bones, camera, "far")
    melted = [one for limb in _LIMBS if where[limb] == "melted" for one in flesh[limb]]
    if _broad(bones, camera) and not style:
        arms = (limb for limb in _LIMBS if limb.endswith("arm") and where[limb] == "over")
        melted += [one for arm in arms for one in flesh[arm.replace("arm", "upper")]]
    yield hulls(style or "body", [*melted, *flesh["trunk"]], LINE)
    if figure.shanks_over:
        yield from (hulls("body", flesh[f"{side}_shank"], LINE) for side in SIDES)
    if figure.view == "back":
        yield _landmarks(bones, camera)
    for hatch in frame.hatch:
        for side in SIDES if hatch.mirror else SIDES[:1]:
            x, y = camera.flat(place(bones, hatch.at, side))
            yield hatched(x, y, *hatch.size)
    for limb in (one for one in _LIMBS if where[one] == "over"):
        yield from _limb(limb, flesh, frame, bones, camera, style or "body")


_LIMBS = ("left_leg", "right_leg", "left_arm", "right_arm")


def _where(figure: Figure, limb: str, bones: Skeleton, camera: Camera) -> str:
    """Return whether a limb is drawn under the trunk, over it, or melts into it."""
    if limb in figure.under or limb in figure.over:
        return "under" if limb in figure.under else "over"
    side, _, part = limb.partition("_")
    if part == "leg":
        nearer = camera.depth(bones.joints[f"{side} hip"]) - camera.depth(bones.joints["hips"])
        return "under" if nearer < -3 else "melted"
    ends = (bones.joints[f"{side} {one}"] for one in ("elbow", "wrist"))
    nearer = sum(map(camera.depth, ends)) / 2 - camera.depth(bones.joints["waist"])
    return "under" if nearer < -1 else "over"


def _broad(bones: Skeleton, camera: Camera) -> bool:
    """Return whether the trunk is seen from the front or back: then upper arms melt into it."""
    x, y = camera.flat(bones.axes["chest"].right)
    return x * x + y * y > 0.6


def _limb(
    limb: str,
    flesh: dict[str, list[list[Circle]]],
    frame: Frame,
    bones: Skeleton,
    camera: Camera,
    style: str,
) -> Iterator[Shape]:
    side: Side = "right" if limb.startswith("right") else "left"
    if style == "body" and limb.endswith("arm") and _broad(bones, camera):
        yield hulls(style, flesh[f"{side}_fore"], LINE)
        yield hulls("paper", [camera.circles(elbow(bones, side))])
    else:
        yield hulls(style, flesh[limb], LINE)
    if not limb.endswith("arm"):
        return
    arm = frame.right_arm if side == "right" else frame.left_arm
    if arm.shape == "mitt":
        yield hulls("hand" if style != "other" else style, flesh[f"{side}_hand"], 1)
        return
    wrist, axes = bones.joints[f"{side} wrist"], bones.axes[f"{side} hand"]
    start, end = camera.flat(wrist), camera.flat(wrist - axes.up)
    thumb, zero = camera.flat(vector(arm.thumb, side)), camera.flat(Point(0, 0, 0))
    way = (end[0] - start[0], end[1] - start[1])
    yield from hands.drawn(arm.shape, start, way, (thumb[0] - zero[0], thumb[1] - zero[1]))


def _landmarks(bones: Skeleton, camera: Camera) -> Shape:
    """Return the lowest ribs, the tops of the hip bones and the midline, as seen on a back."""

    def at(part: str, joint: str, up: float, out: float) -> tuple[float, float]:
        return camera.flat(bones.joints[joint] + bones.axes[part].at(-10, up, out))

    ribs = [((3, 1), (9, -3), (15, -6)), ((-3, 1), (-9, -3), (-15, -6))]
    hips = [((4, 7), (8, 10), (12, 10.5), (16, 8)), ((-4, 7), (-8, 10), (-12, 10.5), (-16, 8))]
    runs = [[at("waist", "waist", up, out) for out, up in run] for run in ribs]
    runs += [[at("pelvis", "hips", up, out) for out, up in run] for run in hips]
    runs.append(
        [at("chest", "chest", 0, 0), at("waist", "waist", 0, 0), at("pelvis", "hips", 2, 0)]
    )
    return lines("mark", runs)


def _arrows(said: Arrow, bones: Skeleton, camera: Camera) -> Iterator[Shape]:
    for side in SIDES if said.mirror else SIDES[:1]:
        start, end = (_on_paper(one, bones, camera, side) for one in (said.from_, said.to))
        bend = said.bend * (1 if side == "right" else -1)
        yield arrow(start, end, bend, said.both_ways, wave=said.wave)


def _on_paper(
    said: Place | Spot, bones: Skeleton, camera: Camera, side: Side
) -> tuple[float, float]:
    """Return where a spot is seen; a place is told on paper, y running up, for the right side."""
    if isinstance(said, Spot):
        return camera.flat(place(bones, said, side))
    return said[0] * SIGN[side], -said[1]
