"""What must be reached of each figure of an audit, and what is held: `rules/audit.yaml`."""

from pathlib import Path

from pydantic import Field, model_validator

from lumbar.reading.model import Model
from lumbar.reading.problems import BadCatalogError
from lumbar.rulebook.files import Files

FILE = "rules/audit.yaml"


class Goal(Model):
    """One figure: what it tells, what it should reach, and what it has reached and must keep."""

    id: str
    says: str
    at_least: float | None = None
    at_most: float | None = None
    held: float | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> "Goal":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a figure has either at_least or at_most")
        return self

    def kept(self, value: float) -> bool:
        """Return whether a value is no worse than what is held, or the goal where nothing is."""
        return self._reaches(value, self.held)

    def reached(self, value: float) -> bool:
        """Return whether a value reaches the goal."""
        return self._reaches(value, None)

    def _reaches(self, value: float, held: float | None) -> bool:
        if self.at_least is not None:
            return value >= (self.at_least if held is None else held)
        return value <= (self.at_most if held is None else held)  # type: ignore[operator]


class Goals(Model):
    """`rules/audit.yaml`: the figures, and the people they are held on."""

    people: int = Field(ge=100)
    seed: str
    figures: tuple[Goal, ...]


def read_goals(root: Path) -> Goals | None:
    """Return the goals of a rule set, or None; raise BadCatalogError as `load` does."""
    if not (root / FILE).exists():
        return None
    files = Files(root)
    goals: Goals | None = files.record(FILE, Goals)
    if files.problems:
        raise BadCatalogError(files.problems)
    return goals
