"""What became of the mutants, on a terminal and as JSON; survivors ready to become an example."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lumbar.decision.decide import by_reference
from lumbar.intake.answers import Answers
from lumbar.reading.flow import flow
from lumbar.review.cover.mutation import Status, Tried
from lumbar.review.words import Paragraphs, print_paragraphs
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import Rule


def score(tried: Sequence[Tried]) -> float:
    """Return how many in 100 mutants are noticed, of those that change anything for anybody."""
    real = [one for one in tried if one.status != "equivalent"]
    return 100 * sum(one.status == "noticed" for one in real) / len(real) if real else 100.0


def survivors(tried: Sequence[Tried]) -> tuple[Tried, ...]:
    """Return the mutants that nobody notices and that are not proved equivalent."""
    return tuple(one for one in tried if one.status in {"survived", "undecided"})


def print_mutants(
    catalog: Catalog, tried: Sequence[Tried], console: Console, every: bool = False
) -> None:
    """Print the mutants by kind, who noticed, the survivors, and with `every` each mutant."""
    print_paragraphs(_told(catalog, tried, every), console)


def _told(catalog: Catalog, tried: Sequence[Tried], every: bool) -> Paragraphs:
    yield 0, _by_kind(tried)
    by = Counter(one.by.split()[0] for one in tried if one.by)
    first = ", ".join(f"{who} {many}" for who, many in by.most_common()) or "nobody"
    yield 0, f"noticed first by: {first}"
    left_out = "equivalent ones, proved, are left out"
    yield 0, f"mutation score: {score(tried):.1f} in 100 ({left_out})"
    if every:
        yield 0, Text("\nEach mutant", style="bold")
        for one in tried:
            yield 2, f"{one.kind}: {one.change}"
            yield 6, f"noticed by {one.by}" if one.by else one.status
    if left := survivors(tried):
        yield 0, Text(f"\nNobody notices ({len(left)})", style="bold")
        for one in left:
            yield 2, str(one)
            yield 6, ready(catalog, one)


def _by_kind(tried: Sequence[Tried]) -> Table:
    table = Table("mistake", "tried", *get_args(Status), box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for kind in (*dict.fromkeys(one.kind for one in tried), "all"):
        statuses = Counter(one.status for one in tried if kind in {one.kind, "all"})
        numbers = (statuses.total(), *(statuses[status] for status in get_args(Status)))
        table.add_row(kind, *map(str, numbers), style="bold" if kind == "all" else "")
    return table


def ready(catalog: Catalog, tried: Tried) -> str:
    """Return the example of the rule, or the persona, that would notice a survivor."""
    if tried.status == "undecided":
        return "not settled: Z3 gave up"
    if tried.answers is None:
        return "proofs need Z3: is it installed?"
    part, over = tried.part, flow(catalog.questionnaire.unlike_example(tried.answers))
    if not isinstance(part, Rule):
        return f"differs for this person; persona: answers: {over}"
    if part.when == catalog.rules[part.id].when:
        return f"differs for this person; say what the rule gives: - fires: {over}"
    fired = by_reference(catalog, Answers.of(catalog.questionnaire, tried.answers)).fired
    side = "fires" if part.id in fired else "silent"
    return f"differs for this person; example: - {side}: {over}"


@dataclass(frozen=True)
class _Told:
    score: float
    mutants: Sequence[Tried]


def to_json(tried: Sequence[Tried]) -> str:
    """Return every mutant and what became of it as JSON."""
    told = _Told(round(score(tried), 2), tried)
    return (
        TypeAdapter(_Told)
        .dump_json(told, indent=2, exclude={"mutants": {"__all__": {"part"}}})
        .decode()
    )
