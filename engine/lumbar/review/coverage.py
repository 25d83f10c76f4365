"""Which persona or example makes each clause of each rule true, false or unknown, and for whom it decides.

A clause decides for a person where the rule (or the counted part of a score) would come out otherwise if this clause
alone did: once so that the rule fires by it, once so that it stays silent by it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lumbar.catalog import Catalog
from lumbar.conditions import Answered, Bare, Condition, Unanswered, clauses
from lumbar.review.people import Crowd, Person, places

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """One clause, the `place`-th of a rule or score, and the people it is true, false and unknown of.

    `fires` are those for whom the rule fires, and would not without the clause; `silent` the other way round.
    """

    owner: str
    place: int
    clause: str
    negated: bool
    never_unknown: bool
    true: Names
    false: Names
    unknown: Names
    fires: Names
    silent: Names

    @property
    def hint(self) -> str:
        """What example is missing; empty where none is."""
        without = "false" if not self.negated else "true"
        missing = []
        if not self.fires:
            missing.append(f"one that fires, and would stay silent if this were {without}")
        if not self.silent:
            missing.append(f"one that stays silent only because this is {without}")
        return f"add an example: {'; and '.join(missing)}" if missing else ""


def coverage(catalog: Catalog, people: Sequence[Person]) -> tuple[Covered, ...]:
    """Return every clause of every rule in force and of every counting score, in catalog order."""
    crowd = Crowd([one.settled for one in people])
    names = [one.name for one in people]
    found = [one for rules in catalog.by_stage.values() for r in rules for one in _covered(crowd, names, r.id, r.when)]
    for score in catalog.questionnaire.scores:
        known = _known(crowd, score.id)
        place = 0
        for part in score.count:
            covered = tuple(_covered(crowd, names, score.id, part, known, place))
            place += len(covered)
            found += covered
    return tuple(found)


def _known(crowd: Crowd, score: str) -> int:
    """Return whom a score is known of: nothing that it counts matters to others."""
    return crowd.clause(Answered(score))[0]


def _covered(
    crowd: Crowd, names: Sequence[str], owner: str, condition: Condition, matters: int | None = None, before: int = 0
) -> Iterator[Covered]:
    who = crowd.everybody if matters is None else matters
    truths = [crowd.clause(clause) for clause, _ in clauses(condition)]
    fires = crowd.joined(condition, iter(truths))[0]
    for place, (clause, negated) in enumerate(clauses(condition)):
        true, false = truths[place]
        decides = _decides(crowd, condition, truths, place) & who
        yield Covered(
            owner,
            before + place + 1,
            str(clause),
            negated,
            isinstance(clause, (Bare, Answered, Unanswered)),
            _named(names, true),
            _named(names, false),
            _named(names, crowd.everybody & ~true & ~false),
            _named(names, decides & fires),
            _named(names, decides & ~fires & (true | false)),
        )


def _decides(crowd: Crowd, condition: Condition, truths: list[tuple[int, int]], place: int) -> int:
    """Return for whom the condition would be true with this clause one way and not the other way."""
    always, never = (crowd.everybody, 0), (0, crowd.everybody)
    either = [
        crowd.joined(condition, iter([*truths[:place], forced, *truths[place + 1 :]]))[0] for forced in (always, never)
    ]
    return either[0] ^ either[1]


def _named(names: Sequence[str], mask: int) -> Names:
    return tuple(names[place] for place in places(mask))


def undecided(covered: Sequence[Covered]) -> tuple[Covered, ...]:
    """Return the clauses that nobody shows to matter in both ways."""
    return tuple(one for one in covered if one.hint)
