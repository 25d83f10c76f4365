"""A million random people, decided for by the reference engine and by the formulas: all that comes
out must be the same. Some go through the whole of `decide`, and so through the live engine too: it
must agree, never fail, and use no more memory.

Run by `make soak`, and for a few at the end of `make bench`. The work is split over two processes;
the same seed gives the same people. Ends with 1 where anything disagreed or failed, or where memory
grew too much.
"""

import argparse
import gc
import os
import resource
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from operator import or_
from pathlib import Path
from time import monotonic, process_time
from typing import Any

from people import people
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from timing import Goal, peak_mib

from lumbar import Catalog, decide, load
from lumbar.decision.decide import Decision, by_reference
from lumbar.decision.variants import places
from lumbar.form.agreement import Key, decided, outcomes
from lumbar.form.crowd import of_people
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import FALSE, opposite
from lumbar.intake.answers import Answers
from lumbar.intake.answers_file import dump

PEOPLE = 1_000_000
PARTS = 2
CROWD = 500  # so many people are decided for by the formulas at once
WHOLE_EVERY = 10  # every so many people go through the whole of `decide` as well
TOLD = 20  # so many times the progress is told where there is no terminal
KEEP = 3  # so many faults of a part are shown with their answers
GROWTH_MB = 20


@dataclass
class Part:
    """How far one process is, what went wrong in it, its memory in MB after a tenth of the work and
    now, and its seconds of the CPU.
    """

    done: int = 0
    disagreements: int = 0
    crashes: int = 0
    early_mb: float = 0.0
    now_mb: float = 0.0
    cpu: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def grown_mb(self) -> float:
        return self.now_mb - self.early_mb if self.early_mb else 0.0


@dataclass(frozen=True)
class Soak:
    """The parts together; of memory, those of the part that grew most."""

    parts: tuple[Part, ...]
    wanted: int
    seconds: float

    @property
    def done(self) -> int:
        return sum(part.done for part in self.parts)

    @property
    def disagreements(self) -> int:
        return sum(part.disagreements for part in self.parts)

    @property
    def crashes(self) -> int:
        """Failures of an engine, and processes that died before their work was done."""
        return sum(part.crashes for part in self.parts) + (self.done < self.wanted)

    @property
    def cpu(self) -> float:
        return sum(part.cpu for part in self.parts)

    @property
    def worst(self) -> Part:
        return max(self.parts, key=lambda part: part.grown_mb)


def soak(wanted: int, seed: int, console: Console) -> Soak:
    """Decide for so many people in several processes, and tell the progress."""
    context = get_context("spawn")
    started = monotonic()
    parts, open_, processes = [Part() for _ in range(PARTS)], {}, []
    for place in range(PARTS):
        here, there = context.Pipe(duplex=False)
        share = wanted // PARTS + (place < wanted % PARTS)
        processes.append(
            context.Process(target=_run, args=(there, share, f"{seed}-{place}"), daemon=True)
        )
        processes[-1].start()
        there.close()
        open_[here] = place
    with _progress(console) as progress:
        task, told = progress.add_task("random people", total=wanted), 0
        for place, part in _reports(open_):
            parts[place] = part
            done = sum(one.done for one in parts)
            progress.update(task, completed=done)
            if not console.is_terminal and done * TOLD // wanted > told:
                told = done * TOLD // wanted
                wrong = sum(one.disagreements + one.crashes for one in parts)
                took = f"{monotonic() - started:,.0f} s"
                console.print(f"{done:,} of {wanted:,} people, {wrong} wrong, {took}")
    for process in processes:
        process.join()
    return Soak(tuple(parts), wanted, monotonic() - started)


