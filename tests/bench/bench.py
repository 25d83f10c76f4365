"""What Lumbar costs, beside other engines with the same rules and beside the figures it must reach.

Run by `make bench`. All times are seconds of the CPU: what else the machine does is not counted,
and what is compared takes turns. Ends with 1 where engines disagree, or a figure is not reached.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import crowds
import engines
import plans
from rich.console import Console
from rich.table import Table
from soak import at_least_one, goals, show, soak
from timing import Goal

from lumbar import Catalog, load
from lumbar.engines import durable

SOAK = 20_000  # people; `make soak` asks a million

Part = Callable[[Catalog, int, Console], Iterator[Goal]]
PARTS: dict[str, Part] = {
    "cold": plans.cold,
    "warm": plans.warm,
    "engines": engines.beside_others,
    "growth": engines.with_many_rules,
    "formulas": crowds.formulas,
    "commands": crowds.commands,
}


def soaked(people: int, _catalog: Catalog, seed: int, console: Console) -> Iterator[Goal]:
    """Soak a part of the people of `make soak`."""
    found = soak(people, seed, console)
    show(found, console)
    yield from goals(found)


def goals_table(found: Sequence[Goal]) -> Table:
    """Return the figures that must be reached, beside those measured."""
    table = Table(
        "what",
        "must reach",
        "measured",
        "reached",
        title="Figures that must be reached",
        title_justify="left",
    )
    for one in found:
        reached = "[green]yes[/]" if one.reached else "[bold red]no[/]"
        table.add_row(one.what, one.must, one.measured, reached)
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure Lumbar beside other rule engines.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only {', '.join(PARTS)}, soak")
    parser.add_argument("--soak", type=at_least_one, default=SOAK, metavar="N", help="how many")
    parser.add_argument("--seed", type=int, default=1, help="another number gives other people")
    wanted = parser.parse_args()
    if not durable.available():
        raise SystemExit("bench: durable-rules does not load here, so nothing can be compared")
    parts = PARTS | {"soak": partial(soaked, wanted.soak)}
    if unknown := {*wanted.parts} - parts.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    console, catalog, found = Console(), load(), []
    for name, part in parts.items():
        if not wanted.parts or name in wanted.parts:
            with console.status(name):
                found += list(part(catalog, wanted.seed, console))
    console.print(goals_table(found))
    return 0 if all(one.reached for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
