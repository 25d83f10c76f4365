"""Whether the formulas say of a person what the reference engine decides: all that comes out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lumbar.decision.decide import Decision, by_reference
from lumbar.engines.inference import ConflictError
from lumbar.form.crowd import Crowd
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import Formula
from lumbar.reading.problems import BadAnswersError
from lumbar.rulebook.catalog import Catalog

Key = tuple[Any, ...]
REFUSED, CONFLICT = ("refused",), ("conflict",)
CONTRADICTION = "two rules contradict each other"


class DisagreementError(Exception):
    """The formulas decide otherwise than the reference engine for somebody: nothing is reported."""


def agree(
    encoding: Encoding,
    crowd: Crowd,
    places: Sequence[int],
    answers: Sequence[Mapping[str, Any]],
    start: int = 0,
) -> None:
    """Decide by the reference engine too for the people at some places, whose raw answers are
    given.

    Raises DisagreementError, which names somebody, counted from `start`, and what is decided
    otherwise.
    """
    formulas = outcomes(encoding)
    for place, raw in zip(places, answers, strict=True):
        came, said = came_out(encoding.catalog, raw), _said(encoding, formulas, crowd, place)
        if came != said:
            unlike = ", ".join(sorted(" ".join(map(str, key)) for key in came ^ said))
            raise DisagreementError(f"person {start + place}: {unlike}")


def problem(catalog: Catalog, given: Any) -> str:
    """Return why nothing can be decided for somebody who gave this; raise DisagreementError where
    the reference engine decides something.
    """
    if not isinstance(given, Mapping):
        return "this is no set of answers"
    try:
        by_reference(catalog, given)
    except BadAnswersError as error:
        return "; ".join(one.message for one in error.problems)
    except ConflictError:
        return CONTRADICTION
    raise DisagreementError("the reference engine decides where the formulas do not")


def outcomes(encoding: Encoding) -> Mapping[Key, Formula]:
    """Return every formula of what comes out: rules, findings, how soon, whom to see, items."""
    found: dict[Key, Formula] = {("fires", rule): part for rule, part in encoding.fires.items()}
    for name, values in encoding.concluded.items():
        found |= {("finding", name, value): part for value, part in values.items()}
    found |= {("urgency", level): part for level, part in encoding.urgency.items()}
    found |= {("refers", *key): part for key, part in encoding.referred.items()}
    found |= {("offers", *key): part for key, part in encoding.doses.items()}
    found |= {("keeps out", item): part for item, part in encoding.avoided.items()}
    return found


def _said(
    encoding: Encoding, formulas: Mapping[Key, Formula], crowd: Crowd, place: int
) -> set[Key]:
    if not crowd.has(encoding.valid, place):
        return {REFUSED}
    if crowd.has(encoding.conflict, place):
        return {CONFLICT}
    return {key for key, part in formulas.items() if crowd.has(part, place)}


def came_out(catalog: Catalog, raw: Mapping[str, Any]) -> set[Key]:
    """Return what the reference engine decides, by the keys of `outcomes`."""
    try:
        return {*decided(by_reference(catalog, raw))}
    except BadAnswersError:
        return {REFUSED}
    except ConflictError:
        return {CONFLICT}


def decided(decision: Decision) -> Iterator[Key]:
    """Yield the keys of `outcomes` that are true of a decision."""
    yield from (("fires", rule) for rule in decision.fired)
    yield from (("finding", *one) for one in decision.findings.items())
    yield "urgency", decision.urgency
    yield from (("refers", one.to, one.urgency) for one in decision.referrals)
    yield from (("offers", one.item, one.dose) for one in decision.recommended)
    yield from (("keeps out", item) for item in decision.avoided)
