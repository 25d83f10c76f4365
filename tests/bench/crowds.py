"""What made-up people cost: drawn, decided for by the formulas, and in whole commands."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from plans import LUMBAR
from rich.console import Console
from rich.table import Table
from timing import Goal, Started, at_most, cpu, started, starts_table

from lumbar import Catalog
from lumbar.decision.decide import by_reference
from lumbar.form.agreement import outcomes
from lumbar.form.encoding import Encoding
from lumbar.form.table import of_table
from lumbar.reading.paths import data_root
from lumbar.review.people.drawing import Crowded, Drawing
from lumbar.review.people.practice import read

BLOCK = 65_536  # made-up people drawn and decided for at once
ONE_BY_ONE = 500  # of them, decided for by the reference engine
AUDITED, TOUCHED = 100_000, 1_000_000
AUDIT, IMPACT = f"lumbar audit, {AUDITED:,} people", f"lumbar impact, {TOUCHED:,} people"
A_CHANGE = "chronic_after_days, value: 84", "chronic_after_days, value: 98"


def formulas(catalog: Catalog, _seed: int, console: Console) -> Iterator[Goal]:
    """Time one block of people as `lumbar impact --people N` takes them, beside the reference."""
    practice, encoding = read(catalog, data_root()), Encoding(catalog)
    assert practice is not None
    drawing = Drawing(catalog, practice, "bench")
    drawing.drawn(range(1))
    drawn, block = cpu(lambda: drawing.drawn(range(BLOCK)))
    outcomes(encoding)
    by_formulas, _ = cpu(lambda: _decide_all(encoding, block))
    some = [block.raw(place) for place in range(ONE_BY_ONE)]
    one_by_one, _ = cpu(lambda: [by_reference(catalog, one) for one in some])
    seconds = {"drawn": drawn, "decided for by the formulas": by_formulas}
    table = Table(
        "made-up people", "a second of CPU", title=f"{BLOCK:,} at once", title_justify="left"
    )
    for name, took in seconds.items():
        table.add_row(name, f"{BLOCK / took:,.0f}")
    table.add_row("decided for one by one, by the reference", f"{ONE_BY_ONE / one_by_one:,.0f}")
    console.print(table)
    yield at_most("the rules for a million people", 5, by_formulas * 1e6 / BLOCK, "s")


def _decide_all(encoding: Encoding, block: Crowded) -> None:
    crowd = of_table(encoding.space, block.table, BLOCK)
    for one in outcomes(encoding).values():
        crowd[one]


def commands(_catalog: Catalog, _seed: int, console: Console) -> Iterator[Goal]:
    """Measure an audit, and the impact of a threshold that is moved, as whole commands."""
    shipped = data_root()
    with tempfile.TemporaryDirectory() as folder:
        for part in ("rules", "content"):
            shutil.copytree(shipped / part, Path(folder) / part)
        _change(Path(folder) / "rules" / "thresholds.yaml")
        found = {
            AUDIT: started([LUMBAR, "audit", "--people", AUDITED]),
            IMPACT: started([LUMBAR, "impact", shipped, folder, "--people", TOUCHED]),
        }
    console.print(starts_table(found, "Crowds, whole commands"))
    yield from _limits(AUDIT, found[AUDIT])
    yield from _limits(IMPACT, found[IMPACT])


def _limits(name: str, one: Started) -> Iterator[Goal]:
    yield at_most(name, 60, one.seconds, "s")
    yield at_most(f"{name}, memory", 1000, one.mib, "MiB")


def _change(thresholds: Path) -> None:
    text = thresholds.read_text(encoding="utf-8")
    assert A_CHANGE[0] in text, "the threshold that the bench moves is no longer there"
    thresholds.write_text(text.replace(*A_CHANGE), encoding="utf-8")
