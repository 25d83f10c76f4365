"""An audit on a terminal, as Markdown, or as JSON."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from lumbar.review.audit import figures as told
from lumbar.review.audit.figures import PLANNED, Goals
from lumbar.review.audit.seen import SIMPLE, Seen, bands
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import URGENCIES

Rows = list[tuple[str, ...]]  # the head first


def tables(
    catalog: Catalog,
    found: Mapping[str, Sequence[Seen]],
    values: Mapping[str, float],
    goals: Goals,
    by: str | None = None,
) -> Iterator[tuple[str, Rows]]:
    """Yield what is printed: a title, and rows; last those of people who answer `by` alike."""
    yield "What must be reached", list(_goals(values, goals))
    yield "How soon, by cause (of 100)", list(_causes(found))
    simple = [one for one in found["all"] if one.cause == SIMPLE]
    title = (
        "Rules that raise the urgency of simple back pain (of 100; alone: nothing else as urgent)"
    )
    yield title, list(_rules(simple))
    planned = [one for one in found["all"] if one.urgency in PLANNED]
    yield (
        "Techniques, among planned people who wished the kind (of 100)",
        list(_techniques(catalog, planned)),
    )
    yield "Items (of 100)", list(_items(catalog, {"of all": found["all"], "of planned": planned}))
    if by:
        alike = {one: [p for p in found["all"] if p.among == one] for one in bands(catalog, by)}
        alike = {one: people for one, people in alike.items() if people}
        yield f"How soon, by {by} (of 100)", list(_urgencies(by, alike))
        yield f"Items, by {by} (of 100)", list(_items(catalog, alike))


def _goals(values: Mapping[str, float], goals: Goals) -> Iterator[tuple[str, ...]]:
    yield "figure", "now", "goal", ""
    for goal in goals.figures:
        value = values[goal.id]
        wanted = f"≥ {goal.at_least:g}" if goal.at_least is not None else f"≤ {goal.at_most:g}"
        state = "reached" if goal.reached(value) else "held" if goal.kept(value) else "LOST"
        yield goal.says, f"{value:g}", wanted, state


def _causes(found: Mapping[str, Sequence[Seen]]) -> Iterator[tuple[str, ...]]:
    simple = [one for one in found["all"] if one.cause == SIMPLE]
    others = {name: people for name, people in found.items() if name != "all"}
    return _urgencies("who", {"everybody": found["all"], SIMPLE: simple, **others})


def _urgencies(title: str, who: Mapping[str, Sequence[Seen]]) -> Iterator[tuple[str, ...]]:
    yield title, "people", *URGENCIES
    for name, people in who.items():
        shares = told.by_urgency(people)
        yield name, str(len(people)), *(f"{shares[level]:.1f}" for level in URGENCIES)


def _rules(people: Sequence[Seen]) -> Iterator[tuple[str, ...]]:
    yield "how soon", "rule", "fires", "alone"
    for urgency, rule, fires, alone in told.urgent_rules(people):
        if fires >= 0.2:
            yield urgency, rule, f"{fires:.1f}", f"{alone:.1f}"


def _techniques(catalog: Catalog, people: Sequence[Seen]) -> Iterator[tuple[str, ...]]:
    kinds = told.wished_by(catalog)
    yield "technique", "share", "why not"
    for item, share in told.techniques(catalog, people):
        wished = [one for one in people if set(one.wishes.get("massage_wish", ())) & kinds[item]]
        why = told.missing(wished, item).most_common(3)
        yield item, f"{share:.0f}", ", ".join(f"{rule} {count}" for rule, count in why)


def _items(catalog: Catalog, who: Mapping[str, Sequence[Seen]]) -> Iterator[tuple[str, ...]]:
    yield "item", *who
    shown = [Counter(item for one in people for item in one.shown) for people in who.values()]
    many = [len(people) or 1 for people in who.values()]
    for item in catalog.items:
        shares = (100 * some[item] / whole for some, whole in zip(shown, many, strict=True))
        yield item, *(f"{share:.1f}" for share in shares)


def show(made: Iterator[tuple[str, Rows]], console: Console) -> None:
    """Print tables on a terminal."""
    for title, (head, *rows) in made:
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for place, name in enumerate(head):
            number = place and name not in {"rule", "why not", ""}
            table.add_column(name, justify="right" if number else "left")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print()


def markdown(made: Iterator[tuple[str, Rows]]) -> str:
    """Return tables as Markdown."""
    lines: list[str] = []
    for title, (head, *rows) in made:
        lines += [f"## {title}", "", _row(head), _row(["---"] * len(head)), *map(_row, rows), ""]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_json(made: Iterator[tuple[str, Rows]], values: Mapping[str, float]) -> str:
    """Return figures and tables as JSON."""
    parts: dict[str, Any] = {
        title: [dict(zip(head, row, strict=True)) for row in rows] for title, (head, *rows) in made
    }
    return json.dumps({"figures": values, "tables": parts}, indent=2, ensure_ascii=False)
