"""How fast Lumbar decides beside other engines with the same rules, what it costs to start, and
whether it soaks well.

Run by `make bench`. Before anything is timed, every engine must agree with the reference on random
people. Ends with 1 where they do not, or where a figure that must be reached is not.
"""

import argparse
import gc
import subprocess
import sys
import sysconfig
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter_ns

from clips_engine import ClipsByText, ClipsEngine
from people import people
from rich.console import Console
from rich.table import Table
from soak import GROWTH_MB, PEOPLE, Soak, at_least_one, peak_mb, show, soak
from zen_engine import ZenEngine

from lumbar import Catalog, decide, load
from lumbar.engines import durable, reference
from lumbar.engines.inference import Inference
from lumbar.intake.answers import Answers
from lumbar.intake.answers_file import dump
from lumbar.reading.yamlfile import YamlFile

EQUAL_ON = 2_000
TIMED = 400  # people; all engines are timed on the same
AT_ONCE = 50  # so many go through one engine before the next has its turn
ROUNDS = 10
STARTS = 7
DURABLE, REFERENCE, DECIDE, ZEN = "durable engine", "reference engine", "whole decide", "zen-engine"
CLIPS, TUNED = "clipspy, documented calls", "clipspy, tuned by hand"

# A small process starts the measured one: a child's peak memory begins at that of the process that
# started it.
_MEASURE = """
import os, sys, time
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
started = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, used = os.wait4(child, 0)
print(time.perf_counter() - started, used.ru_maxrss, status)
"""

Infer = Callable[[Answers], object]


@dataclass
class Timed:
    """What one engine took: each call in µs, and each round as a whole."""

    calls: list[float] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        return 1e6 * len(self.calls) / ROUNDS / median(self.rounds)

    @property
    def p99(self) -> float:
        return quantiles(self.calls, n=100)[98]

    def ratio(self, base: "Timed") -> float:
        """Return how many times as long as `base` this took, round by round, so that drift of the
        machine cancels.
        """
        return median(mine / theirs for mine, theirs in zip(self.rounds, base.rounds, strict=True))


@dataclass(frozen=True)
class Started:
    """A whole process: the median of its seconds and of its peak memory in MB."""

    seconds: float
    mb: float


def unequal(
    catalog: Catalog, engines: Mapping[str, Callable[[Answers], Inference]], some: Sequence[Answers]
) -> list[str]:
    """Return what each engine got otherwise than the reference, first case only."""
    found = []
    for name, infer in engines.items():
        for number, person in enumerate(some):
            got, meant = infer(person), reference.infer(catalog, person.facts)
            if got != meant:
                rules, findings = (
                    set(got.fired) ^ set(meant.fired),
                    set(got.findings) ^ set(meant.findings),
                )
                found.append(
                    f"{name} differs for person {number}: rules {sorted(rules)}, findings {sorted(findings)}"
                )
                break
    return found


def time_all(engines: Mapping[str, Infer], some: Sequence[Answers]) -> dict[str, Timed]:
    """Time every engine on the same people in rounds, a few people at a time, another engine first
    each time.
    """
    timed = {name: Timed(rounds=[0.0] * ROUNDS) for name in engines}
    names = deque(engines)
    gc.collect()
    gc.freeze()
    for turn in range(ROUNDS):
        for start in range(0, len(some), AT_ONCE):
            for name in names:
                calls = [_time(engines[name], person) for person in some[start : start + AT_ONCE]]
                timed[name].calls += calls
                timed[name].rounds[turn] += sum(calls)
            names.rotate()
    return timed


def _time(infer: Infer, person: Answers) -> float:
    before = perf_counter_ns()
    infer(person)
    return (perf_counter_ns() - before) / 1000


def engines_table(timed: Mapping[str, Timed], whom: str) -> Table:
    table = Table(title=f"{ROUNDS} rounds over {whom}, engines interleaved", title_justify="left")
    table.add_column("decisions by")
    for column in ("a second", "median µs", "p99 µs", "x durable"):
        table.add_column(column, justify="right")
    for name, one in timed.items():
        ratio = one.ratio(timed[DURABLE])
        table.add_row(
            name,
            f"{one.a_second:,.0f}",
            f"{median(one.calls):,.0f}",
            f"{one.p99:,.0f}",
            f"{ratio:.2f}",
        )
    return table


