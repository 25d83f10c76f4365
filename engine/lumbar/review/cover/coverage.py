"""Which persona or example makes each clause of each rule true, false or unknown, and decides by
it.

A clause decides for a person where the rule (or the counted part of a score) would come out
otherwise if this clause alone did: once so that the rule fires by it, once so that it stays silent
by it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from lumbar.decision.variants import places
from lumbar.reading.flow import flow
from lumbar.reading.problems import listed
from lumbar.review.cover.mutants import EVER, NEVER, put
from lumbar.review.cover.people import Person, Truths, truths
from lumbar.review.words import Paragraphs, counted, print_paragraphs
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Answered, Bare, Condition, Unanswered, clauses

Names = tuple[str, ...]
Side = Literal["fires", "silent"]


@dataclass(frozen=True, slots=True)
class Covered:
    """One clause, the `place`-th of a rule or score, and whom it is true, false and unknown of.

    `fires` are those for whom the rule fires, and would not without the clause; `silent` the other
    way round.
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
    def missing(self) -> tuple[Side, ...]:
        """The sides on which nobody shows that the clause matters."""
        return tuple(side for side in get_args(Side) if not getattr(self, side))

    def gap(
        self, side: Side, example: Mapping[str, Any] | None = None, impossible: bool = False
    ) -> "Gap":
        """Return one of the sides that are missing, with what is known of it."""
        return Gap(self.owner, self.place, self.clause, side, impossible, example, self.negated)


@dataclass(frozen=True, slots=True)
class Gap:
    """A side on which a clause decides for nobody, and the example that would show it, if known.

    That there can be none is proved, or not looked for: without Z3 nobody knows.
    """

    owner: str
    place: int
    clause: str
    side: Side
    proved_impossible: bool
    example: Mapping[str, Any] | None
    negated: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every clause, and every side on which one is undecided."""

    clauses: tuple[Covered, ...]
    undecided: tuple[Gap, ...]

    @property
    def open(self) -> tuple[Gap, ...]:
        """The sides for which an example is missing, and can be given for all that is known."""
        return tuple(gap for gap in self.undecided if not gap.proved_impossible)

    def to_json(self) -> str:
        """Return clauses and gaps as JSON."""
        return TypeAdapter(Coverage).dump_json(self, indent=2).decode()


def coverage(
    catalog: Catalog,
    people: Sequence[Person],
    owner: str | None = None,
    find: Callable[[Covered, Side], Gap] = Covered.gap,
) -> Coverage:
    """Return every clause of every rule in force and of every counting score, or those of one.

    `find` looks for somebody for whom a clause decides.
    """
    truth = truths(catalog, people)
    names = [one.name for one in people]
    found = tuple(
        one
        for name, conditions in owned(catalog).items()
        if owner in {None, name}
        for one in covered(truth, names, name, conditions)
    )
    return Coverage(found, tuple(find(one, side) for one in found for side in one.missing))


def owned(catalog: Catalog) -> dict[str, tuple[Condition, ...]]:
    """Return the conditions of every rule in force and of every score."""
    rules = {rule.id: (rule.when,) for rule in catalog.in_force}
    return {**rules, **{score.id: score.count for score in catalog.questionnaire.scores}}


def covered(
    truth: Callable[[Condition], Truths],
    names: Sequence[str],
    owner: str,
    conditions: Sequence[Condition],
) -> Iterator[Covered]:
    """Yield the clauses of a rule's condition, or of those that a score counts."""
    place, everybody = 0, (1 << len(names)) - 1
    for condition in conditions:
        fires, _ = truth(condition)
        for inside, (clause, negated) in enumerate(clauses(condition)):
            place += 1
            true, false = truth(clause)
            with_it, without = (truth(put(condition, inside, one))[0] for one in (EVER, NEVER))
            decides = with_it ^ without
            never_unknown = isinstance(clause, (Bare, Answered, Unanswered))
            told = true, false, ~true & ~false, decides & fires, decides & ~fires & (true | false)
            who = (_named(names, mask & everybody) for mask in told)
            yield Covered(owner, place, str(clause), negated, never_unknown, *who)


def _named(names: Sequence[str], mask: int) -> Names:
    return tuple(names[place] for place in places(mask))


def print_coverage(found: Coverage, people: int, console: Console) -> None:
    """Print how many clauses matter to somebody, and the others with the examples to add."""
    print_paragraphs(_told(found, people), console)


def _told(found: Coverage, people: int) -> Paragraphs:
    owners = len({one.owner for one in found.clauses})
    decided = len(found.clauses) - len({(gap.owner, gap.place) for gap in found.undecided})
    of = counted(owners, "rule or score", "rules and scores")
    tried = counted(people, "person", "people")
    yield 0, f"{of}, {counted(len(found.clauses), 'clause')}, {tried}"
    both = "somebody fires by it, somebody is silent by it"
    yield 0, f"{counted(decided, 'clause')} decided both ways: {both}"
    idle = tuple(gap for gap in found.undecided if gap.proved_impossible)
    yield from _gaps("Nobody shows that it matters", found.open)
    yield from _gaps("It cannot matter: proved for everybody", idle)
    known = [one for one in found.clauses if not one.unknown and not one.never_unknown]
    if known:
        what = f"{counted(len(known), 'clause')} that can be unknown"
        yield 0, f"{what}, but never seen unknown (this is no fault)"


def _gaps(title: str, found: Sequence[Gap]) -> Paragraphs:
    if found:
        yield 0, Text(f"\n{title} ({len(found)})", style="bold")
    for gap in found:
        yield 2, f"{gap.owner}, clause {gap.place}: {gap.clause}"
        yield 6, _hint(gap)


def _hint(gap: Gap) -> str:
    if gap.proved_impossible:
        return f"nobody {'fires' if gap.side == 'fires' else 'stays silent'} by it alone"
    if gap.example is not None:
        return f"add: - {gap.side}: {flow(gap.example)}"
    other = "true" if gap.negated else "false"
    if gap.side == "fires":
        return f"add an example that fires, and would stay silent if this were {other}"
    return f"add an example that stays silent only because this is {other}"


def print_clauses(found: Coverage, console: Console) -> None:
    """Print the clauses of one rule or score, each with the people who show it."""
    print_paragraphs((line for one in found.clauses for line in _clause(one)), console)


def _clause(one: Covered) -> Paragraphs:
    yield 0, Text(f"\n{one.place}. {'not ' if one.negated else ''}{one.clause}", style="bold")
    told = {"true": one.true, "false": one.false, "unknown": one.unknown}
    told |= {"fires by it": one.fires, "silent by it": one.silent}
    for title, who in told.items():
        nobody = "never unknown" if title == "unknown" and one.never_unknown else "nobody"
        own_first = sorted(who, key=lambda name: not name.endswith(f" of {one.owner}"))
        yield 3, f"{title} ({len(who)}): {listed(own_first, 3) or nobody}"
