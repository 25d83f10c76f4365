"""What no body can do, told as a problem of the file that asks for it."""

from collections.abc import Iterator, Mapping

from lumbar.pictures.standing import bodies
from lumbar.rulebook.consistency import Found
from lumbar.rulebook.figures import Figure
from lumbar.rulebook.files import FIGURES

_HINT = "bend it less, or put the hand, the foot or the hips somewhere else"


def bad_poses(figures: Mapping[str, Figure]) -> Iterator[Found]:
    """Yield each joint that is bent too far, and each hand and foot that does not reach."""
    for name, figure in figures.items():
        for loc, bones in bodies(figure):
            for said in bones.wrong():
                yield f"{FIGURES}{name}.yaml", loc, "bad-pose", said, _HINT
