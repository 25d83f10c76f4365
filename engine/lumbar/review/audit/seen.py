"""What came out for one made-up person, as far as figures need it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from lumbar.decision.decide import Decision
from lumbar.intake.length import Length
from lumbar.plan.fitting import select
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.questionnaire import Number

SIMPLE = "simple"
NO_ANSWER = "no answer"
_BANDS = 15  # numbers are counted in so many bands at most
_WIDTHS: list[int] = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


@dataclass(frozen=True, slots=True)
class Seen:
    """What came out for one person."""

    cause: str
    urgency: Urgency
    refers: Mapping[str, Urgency]  # by rule, the soonest it says
    shown: frozenset[str]
    offered: frozenset[str]
    kept_out: Mapping[str, tuple[str, ...]]  # by item, the rules
    wishes: Mapping[str, Any]
    findings: Mapping[str, Any]
    length: Length | None  # of some people only: it takes long
    signs: frozenset[str] = field(default_factory=frozenset)  # answers `new` or `unsure`
    among: str = ""  # whom they are counted with, where figures are told by a question


def looked_at(decision: Decision, cause: str, long: Length | None = None, among: str = "") -> Seen:
    """Return what figures need of a decision."""
    selection = select(decision)
    answers = decision.answers.given
    return Seen(
        cause=cause,
        urgency=decision.urgency,
        refers=dict(_refers(decision)),
        shown=frozenset(item for section in selection.taken.values() for item in section),
        offered=decision.offered,
        kept_out={one.item: one.rules for one in decision.withheld if one.reason == "avoided"},
        wishes={name: one for name, one in answers.items() if name.endswith("_wish")},
        findings=decision.findings,
        length=long,
        signs=frozenset(name for name, one in answers.items() if one in ("new", "unsure")),
        among=among,
    )


def _refers(decision: Decision) -> Iterator[tuple[str, Urgency]]:
    for rule in decision.fired:
        if said := [effect.urgency for effect in decision.catalog.rules[rule].refers]:
            yield rule, min(said, key=URGENCIES.index)


def bands(catalog: Catalog, by: str) -> list[str]:
    """Return among whom people are counted by a question: each option, or bands of a number."""
    question = catalog.questionnaire.questions[by]
    if not isinstance(question, Number):
        return [*question.labels, NO_ANSWER]
    width = _width(question)
    starts = range(question.low // width * width, question.high + 1, width)
    return [*(_band(start, width) for start in starts), NO_ANSWER]


def among(catalog: Catalog, by: str, answers: Mapping[str, Value]) -> str:
    """Return among whom somebody is counted."""
    value, question = answers.get(by), catalog.questionnaire.questions[by]
    if value is None:
        return NO_ANSWER
    if not isinstance(question, Number):
        return str(value)
    width = _width(question)
    return _band(cast(int, value) // width * width, width)


def _width(question: Number) -> int:
    many = question.high - question.low
    return next(width for width in _WIDTHS if many // width < _BANDS)


def _band(start: int, width: int) -> str:
    return str(start) if width == 1 else f"{start}–{start + width - 1}"
