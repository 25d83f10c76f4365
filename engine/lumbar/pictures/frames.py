"""The frames of a figure, each whole: what it says, over what the one before said."""

from functools import reduce

from lumbar.rulebook.figures import Arm, Figure, Frame, Leg


def resolved(figure: Figure) -> list[Frame]:
    """Return the frames with what each takes over from the one before, and both sides told."""
    found: list[Frame] = []
    for frame in figure.frames:
        found.append(both_sides(frame, found[-1] if found else None))
    return found


def both_sides(frame: Frame, before: Frame | None = None) -> Frame:
    """Return a frame over the one before, with each side told by itself."""
    said = {name: getattr(frame, name) for name in frame.model_fields_set}
    start = before or Frame()
    for limb in ("leg", "arm"):
        for side in ("right", "left"):
            over = (getattr(frame, f"{limb}s"), getattr(frame, f"{side}_{limb}"))
            said[f"{side}_{limb}"] = reduce(_over, over, getattr(start, f"{side}_{limb}"))
    kept = {"arrow": None, **said}
    return start.model_copy(update=kept)


def _over(below: Leg | Arm, above: Leg | Arm) -> Leg | Arm:
    return below.model_copy(update={one: getattr(above, one) for one in above.model_fields_set})
