"""What comes of a proof, and of all proofs about a rule set."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from lumbar.rulebook.rules import Expectation

RawAnswers = dict[str, Any]


class Verdict(BaseModel):
    """What came of one proof: proved of everybody, or somebody who shows that it is not.

    `after` are the answers of a second person, who differs from the first in one answer. Where
    something should be possible, it is proved by a person too: `answers` are hers. `expect` is what
    should have come out for the last one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    proved: bool
    why: str = ""
    hazard: str = ""
    answers: RawAnswers | None = None
    after: RawAnswers | None = None
    expect: Expectation | None = None


Proof = Callable[[], Verdict]


class Proofs(BaseModel):
    """The verdicts about one rule set, and whether they were made now or kept from before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule_set: str
    sha256: str
    properties: int
    verdicts: tuple[Verdict, ...]
    kept: bool = False

    @property
    def refuted(self) -> tuple[Verdict, ...]:
        """The verdicts that are not proofs."""
        return tuple(one for one in self.verdicts if not one.proved)


class WrongProofError(Exception):
    """Z3 named a person of whom the engines say otherwise: the encoding is wrong."""


class FilesChangedError(Exception):
    """The files are not those that were to be proved any more."""


class UndecidedError(Exception):
    """Z3 gave up: it is neither proved nor disproved."""
