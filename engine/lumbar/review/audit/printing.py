"""An audit on a terminal, as Markdown, or as JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from lumbar.form.table import Words, count
from lumbar.review.audit import figures as told
from lumbar.review.audit.figures import PLANNED
from lumbar.review.audit.goals import Goal, Goals
from lumbar.review.audit.seen import SIMPLE, Seen, share
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import URGENCIES

_MOST_NAMED = 20  # people who are left out for one reason

Rows = list[tuple[str, ...]]  # the head first


Titled = tuple[str, Rows]  # its title first


def not_counted(left_out: Mapping[str, str], people: int) -> Iterator[Titled]:
    """Yield who of so many people is left out, by the reason: `left_out` is by name."""
    if left_out:
        whose: dict[str, list[str]] = {}
        for name, why in left_out.items():
            whose.setdefault(why, []).append(name)
        rows = [(why, str(len(names)), _some(names)) for why, names in whose.items()]
        title = f"Left out: {len(left_out):,} of {people:,}"
        yield title, [("why", "people", "who"), *rows]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def against(values: Mapping[str, float], goals: Goals, held: bool) -> Iterator[Titled]:
    """Yield each figure beside its goal; where people are those that figures are `held` on, also
    whether it is. Then the figures that nobody can tell of people whose cause nobody knows.
    """
    rows = [_goal(goal, values[goal.id], held) for goal in goals.figures if goal.id in values]
    yield "What must be reached", [("figure", "now", "goal", ""), *rows]
    unknown = [(goal.says,) for goal in goals.figures if goal.id not in values]
    if unknown:
        title = "Not told: what people have is known of made-up people alone"
        yield title, [("figure",), *unknown]


def _goal(goal: Goal, value: float, held: bool) -> tuple[str, ...]:
    wanted = f"≥ {goal.at_least:g}" if goal.at_least is not None else f"≤ {goal.at_most:g}"
    state = "reached" if goal.reached(value) else "not reached"
    if held and not goal.reached(value):
        state = "held" if goal.kept(value) else "LOST"
    return goal.says, f"{value:g}", wanted, state


def tables(catalog: Catalog, found: Mapping[str, Seen], by: str = "") -> Iterator[Titled]:
    """Yield what is printed beside figures; last those of people who say the same of `by`."""
    every = found["all"]
    planned, known = every.urgent(PLANNED), ("cause", SIMPLE) in every.of
    yield f"How soon{', by cause' if known else ''} (of 100)", list(_causes(found))
    whose = "the urgency of simple back pain" if known else "urgency"
    yield (
        f"Rules that raise {whose} (of 100; alone: nothing else as urgent)",
        list(_rules(catalog, every, every["cause", SIMPLE] if known else every.everybody)),
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


_People = tuple[str, Seen, Words]  # a name, and who of people that were seen


def _causes(found: Mapping[str, Seen]) -> Iterator[tuple[str, ...]]:
    every = found["all"]
    who = {"everybody": every.everybody}
    if ("cause", SIMPLE) in every.of:
        who[SIMPLE] = every["cause", SIMPLE]
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


def show(made: Iterable[Titled], console: Console) -> None:
    """Print tables on a terminal."""
    for title, (head, *rows) in made:
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for place, name in enumerate(head):
            number = place and name not in {"rule", "why", "why not", "who", ""}
            table.add_column(name, justify="right" if number else "left")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print()


def markdown(made: Iterable[Titled]) -> str:
    """Return tables as Markdown."""
    lines: list[str] = []
    for title, (head, *rows) in made:
        lines += [f"## {title}", "", _row(head), _row(["---"] * len(head)), *map(_row, rows), ""]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_json(
    made: Iterable[Titled], values: Mapping[str, float], left_out: Mapping[str, str]
) -> str:
    """Return figures and tables as JSON, and why each of those `left_out` is."""
    parts: dict[str, Any] = {
        title: [dict(zip(head, row, strict=True)) for row in rows] for title, (head, *rows) in made
    }
    return json.dumps(
        {"figures": values, "left_out": left_out, "tables": parts}, indent=2, ensure_ascii=False
    )
