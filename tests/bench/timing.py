"""What things cost: calls that take turns, and whole processes, in seconds of the CPU.

What else the machine does is not counted, and what is compared takes turns, so that its drift
cancels.
"""

import gc
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import process_time, process_time_ns
from typing import Any, TypeVar

from rich.table import Table

AT_ONCE = 50  # so many go through one of several before the next has its turn
ROUNDS = 10
STARTS = 7

# A small process starts the measured one: a child's peak memory begins at that of the process that
# started it.
_MEASURE = """
import os, sys
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, used = os.wait4(child, 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, status)
"""

T = TypeVar("T")
P = TypeVar("P")


@dataclass(frozen=True)
class Goal:
    """A figure that must be reached, beside the one measured."""

    what: str
    must: str
    measured: str
    reached: bool


def at_most(what: str, most: float, measured: float, unit: str) -> Goal:
    """Return the goal that a figure is no more than so much."""
    digits = 3 if most < 1 else 2 if most < 10 else 1
    return Goal(what, f"{most:g} {unit}", f"{measured:.{digits}f} {unit}", measured <= most)


@dataclass
class Timed:
    """What one of several took: each call in µs of the CPU, and each round as a whole."""

    rounds: list[float]
    calls: list[float] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        return 1e6 * len(self.calls) / len(self.rounds) / median(self.rounds)

    @property
    def p50(self) -> float:
        return median(self.calls)

    @property
    def p99(self) -> float:
        return quantiles(self.calls, n=100)[98]

    def ratio(self, base: "Timed") -> float:
        """Return how many times as long as `base` this took, round by round."""
        return median(mine / theirs for mine, theirs in zip(self.rounds, base.rounds, strict=True))


def in_turns(
    calls: Mapping[str, Callable[[P], object]], some: Sequence[P], rounds: int = ROUNDS
) -> dict[str, Timed]:
    """Time every call on the same people, a few people at a time, another call first each time."""
    timed = {name: Timed([0.0] * rounds) for name in calls}
    names = deque(calls)
    gc.collect()
    gc.freeze()
    for turn in range(rounds):
        for start in range(0, len(some), AT_ONCE):
            for name in names:
                took = [_time(calls[name], person) for person in some[start : start + AT_ONCE]]
                timed[name].calls += took
                timed[name].rounds[turn] += sum(took)
            names.rotate()
    return timed


def _time(call: Callable[[P], object], person: P) -> float:
    before = process_time_ns()
    call(person)
    return (process_time_ns() - before) / 1000


def timed_table(timed: Mapping[str, Timed], title: str) -> Table:
    """Return a table of what took turns, each beside the first."""
    base = next(iter(timed))
    table = Table("by", title=title, title_justify="left")
    for column in ("a second", "median µs", "p99 µs", f"x {base}"):
        table.add_column(column, justify="right")
    for name, one in timed.items():
        costs = (one.a_second, one.p50, one.p99)
        table.add_row(name, *(f"{cost:,.0f}" for cost in costs), f"{one.ratio(timed[base]):.2f}")
    return table


@dataclass(frozen=True)
class Started:
    """A whole process: its seconds of the CPU, those it waited for included, and its peak MiB."""

    seconds: float
    mib: float


def starts(commands: Mapping[str, Sequence[Any]]) -> dict[str, Started]:
    """Start every command several times in turn, the first time for the files to be cached only;
    return medians.
    """
    runs: dict[str, list[Started]] = {name: [] for name in commands}
    for turn in range(STARTS + 1):
        for name, command in commands.items():
            run = started(command)
            if turn:
                runs[name].append(run)
    return {
        name: Started(median(one.seconds for one in some), median(one.mib for one in some))
        for name, some in runs.items()
    }


def started(command: Sequence[Any]) -> Started:
    """Run a command as a whole process."""
    # where Python is told to keep no bytecode it would compile everything at each start
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    words = [sys.executable, "-I", "-S", "-c", _MEASURE, *map(str, command)]
    ran = subprocess.run(words, check=True, capture_output=True, text=True, env=environment)
    seconds, peak, status = ran.stdout.split()
    if int(status):
        raise SystemExit(f"bench: '{' '.join(words[5:])}' failed: {ran.stderr}")
    return Started(float(seconds), peak_mib(int(peak)))


def starts_table(every: Mapping[str, Started], title: str) -> Table:
    """Return a table of whole processes."""
    table = Table("whole process", title=title, title_justify="left")
    for column in ("CPU seconds", "peak MiB"):
        table.add_column(column, justify="right")
    for name, one in every.items():
        table.add_row(name, f"{one.seconds:.3f}", f"{one.mib:.1f}")
    return table


def peak_mib(maxrss: int) -> float:
    """Return `ru_maxrss` in MiB: it is in bytes on macOS, in KiB elsewhere."""
    return maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def cpu(do: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of the CPU that something took, and what came of it."""
    before = process_time()
    result = do()
    return process_time() - before, result
