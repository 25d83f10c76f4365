"""What comes of a proof."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from lumbar.rulebook.rules import Expectation

RawAnswers = dict[str, Any]


class Verdict(BaseModel):
    """What came of one proof: proved of everybody, or the answers of somebody who shows that it is
    not.

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


class WrongProofError(Exception):
    """Z3 named a person of whom the engines say otherwise: the encoding is wrong, and nothing is
    proved.
    """


class FilesChangedError(Exception):
    """The files are not those that were to be proved any more: what is proved of them says nothing
    of the others.
    """


class UndecidedError(Exception):
    """Z3 gave up: it is neither proved nor disproved."""


Proof = Callable[[], Verdict]
