"""An audit on a terminal, as Markdown, or as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from lumbar.form.table import Words, count
from lumbar.review.audit import figures as told
from lumbar.review.audit.figures import PLANNED
from lumbar.review.audit.goals import Goals
from lumbar.review.audit.seen import SIMPLE, Seen, share
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import URGENCIES

Rows = list[tuple[str, ...]]  # the head first


def tables(
    catalog: Catalog,
    found: Mapping[str, Seen],
    values: Mapping[str, float],
    goals: Goals,
    by: str = "",
) -> Iterator[tuple[str, Rows]]:
    """Yield what is printed: a title, and rows; last those of people who answer `by` alike."""
    every = found["all"]
    planned = every.urgent(PLANNED)
    yield "What must be reached", list(_goals(values, goals))
    yield "How soon, by cause (of 100)", list(_causes(found))
    yield (
        "Rules that raise the urgency of simple back pain (of 100; alone: nothing else as urgent)",
        list(_rules(catalog, every, every["cause", SIMPLE])),
    )
    yield (
        "Techniques, among planned people who wished the kind (of 100)",
        list(_techniques(catalog, every, planned)),
    )
    who = {"of all": every.everybody, "of planned": planned}
    yield "Items (of 100)", list(_items(catalog, every, who))
    if by:
        yield f"How soon, by {by} (of 100)", list(_urgencies(by, _apart(every, every.groups)))
        yield f"Items, by {by} (of 100)", list(_items(catalog, every, every.groups))


def _goals(values: Mapping[str, float], goals: Goals) -> Iterator[tuple[str, ...]]:
    yield "figure", "now", "goal", ""
    for goal in goals.figures:
        value = values[goal.id]
        wanted = f"≥ {goal.at_least:g}" if goal.at_least is not None else f"≤ {goal.at_most:g}"
        state = "reached" if goal.reached(value) else "held" if goal.kept(value) else "LOST"
        yield goal.says, f"{value:g}", wanted, state


_People = tuple[str, Seen, Words]  # a name, and who of people that were seen


def _causes(found: Mapping[str, Seen]) -> Iterator[tuple[str, ...]]:
    every = found["all"]
    who = {"everybody": every.everybody, SIMPLE: every["cause", SIMPLE]}
    others = [(name, some, some.everybody) for name, some in found.items() if name != "all"]
    return _urgencies("who", [*_apart(every, who), *others])


def _apart(some: Seen, who: Mapping[str, Words]) -> list[_People]:
    return [(name, some, mine) for name, mine in who.items()]


def _urgencies(title: str, who: Sequence[_People]) -> Iterator[tuple[str, ...]]:
    yield title, "people", *URGENCIES
    for name, some, mine in who:
        shares = told.by_urgency(some, mine)
        yield name, str(count(mine)), *(f"{shares[level]:.1f}" for level in URGENCIES)


def _rules(catalog: Catalog, some: Seen, who: Words) -> Iterator[tuple[str, ...]]:
    yield "how soon", "rule", "fires", "alone"
    for urgency, rule, fires, alone in told.urgent_rules(catalog, some, who):
        if fires >= 0.2:
            yield urgency, rule, f"{fires:.1f}", f"{alone:.1f}"


def _techniques(catalog: Catalog, some: Seen, who: Words) -> Iterator[tuple[str, ...]]:
    kinds = told.wished_by(catalog)
    yield "technique", "share", "why not"
    for item, often in told.techniques(catalog, some, who):
        why = told.missing(catalog, some, who & told.wished(some, item, kinds), item)
        lines = (f"{rule} {many}" for rule, many in why.most_common(3))
        yield item, f"{often:.0f}", ", ".join(lines)


def _items(catalog: Catalog, some: Seen, who: Mapping[str, Words]) -> Iterator[tuple[str, ...]]:
    yield "item", *who
    for item in catalog.items:
        yield item, *(f"{share(some['shown', item], mine):.1f}" for mine in who.values())


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
