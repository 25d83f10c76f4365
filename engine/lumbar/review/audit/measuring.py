"""What the rules do to people: decided for, and their plans filled, by the crowd.

A sample is decided for by both engines too. People are the same for the same seed and place.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from lumbar.decision.decide import decide
from lumbar.form.agreement import DisagreementError, agree, outcomes
from lumbar.form.crowd import Crowd
from lumbar.form.encoding import Encoding
from lumbar.form.fitting import shown
from lumbar.form.formulas import both, opposite
from lumbar.form.table import Column, Numbers, Truths, of_table, packed, raw, unpacked
from lumbar.intake.answers import Answers
from lumbar.intake.length import Length, length
from lumbar.plan.fitting import selected
from lumbar.review.audit.seen import SIMPLE, Seen, bands
from lumbar.review.people.drawing import CAUSE, Crowded, Drawing
from lumbar.review.people.practice import Practice
from lumbar.rulebook.questionnaire import Number

EACH_CAUSE = 1_000  # made cases of each cause by itself
_BLOCK = 32_768  # people decided for at a time: a multiple of 64
_WALKED = 200  # people whose interview is walked through
_TWICE = 100  # every so many people are decided for by both engines too


@dataclass(frozen=True, slots=True)
class Group:
    """People who are drawn alike; see `Drawing`. The interview of every so many is `walked`."""

    name: str
    people: int
    cause: str | None = None
    unsure: float = 0
    thinned: float = 0
    walked: int = 0


def groups(practice: Practice, people: int, unsure: float) -> tuple[Group, ...]:
    """Return who is drawn: everybody, half the signs taken away, some unsure, and each cause."""
    causes = tuple(practice.hidden[CAUSE].one_of or {}) if CAUSE in practice.hidden else ()
    return (
        Group("all", people, walked=max(1, people // _WALKED)),
        Group("thinned", people // 4, SIMPLE, thinned=0.5),
        Group("unsure", people // 4, unsure=unsure or 0.02),
        *(Group(cause, EACH_CAUSE, cause) for cause in causes if cause != SIMPLE),
    )


def measure(
    encoding: Encoding,
    practice: Practice,
    seed: str,
    who: tuple[Group, ...],
    progress: Callable[[int, int], None],
    by: str | None = None,
) -> dict[str, Seen]:
    """Return what came out for everybody of each group.

    `by` is a question whose answer each is counted among. Raises DisagreementError.
    """
    found: dict[str, Seen] = {}
    done, many = 0, sum(group.people for group in who)
    for group in who:
        made = drawing(encoding, practice, seed, group)
        some = []
        for start in range(0, group.people, _BLOCK):
            places = range(start, min(start + _BLOCK, group.people))
            some.append(seen(encoding, made.drawn(places), group.walked, by))
            progress(done := done + len(places), many)
        found[group.name] = Seen.joined(some)
    return found


def drawing(encoding: Encoding, practice: Practice, seed: str, group: Group) -> Drawing:
    """Return a group, ready to be drawn."""
    return Drawing(
        encoding.catalog,
        practice,
        f"{seed}/{group.cause or 'all'}",
        cause=group.cause,
        unsure=group.unsure,
        thinned=group.thinned,
    )


def seen(encoding: Encoding, people: Crowded, walked: int = 0, by: str | None = None) -> Seen:
    """Return what came out for people side by side; raise DisagreementError."""
    crowd = of_table(encoding.space, people.table, len(people))
    decided = crowd[both((encoding.valid, opposite(encoding.conflict)))]
    plans = shown(encoding, crowd, _minutes(encoding, people))
    _hold(encoding, people, crowd, plans)
    of = {key: crowd[part] for key, part in outcomes(encoding).items()}
    of |= {("shown", item): packed(whose) for item, whose in plans.items()}
    of |= {key: packed(whose) for key, whose in _said(encoding, people, by)}
    meant = {key: who & decided for key, who in of.items()}
    simple = unpacked(meant["cause", SIMPLE], len(people)) if walked else ()
    some = [at for at, one in enumerate(simple) if one and people.places[at] % walked == 0]
    return Seen(decided, meant, [_length(encoding, people, at) for at in some])


def _minutes(encoding: Encoding, people: Crowded) -> Numbers:
    """Return the minutes a day that each has; the least there can be where they are not told."""
    name = encoding.catalog.limits.minutes_question
    asked, column = encoding.catalog.questionnaire.questions[name], people.table.get(name)
    assert isinstance(asked, Number)
    if column is None:
        return np.full(len(people), asked.low)
    return np.where(column.answered, column.values, asked.low)


def _hold(encoding: Encoding, people: Crowded, crowd: Crowd, plans: Mapping[str, Truths]) -> None:
    """Decide for a sample by both engines too, and select what each one's plan shows.

    Raises DisagreementError.
    """
    sample = [at for at, place in enumerate(people.places) if place % _TWICE == 0]
    twice = [raw(people.table, at) for at in sample]
    agree(encoding, crowd, sample, twice, people.places.start)
    for at, answers in zip(sample, twice, strict=True):
        decision = decide(encoding.catalog, answers)
        if decision.failure:
            raise DisagreementError(f"person {people.places[at]}: {decision.failure}")
        unlike = {item for item, whose in plans.items() if whose[at]} ^ selected(decision).keys()
        if unlike:
            told = ", ".join(sorted(unlike))
            raise DisagreementError(f"person {people.places[at]}: the plan shows {told}")


def _said(
    encoding: Encoding, people: Crowded, by: str | None
) -> Iterator[tuple[tuple[str, ...], Truths]]:
    """Yield what figures need of answers, and what people have."""
    for name, column in people.table.items():
        for option in column.options:
            yield ("answers", name, option), column.says(option)
    causes = people.hidden.get(CAUSE) or _everybody(SIMPLE, len(people))
    for cause in causes.options:
        yield (CAUSE, cause), causes.says(cause)
    if by:
        question = encoding.catalog.questionnaire.questions[by]
        for group, whose in bands(question, people.table[by]):
            yield ("among", group), whose


def _everybody(cause: str, people: int) -> Column:
    return Column(np.zeros(people, np.int64), np.ones(people, bool), (cause,))


def _length(encoding: Encoding, people: Crowded, at: int) -> Length:
    catalog = encoding.catalog
    answers = Answers.of(catalog.questionnaire, people.raw(at))
    return length(catalog.questionnaire, catalog.words.interview, answers)