def _reports(open_: dict[Connection, int]) -> Iterator[tuple[int, Part]]:
    """Yield what the processes report until each has ended, in whichever way."""
    while open_:
        for connection in wait(list(open_)):
            assert isinstance(connection, Connection)
            try:
                yield open_[connection], connection.recv()
            except EOFError:
                del open_[connection]


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _run(reports: Connection, wanted: int, seed: str) -> None:
    """Decide for so many people, and report a thousand times."""
    catalog, part = load(), Part()
    encoding = Encoding(catalog)
    gc.freeze()  # the rules stay: why look through them again and again
    tenth, step = max(1, wanted // 10), max(1, wanted // 1000)
    crowd: list[Decision] = []
    for number, person in enumerate(islice(people(catalog, seed), wanted), 1):
        meant = _decide(catalog, person, part, whole=number % WHOLE_EVERY == 0)
        crowd += [meant] if meant else []
        if len(crowd) == CROWD or number == wanted:
            _hold(encoding, crowd, part)
            crowd.clear()
        part.done = number
        if number == tenth:
            part.early_mb = memory_mb()
        if number % step == 0 or number == wanted:
            part.now_mb, part.cpu = memory_mb(), process_time()
            reports.send(part)
    reports.close()


def _hold(encoding: Encoding, decisions: Sequence[Decision], part: Part) -> None:
    """Compare all that comes out of the formulas, for everybody at once, with the reference."""
    crowd = of_people(encoding.space, [one.answers.given for one in decisions])
    meant: Counter[Key] = Counter()
    for place, one in enumerate(decisions):
        for key in decided(one):
            meant[key] += 1 << place
    said = outcomes(encoding)
    unlike = {key: crowd[said.get(key, FALSE)] ^ meant[key] for key in {**said, **meant}}
    unlike[("refused",)] = crowd[opposite(encoding.valid)]
    for place in places(reduce(or_, unlike.values())):
        part.disagreements += 1
        about = ", ".join(str(key) for key, word in unlike.items() if word >> place & 1)
        _keep(part, f"the formulas disagree about {about}", decisions[place].answers)


def _decide(catalog: Catalog, person: Answers, part: Part, whole: bool) -> Decision | None:
    """Return what the rules mean by the reference engine; None where that failed."""
    try:
        meant = by_reference(catalog, person)
        if whole:
            live = decide(catalog, person)
            if live.failure:
                part.crashes += 1
                _keep(part, live.failure, person)
            elif replace(live, engines=meant.engines) != meant:
                part.disagreements += 1
                _keep(part, "the engines disagree", person)
        return meant
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and shown
        part.crashes += 1
        _keep(part, f"{type(error).__name__}: {error}", person)
        return None


def _keep(part: Part, what: str, person: Answers) -> None:
    if len(part.faults) < KEEP:
        part.faults.append(f"{what}, for these answers:\n{dump(person.raw, None)}")


def memory_mb() -> float:
    """Return the memory this process holds; where the system does not tell, the most it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak_mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def table(soaked: Soak) -> Table:
    """Return what was found as a table."""
    found = Table("Soak", "", title_justify="left")
    rows: Mapping[str, Any] = {
        "random people": f"{soaked.done:,}",
        "of them by the whole of decide too": f"{soaked.done // WHOLE_EVERY:,}",
        "time": f"{soaked.seconds:,.0f} s in {PARTS} processes, {soaked.done / soaked.seconds:,.0f} people a second",
        "CPU time": f"{soaked.cpu:,.0f} s, {soaked.done / (soaked.cpu or 1):,.0f} people a second",
        "disagreements": f"{soaked.disagreements}",
        "crashes": f"{soaked.crashes}",
        "memory at a tenth": f"{soaked.worst.early_mb:.1f} MB",
        "memory at the end": f"{soaked.worst.now_mb:.1f} MB",
        "growth": f"{soaked.worst.grown_mb:+.1f} MB",
    }
    for name, value in rows.items():
        found.add_row(name, value)
    return found


def show(soaked: Soak, console: Console) -> None:
    """Print what was found, with the first faults whole."""
    console.print(table(soaked))
    for part in soaked.parts:
        for fault in part.faults:
            console.print(fault, markup=False, highlight=False)


def at_least_one(text: str) -> int:
    """Read a number from the command line."""
    number = int(text.replace("_", "").replace(",", ""))
    if number < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


def goals(soaked: Soak) -> Iterator[Goal]:
    """Yield what must be reached."""
    more, among = soaked.worst.grown_mb, f"in {soaked.done:,}"
    if soaked.done < PEOPLE:
        among += f" (`make soak` asks {PEOPLE:,})"
    found = soaked.disagreements
    yield Goal("disagreements", "0", f"{found} {among}", not found)
    yield Goal("crashes", "0", f"{soaked.crashes} {among}", not soaked.crashes)
    yield Goal("memory growth", f"under {GROWTH_MB} MB", f"{more:+.1f} MB", more < GROWTH_MB)


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Compare the engines and the formulas on random people."
    )
    parser.add_argument(
        "--soak", type=at_least_one, default=PEOPLE, metavar="N", help="how many people"
    )
    parser.add_argument("--seed", type=int, default=1, help="another number gives other people")
    wanted = parser.parse_args()
    console = Console()
    soaked = soak(wanted.soak, wanted.seed, console)
    show(soaked, console)
    return 0 if all(one.reached for one in goals(soaked)) else 1


if __name__ == "__main__":
    sys.exit(main())