def starts(commands: Mapping[str, Sequence[str]]) -> dict[str, Started]:
    """Start every command several times in turn, the first time for the files to be cached only."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(STARTS + 1):
        for name, command in commands.items():
            run = _start(command)
            if turn:
                runs[name].append(run)
    return {
        name: Started(median(s for s, _ in some), median(mb for _, mb in some))
        for name, some in runs.items()
    }


def _start(command: Sequence[str]) -> tuple[float, float]:
    measure = [sys.executable, "-I", "-S", "-c", _MEASURE, *command]
    seconds, peak, status = subprocess.run(
        measure, check=True, capture_output=True, text=True
    ).stdout.split()
    if int(status):
        raise SystemExit(f"bench: '{' '.join(command)}' failed")
    return float(seconds), peak_mb(int(peak))


def starts_table(started: Mapping[str, Started]) -> Table:
    table = Table("whole process", title=f"Cold start, median of {STARTS}", title_justify="left")
    table.add_column("seconds", justify="right")
    table.add_column("peak MB", justify="right")
    for name, one in started.items():
        table.add_row(name, f"{one.seconds:.3f}", f"{one.mb:.1f}")
    return table


def cold_starts(catalog: Catalog) -> dict[str, Started]:
    """Measure `lumbar plan` on a file of the example person's answers, with an empty Python for
    scale.
    """
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers.yaml"
        answers.write_text(dump(catalog.questionnaire.example(), None))
        command = str(Path(sysconfig.get_path("scripts")) / "lumbar")
        return starts(
            {
                "lumbar plan": [command, "plan", str(answers)],
                "python -c pass": [sys.executable, "-c", "pass"],
            }
        )


Goal = tuple[
    str, str, str, bool
]  # what, the figure it must reach, the figure measured, whether it does


def goals(timed: Mapping[str, Timed], plan: Started, soaked: Soak | None) -> list[Goal]:
    """Return the figures that must be reached, beside those measured."""
    clips, other = timed[CLIPS].ratio(timed[DURABLE]), timed[ZEN].ratio(timed[DURABLE])
    whole = median(timed[DECIDE].calls) / 1000
    found: list[Goal] = [
        ("whole decide, median", "under 1 ms", f"{whole:.2f} ms", whole < 1),
        ("durable beside clipspy", "4 times as fast", f"{clips:.2f} times as fast", clips >= 4),
        ("durable beside zen-engine", "no slower", f"{other:.2f} times as fast", other >= 1),
        ("lumbar plan, time", "under 0.7 s", f"{plan.seconds:.2f} s", plan.seconds < 0.7),
        ("lumbar plan, memory", "under 90 MB", f"{plan.mb:.1f} MB", plan.mb < 90),
    ]
    if soaked:
        grown, among = soaked.worst.grown_mb, f"in {soaked.done:,}"
        found += [
            ("disagreements", "0", f"{soaked.disagreements} {among}", not soaked.disagreements),
            ("crashes", "0", f"{soaked.crashes} {among}", not soaked.crashes),
            (
                "memory growth",
                f"under {GROWTH_MB} MB",
                f"{grown:+.1f} MB {among}",
                grown < GROWTH_MB,
            ),
        ]
    return found


def goals_table(found: Sequence[Goal]) -> Table:
    table = Table(
        "what",
        "must reach",
        "measured",
        "reached",
        title="Figures that must be reached",
        title_justify="left",
    )
    for what, must, measured, reached in found:
        table.add_row(what, must, measured, "[green]yes[/]" if reached else "[bold red]no[/]")
    return table


def main() -> int:
    wanted = _arguments()
    console = Console()
    catalog = load()
    if not durable.available():
        raise SystemExit(
            "bench: durable-rules does not load here, so there is nothing to compare with"
        )
    engines = _engines(catalog)
    with console.status("comparing every engine with the reference"):
        differing = unequal(catalog, engines, list(islice(people(catalog, wanted.seed), EQUAL_ON)))
    if differing:
        raise SystemExit(
            "\n".join(("bench: the engines do not mean the same, so nothing is timed", *differing))
        )
    console.print(
        f"{', '.join(engines)}: the same rules fired, the same findings, for {EQUAL_ON:,} random people"
    )
    with console.status("timing"):
        tables = {
            "the personas of the tests": timed_on(catalog, engines, [*personas(catalog)] * 4),
            f"{TIMED} random people": timed_on(
                catalog, engines, list(islice(people(catalog, f"{wanted.seed}-timed"), TIMED))
            ),
        }
    for whom, timed in tables.items():
        console.print(engines_table(timed, whom))
    timed = next(iter(tables.values()))
    with console.status("starting lumbar plan"):
        started = cold_starts(catalog)
    console.print(starts_table(started))
    soaked = None if wanted.no_soak else soak(wanted.soak, wanted.seed, console)
    if soaked:
        show(soaked, console)
    found = goals(timed, started["lumbar plan"], soaked)
    console.print(goals_table(found))
    return 0 if all(reached for *_, reached in found) else 1


def personas(catalog: Catalog) -> Iterator[Answers]:
    """Yield the people of tests/personas, who are like those who come; the random ones answer
    anything to anything.
    """
    for path in sorted((Path(__file__).parents[1] / "personas").glob("*.yaml")):
        answers = catalog.questionnaire.example(
            YamlFile(path.name, path.read_text()).data.get("answers")
        )
        yield Answers.typed(catalog.questionnaire, answers)


def timed_on(
    catalog: Catalog, engines: Mapping[str, Infer], some: Sequence[Answers]
) -> dict[str, Timed]:
    """Time the engines, interleaved, and then whole decisions by themselves, on the same people."""
    raw = {id(person): person.raw for person in some}
    whole = time_all({DECIDE: lambda person: decide(catalog, raw[id(person)])}, some)
    return time_all(engines, some) | whole


def _engines(catalog: Catalog) -> dict[str, Callable[[Answers], Inference]]:
    clips, tuned, other = ClipsByText(catalog), ClipsEngine(catalog), ZenEngine(catalog)
    return {
        DURABLE: lambda person: durable.infer(catalog, person.facts),
        REFERENCE: lambda person: reference.infer(catalog, person.facts),
        CLIPS: lambda person: clips.infer(person.facts),
        TUNED: lambda person: tuned.infer(person.facts),
        ZEN: lambda person: other.infer(person.facts),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Lumbar beside other rule engines.")
    parser.add_argument(
        "--soak",
        type=at_least_one,
        default=PEOPLE,
        metavar="N",
        help="random decisions of the soak",
    )
    parser.add_argument("--no-soak", action="store_true", help="leave the soak out")
    parser.add_argument("--seed", type=int, default=1, help="another number gives other people")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
