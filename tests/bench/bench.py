"""What Lumbar costs beside other engines with the same rules, from cold, with five times as many
rules, and whether it soaks well.

Run by `make bench`. All times are of the CPU: what else the machine does is not counted, and what
is compared takes turns. Before anything is timed, every engine must agree with the reference on
random people. Ends with 1 where they do not, or where a figure that must be reached is not.
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
from time import process_time, process_time_ns
from typing import Any, TypeVar

from clips_engine import ClipsByText, ClipsEngine
from cold import ENGINES as COLD
from grown import grown
from people import people
from rich.console import Console
from rich.table import Table
from soak import GROWTH_MB, PEOPLE, Soak, at_least_one, peak_mb, show, soak
from zen_engine import ZenEngine

from lumbar import Catalog, decide, load, make_plan
from lumbar.decision.changes import changes
from lumbar.decision.decide import by_reference
from lumbar.engines import durable, reference
from lumbar.engines.inference import Inference
from lumbar.form.agreement import outcomes
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import Formula
from lumbar.form.table import of_table
from lumbar.intake.answers import Answers
from lumbar.intake.answers_file import dump
from lumbar.reading.paths import data_root
from lumbar.reading.yamlfile import YamlFile
from lumbar.review.people.drawing import Drawing
from lumbar.review.people.practice import read

EQUAL_ON = 2_000
BLOCK = 65_536  # made-up people drawn and decided for at once
ONE_BY_ONE = 500  # of them, decided for by the reference engine
TIMED = 400  # people; all engines are timed on the same
AT_ONCE = 50  # so many go through one engine before the next has its turn
ROUNDS = 10
STARTS = 7
TIMES = 5  # so many times the shipped rules
DURABLE, REFERENCE, ZEN = "durable engine", "reference engine", "zen-engine"
CLIPS, TUNED = "clipspy, documented calls", "clipspy, tuned by hand"
DECIDE, CHANGES, PLAN = "whole decide", "what would change it", "whole plan, from answers"
MANY = f", {TIMES} x the rules"

# A small process starts the measured one: a child's peak memory begins at that of the process that
# started it.
_MEASURE = """
import os, sys
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, used = os.wait4(child, 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, status)
"""

Infer = Callable[[Answers], object]
T = TypeVar("T")


@dataclass
class Timed:
    """What one engine took: each call in µs of the CPU, and each round as a whole."""

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
    """A whole process: the medians of its seconds of the CPU and of its peak memory in MB."""

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
    before = process_time_ns()
    infer(person)
    return (process_time_ns() - before) / 1000


def timed_table(timed: Mapping[str, Timed], whom: str) -> Table:
    """Return a table of what took turns, each beside the first."""
    table = Table(title=f"{ROUNDS} rounds over {whom}, in turns", title_justify="left")
    base = next(iter(timed))
    table.add_column("by")
    for column in ("a second", "median µs", "p99 µs", f"x {base}"):
        table.add_column(column, justify="right")
    for name, one in timed.items():
        ratio = one.ratio(timed[base])
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
    for column in ("CPU seconds", "peak MB"):
        table.add_column(column, justify="right")
    for name, one in started.items():
        table.add_row(name, f"{one.seconds:.3f}", f"{one.mb:.1f}")
    return table


def cold_starts(catalog: Catalog) -> dict[str, Started]:
    """Measure `lumbar plan` on a file of the example person's answers, one decision by each engine,
    and an empty Python for scale.
    """
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers.yaml"
        answers.write_text(dump(catalog.questionnaire.example(), None))
        command = str(Path(sysconfig.get_path("scripts")) / "lumbar")
        once = {
            f"one decision by {name}": [
                sys.executable,
                str(Path(__file__).with_name("cold.py")),
                name,
            ]
            for name in COLD
        }
        plan = {"lumbar plan": [command, "plan", str(answers)]}
        return starts(plan | once | {"python -c pass": [sys.executable, "-c", "pass"]})


Goal = tuple[
    str, str, str, bool
]  # what, the figure it must reach, the figure measured, whether it does


@dataclass(frozen=True)
class Crowds:
    """Made-up people a second of processor time: drawn, decided for by the formulas, and the same
    of them decided for one by one by the reference engine.
    """

    drawn: float
    formulas: float
    one_by_one: float

    @property
    def ratio(self) -> float:
        """How many times as fast the formulas are."""
        return self.formulas / self.one_by_one


def crowds(catalog: Catalog) -> Crowds:
    """Time one block of people as `lumbar impact --synthetic` takes them."""
    practice, encoding = read(catalog, data_root()), Encoding(catalog)
    assert practice is not None
    drawing = Drawing(catalog, practice, "bench")
    drawing.drawn(range(1))
    drawn, block = _cpu(lambda: drawing.drawn(range(BLOCK)))
    came_out = list(outcomes(encoding).values())
    formulas, _ = _cpu(lambda: _decide_all(encoding, block.table, came_out))
    some = [block.raw(place) for place in range(ONE_BY_ONE)]
    one_by_one, _ = _cpu(lambda: [by_reference(catalog, one) for one in some])
    return Crowds(BLOCK / drawn, BLOCK / formulas, ONE_BY_ONE / one_by_one)


def _decide_all(encoding: Encoding, table: Any, formulas: Sequence[Formula]) -> None:
    crowd = of_table(encoding.space, table, BLOCK)
    for one in formulas:
        crowd[one]


def _cpu(do: Callable[[], T]) -> tuple[float, T]:
    started = process_time()
    result = do()
    return process_time() - started, result


def crowds_table(found: Crowds) -> Table:
    table = Table("made-up people", title=f"Crowds, {BLOCK:,} at once", title_justify="left")
    table.add_column("a second of CPU", justify="right")
    table.add_row("drawn", f"{found.drawn:,.0f}")
    table.add_row("decided for by the formulas", f"{found.formulas:,.0f}")
    table.add_row("decided for one by one, by the reference", f"{found.one_by_one:,.0f}")
    return table


def goals(
    timed: Mapping[str, Timed],
    many: Mapping[str, Timed],
    plan: Started,
    crowd: Crowds,
    soaked: Soak | None,
) -> list[Goal]:
    """Return the figures that must be reached, beside those measured."""
    other = timed[ZEN].ratio(timed[DURABLE])
    whole = median(many[DECIDE].calls) / 1000
    live, all_ = (many[one + MANY].ratio(many[one]) / TIMES for one in (DURABLE, DECIDE))
    found: list[Goal] = [
        ("whole decide, median", "under 1 ms", f"{whole:.2f} ms", whole < 1),
        ("durable beside zen-engine", "no slower", f"{other:.2f} times as fast", other >= 1),
        (DURABLE + MANY, "1.3 x linear", f"{live:.2f} x linear", live <= 1.3),
        (DECIDE + MANY, "1.3 x linear", f"{all_:.2f} x linear", all_ <= 1.3),
        ("lumbar plan, CPU time", "under 0.7 s", f"{plan.seconds:.2f} s", plan.seconds < 0.7),
        ("lumbar plan, memory", "under 90 MB", f"{plan.mb:.1f} MB", plan.mb < 90),
        (
            "formulas, a million people",
            "under 5 s",
            f"{1e6 / crowd.formulas:.1f} s, {crowd.ratio:,.0f} times as fast as the reference",
            1e6 / crowd.formulas < 5,
        ),
    ]
    if soaked:
        more, among = soaked.worst.grown_mb, f"in {soaked.done:,}"
        found += [
            ("disagreements", "0", f"{soaked.disagreements} {among}", not soaked.disagreements),
            ("crashes", "0", f"{soaked.crashes} {among}", not soaked.crashes),
            ("memory growth", f"under {GROWTH_MB} MB", f"{more:+.1f} MB {among}", more < GROWTH_MB),
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
    patients = [*personas(catalog)]
    with console.status("timing"):
        tables = {
            "the personas of the tests": time_all(engines, patients * 2),
            f"{TIMED} random people": time_all(
                engines, list(islice(people(catalog, f"{wanted.seed}-timed"), TIMED))
            ),
        }
        tables[f"{len(patients)} personas"] = time_all(_growing(catalog, patients), patients)
        tables[f"the first {AT_ONCE} personas"] = time_all(
            _whole(catalog, patients), patients[:AT_ONCE]
        )
    for whom, timed in tables.items():
        console.print(timed_table(timed, whom))
    timed, _, many, _ = tables.values()
    with console.status("starting from cold"):
        started = cold_starts(catalog)
    console.print(starts_table(started))
    with console.status("deciding for a crowd"):
        crowd = crowds(catalog)
    console.print(crowds_table(crowd))
    soaked = None if wanted.no_soak else soak(wanted.soak, wanted.seed, console)
    if soaked:
        show(soaked, console)
    found = goals(timed, many, started["lumbar plan"], crowd, soaked)
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


def _engines(catalog: Catalog) -> dict[str, Callable[[Answers], Inference]]:
    clips, tuned, other = ClipsByText(catalog), ClipsEngine(catalog), ZenEngine(catalog)
    return {
        DURABLE: lambda person: durable.infer(catalog, person.facts),
        REFERENCE: lambda person: reference.infer(catalog, person.facts),
        CLIPS: lambda person: clips.infer(person.facts),
        TUNED: lambda person: tuned.infer(person.facts),
        ZEN: lambda person: other.infer(person.facts),
    }


def _whole(catalog: Catalog, some: Sequence[Answers]) -> dict[str, Infer]:
    """Return a decision, and what is made of it, from the raw answers."""
    raw = {id(person): person.raw for person in some}
    return {
        DECIDE: lambda person: decide(catalog, raw[id(person)]),
        CHANGES: lambda person: changes(decide(catalog, raw[id(person)])),
        PLAN: lambda person: make_plan(decide(catalog, raw[id(person)])),
    }


def _growing(catalog: Catalog, some: Sequence[Answers]) -> dict[str, Infer]:
    """Return both engines and whole decisions, with the shipped rules and with many."""
    raw = {id(person): person.raw for person in some}
    with tempfile.TemporaryDirectory() as folder:
        many = grown(Path(folder) / "many", TIMES)
    return {
        DURABLE: lambda person: durable.infer(catalog, person.facts),
        DURABLE + MANY: lambda person: durable.infer(many, person.facts),
        REFERENCE: lambda person: reference.infer(catalog, person.facts),
        REFERENCE + MANY: lambda person: reference.infer(many, person.facts),
        DECIDE: lambda person: decide(catalog, raw[id(person)]),
        DECIDE + MANY: lambda person: decide(many, raw[id(person)]),
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
