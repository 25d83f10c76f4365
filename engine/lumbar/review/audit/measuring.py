"""What the rules do to people: decided for, and their plans filled, side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from lumbar.decision.decide import decide
from lumbar.form.agreement import DisagreementError, agree, outcomes, problem
from lumbar.form.crowd import Crowd
from lumbar.form.encoding import Encoding
from lumbar.form.fitting import shown
from lumbar.form.table import Column, Numbers, Truths, of_table, packed, places
from lumbar.intake.answers import Answers
from lumbar.intake.length import Length, length
from lumbar.plan.fitting import selected
from lumbar.review.audit.seen import SIMPLE, Seen, bands
from lumbar.review.people.crowds import GROUP, Crowds, Drawn
from lumbar.review.people.drawing import CAUSE, Crowded, Drawing
from lumbar.review.people.following import OUTLOOK, Following
from lumbar.review.people.practice import Practice
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.questionnaire import Number

EACH_CAUSE = 1_000  # made cases of each cause by itself
_BLOCK = 32_768  # people decided for at a time: a multiple of 64
_WALKED = 200  # people whose interview is walked through
_TWICE, _LEAST = 100, 50  # one in so many is decided for by both engines too, or so many in all


def made_up(
    catalog: Catalog, practice: Practice, seed: str, people: int, unsure: float
) -> dict[str, Crowds]:
    """Return who is drawn: everybody, half the signs taken away, some unsure, each cause, and those
    with simple back pain when they come again.
    """

    def drawn(many: int, cause: str | None = None, **more: float) -> Drawn:
        named = f"{seed}/{cause or 'all'}"
        return Drawn(Drawing(catalog, practice, named, cause=cause, **more), many)

    causes = tuple(practice.hidden[CAUSE].one_of or {}) if CAUSE in practice.hidden else ()
    return {
        "all": drawn(people),
        "thinned": drawn(people // 4, SIMPLE, thinned=0.5),
        "unsure": drawn(people // 4, unsure=unsure),
        **{cause: drawn(EACH_CAUSE, cause) for cause in causes if cause != SIMPLE},
        **{
            after(visit.days): Drawn(
                Following(catalog, practice, f"{seed}/again", visit.days, SIMPLE), people // 4
            )
            for visit in practice.following
        },
    }


def after(days: int) -> str:
    """Return what the group is called that comes again after so many days."""
    return f"after {days} days"


def measure(
    encoding: Encoding,
    who: Mapping[str, Crowds],
    progress: Callable[[int, int], None],
    by: str = "",
) -> dict[str, Seen]:
    """Return what came out for everybody of each group.

    `by` is a question, or a column that was kept: each is counted among those who say the same.
    Raises DisagreementError.
    """
    found: dict[str, Seen] = {}
    done, many = 0, sum(map(len, who.values()))
    for group, crowd in who.items():
        walked = max(1, len(crowd) // _WALKED) if group == "all" else 0
        every = max(1, min(_TWICE, len(crowd) // _LEAST))
        some = []
        for start in range(0, len(crowd), _BLOCK):
            people = crowd.drawn(range(start, min(start + _BLOCK, len(crowd))))
            some.append(seen(encoding, people, every, walked, by))
            progress(done := done + len(people), many)
        found[group] = Seen.joined(some)
    return found


def seen(
    encoding: Encoding, people: Crowded, every: int = _TWICE, walked: int = 0, by: str = ""
) -> Seen:
    """Return what came out for people side by side.

    One in `every` so many is decided for by both engines too: raises DisagreementError.
    """
    crowd = of_table(encoding.space, people.table, len(people))
    fit = np.ones(len(people), bool)
    fit[list(people.spoiled)] = False
    decided = crowd[encoding.decides] & packed(fit)
    plans = shown(encoding, crowd, _minutes(encoding, people))
    sample = [at for at in places(decided) if people.places[at] % every == 0]
    _hold(encoding, people, crowd, plans, sample)
    of = {key: crowd[part] for key, part in outcomes(encoding).items()}
    of |= {("shown", item): packed(whose) for item, whose in plans.items()}
    of |= {key: packed(whose) for key, whose in _said(encoding, people, by)}
    meant = {key: who & decided for key, who in of.items()}
    simple = places(meant["cause", SIMPLE]) if walked and CAUSE in people.hidden else ()
    return Seen(
        decided,
        meant,
        [_length(encoding, people, at) for at in simple if people.places[at] % walked == 0],
        dict(_left_out(encoding.catalog, people, places(crowd.everybody & ~decided))),
    )


def _left_out(catalog: Catalog, people: Crowded, some: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield by place why nothing is decided for somebody."""
    for at in some:
        yield people.places[at], problem(catalog, people.raw(at))


def _minutes(encoding: Encoding, people: Crowded) -> Numbers:
    """Return the minutes a day that each has; the least there can be where they are not told."""
    name = encoding.catalog.limits.minutes_question
    asked, column = encoding.catalog.questionnaire.questions[name], people.table.get(name)
    assert isinstance(asked, Number)
    if column is None:
        return np.full(len(people), asked.low)
    return np.where(column.answered, column.values, asked.low)


def _hold(
    encoding: Encoding,
    people: Crowded,
    crowd: Crowd,
    plans: Mapping[str, Truths],
    sample: Sequence[int],
) -> None:
    """Decide for a sample by both engines too, and select what each one's plan shows.

    Raises DisagreementError.
    """
    twice = [people.raw(at) for at in sample]
    agree(encoding, crowd, sample, twice, people.places.start)
    for at, answers in zip(sample, twice, strict=True):
        decision = decide(encoding.catalog, answers)
        if decision.failure:
            raise DisagreementError(f"person {people.places[at]}: {decision.failure}")
        unlike = {item for item, whose in plans.items() if whose[at]} ^ selected(decision).keys()
        if unlike:
            told = ", ".join(sorted(unlike))
            raise DisagreementError(f"person {people.places[at]}: the plan shows {told}")


def _said(encoding: Encoding, people: Crowded, by: str) -> Iterator[tuple[tuple[str, ...], Truths]]:
    """Yield what figures need of answers, and what people have."""
    for name, column in people.table.items():
        for option in column.options:
            yield ("answers", name, option), column.says(option)
    for fact in (CAUSE, OUTLOOK):
        if drawn := people.hidden.get(fact):
            for one in drawn.options:
                yield (fact, one), drawn.says(one)
    if by:
        nobody = np.zeros(len(people), np.int64)
        column = people.table.get(by) or people.hidden.get(GROUP) or Column(nobody, nobody > 0)
        for group, whose in bands(encoding.catalog.questionnaire.questions.get(by), column):
            yield ("among", group), whose


def _length(encoding: Encoding, people: Crowded, at: int) -> Length:
    catalog = encoding.catalog
    answers = Answers.of(catalog.questionnaire, people.raw(at))
    return length(catalog.questionnaire, catalog.words.interview, answers)
