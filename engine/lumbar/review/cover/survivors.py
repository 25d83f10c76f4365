"""What became of the mutants, on a terminal and as JSON; survivors ready to become an example or a
persona.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lumbar.decision.decide import by_reference
from lumbar.reading.flow import flow
from lumbar.review.cover.mutation import Status, Tried
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import Rule

_COLUMNS: tuple[Status, ...] = ("noticed", "equivalent", "survived", "undecided")


def score(tried: Sequence[Tried]) -> float:
    """Return the share in a hundred of mutants that are noticed, of those that change anything for
    anybody.
    """
    real = [one for one in tried if one.status != "equivalent"]
    return 100 * sum(one.status == "noticed" for one in real) / len(real) if real else 100.0


def survivors(tried: Sequence[Tried]) -> tuple[Tried, ...]:
    """Return the mutants that nobody notices and that are not proved equivalent."""
    return tuple(one for one in tried if one.status in {"survived", "undecided"})


def show(catalog: Catalog, tried: Sequence[Tried], console: Console, every: bool = False) -> None:
    """Print the table of mutants by kind, who noticed, the survivors, and with `every` each mutant."""
    table = Table("fault", "tried", *_COLUMNS, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, many in Counter(one.mutant.kind for one in tried).items():
        statuses = Counter(one.status for one in tried if one.mutant.kind == kind)
        table.add_row(kind, str(many), *(str(statuses[status]) for status in _COLUMNS))
    total = Counter(one.status for one in tried)
    table.add_row(
        "all", str(len(tried)), *(str(total[status]) for status in _COLUMNS), style="bold"
    )
    console.print(table)
    by = Counter(one.by.split()[0] for one in tried if one.by)
    console.print(
        f"noticed first by: {', '.join(f'{who} {many}' for who, many in by.most_common()) or 'nobody'}"
    )
    console.print(
        f"mutation score: {score(tried):.1f} in 100 (equivalent ones, proved, are left out)"
    )
    if every:
        _each(tried, console)
    left = survivors(tried)
    if left:
        console.print(Text(f"\nNobody notices ({len(left)})", style="bold"))
    for one in left:
        console.print(Padding(Text(str(one.mutant)), (0, 2)))
        console.print(Padding(Text(ready(catalog, one)), (0, 6)))


def _each(tried: Sequence[Tried], console: Console) -> None:
    console.print(Text("\nEach fault", style="bold"))
    for one in tried:
        console.print(Padding(Text(f"{one.mutant.kind}: {one.mutant.change}"), (0, 2)))
        console.print(Padding(Text(f"noticed by {one.by}" if one.by else one.status), (0, 6)))


def ready(catalog: Catalog, tried: Tried) -> str:
    """Return the example of the rule, or the persona, that would notice a survivor."""
    if tried.answers is None:
        return (
            "not settled: Z3 gave up"
            if tried.status == "undecided"
            else "proofs need Z3: is it installed?"
        )
    over = catalog.questionnaire.unlike_example(tried.answers)
    part = tried.mutant.part
    if isinstance(part, Rule) and part.when != catalog.rules[part.id].when:
        fires = _fires(catalog, part.id, tried.answers)
        return f"differs for this person; example: - {'fires' if fires else 'silent'}: {flow(over)}"
    if isinstance(part, Rule):
        return f"differs for this person; say what the rule gives: - fires: {flow(over)}"
    return f"differs for this person; persona: answers: {flow(over)}"


def _fires(catalog: Catalog, rule: str, answers: Mapping[str, Any]) -> bool:
    return rule in by_reference(catalog, answers).fired


def to_json(tried: Sequence[Tried]) -> str:
    """Return every mutant and what became of it as JSON."""
    rows = [
        {
            "owner": one.mutant.owner, "kind": one.mutant.kind, "change": one.mutant.change, "status": one.status,
            "by": one.by, "answers": one.answers,
        }
        for one in tried
    ]  # fmt: skip
    return json.dumps(
        {"score": round(score(tried), 2), "mutants": rows}, indent=2, ensure_ascii=False
    )
