"""Which persona or example makes each clause of each rule true, false or unknown, and for whom it
decides.

A clause decides for a person where the rule (or the counted part of a score) would come out
otherwise if this clause alone did: once so that the rule fires by it, once so that it stays silent
by it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from lumbar.reading.flow import flow
from lumbar.reading.problems import listed
from lumbar.review.cover.people import Crowd, Person, places
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Answered, Bare, Condition, Unanswered, clauses

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """One clause, the `place`-th of a rule or score, and the people it is true, false and unknown
    of.

    `fires` are those for whom the rule fires, and would not without the clause; `silent` the other
    way round.
    """

    owner: str
    place: int
    condition: Condition
    # the place of the clause in the condition, from 0; a score has a condition for each part it
    # counts
    inside: int
    clause: str
    negated: bool
    never_unknown: bool
    true: Names
    false: Names
    unknown: Names
    fires: Names
    silent: Names

    @property
    def missing(self) -> tuple[str, ...]:
        """The sides on which nobody shows that the clause matters: `fires`, `silent`, both or none."""
        return tuple(
            side for side, who in (("fires", self.fires), ("silent", self.silent)) if not who
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """A side on which a clause decides for nobody, and the example that would show it; None where
    none can be.

    `proved` tells whether that was looked for at all: without Z3 nobody knows.
    """

    covered: Covered
    side: str
    example: Mapping[str, Any] | None = None
    proved: bool = False

    @property
    def open(self) -> bool:
        """Whether an example is missing: one that cannot be is not."""
        return self.example is not None or not self.proved


def coverage(catalog: Catalog, people: Sequence[Person]) -> tuple[Covered, ...]:
    """Return every clause of every rule in force and of every counting score, in catalog order."""
    crowd = Crowd([one.settled for one in people])
    names = [one.name for one in people]
    found = [
        one
        for rules in catalog.by_stage.values()
        for r in rules
        for one in _covered(crowd, names, r.id, r.when)
    ]
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
    crowd: Crowd,
    names: Sequence[str],
    owner: str,
    condition: Condition,
    matters: int | None = None,
    before: int = 0,
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
            condition,
            place,
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
        crowd.joined(condition, iter([*truths[:place], forced, *truths[place + 1 :]]))[0]
        for forced in (always, never)
    ]
    return either[0] ^ either[1]


def _named(names: Sequence[str], mask: int) -> Names:
    return tuple(names[place] for place in places(mask))


def gaps(covered: Sequence[Covered], find: Callable[[Covered, str], Gap] = Gap) -> tuple[Gap, ...]:
    """Return every side of every clause on which it decides for nobody; `find` looks for somebody."""
    return tuple(find(one, side) for one in covered for side in one.missing)


def show(covered: Sequence[Covered], found: Sequence[Gap], people: int, console: Console) -> None:
    """Print how many clauses matter to somebody, and those that do not, with the examples to add."""
    owners = len({one.owner for one in covered})
    decided = len(covered) - len({(gap.covered.owner, gap.covered.place) for gap in found})
    console.print(f"{owners} rules and scores, {len(covered)} clauses, {people} people")
    console.print(
        f"{decided} clauses decide both ways: somebody fires by them, somebody is silent by them"
    )
    _list("Nobody shows that it matters", [gap for gap in found if gap.open], console)
    _list("It cannot matter: proved for everybody", [gap for gap in found if not gap.open], console)
    unknown = [one for one in covered if not one.unknown and not one.never_unknown]
    if unknown:
        console.print(
            f"{len(unknown)} clauses that can be unknown are never seen unknown (this is no fault)"
        )


def _list(title: str, found: Sequence[Gap], console: Console) -> None:
    if found:
        console.print(Text(f"\n{title} ({len(found)})", style="bold"))
    for gap in found:
        console.print(
            Padding(
                Text(f"{gap.covered.owner}, clause {gap.covered.place}: {gap.covered.clause}"),
                (0, 2),
            )
        )
        console.print(Padding(Text(_hint(gap)), (0, 6)))


def _hint(gap: Gap) -> str:
    if not gap.open:
        return (
            "nobody fires by it alone" if gap.side == "fires" else "nobody stays silent by it alone"
        )
    if gap.example is not None:
        return f"add: - {gap.side}: {flow(gap.example)}"
    other = "true" if gap.covered.negated else "false"
    if gap.side == "fires":
        return f"add an example that fires, and would stay silent if this were {other}"
    return f"add an example that stays silent only because this is {other}"


def show_clauses(covered: Sequence[Covered], console: Console) -> None:
    """Print the clauses of one rule or score, each with the people who show it."""
    for one in covered:
        console.print(
            Text(f"\n{one.place}. {'not ' if one.negated else ''}{one.clause}", style="bold")
        )
        for title, who in (
            ("true", one.true), ("false", one.false), ("unknown", one.unknown),
            ("fires by it", one.fires), ("silent by it", one.silent),
        ):  # fmt: skip
            never = "never unknown" if title == "unknown" and one.never_unknown else "nobody"
            console.print(
                Padding(
                    Text(f"{title} ({len(who)}): {listed(_own_first(one.owner, who), 3) or never}"),
                    (0, 3),
                )
            )


def _own_first(owner: str, who: Names) -> list[str]:
    return sorted(who, key=lambda name: not name.endswith(f" of {owner}"))


def to_json(covered: Sequence[Covered], found: Sequence[Gap]) -> str:
    """Return clauses and gaps as JSON."""
    rows = [
        {name: value for name, value in asdict(one).items() if name not in {"condition", "inside"}}
        for one in covered
    ]
    missing = [
        {
            "owner": gap.covered.owner, "place": gap.covered.place, "clause": gap.covered.clause, "side": gap.side,
            "proved_impossible": not gap.open, "example": gap.example,
        }
        for gap in found
    ]  # fmt: skip
    return json.dumps({"clauses": rows, "undecided": missing}, indent=2, ensure_ascii=False)
