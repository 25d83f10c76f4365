"""What a plan costs: from cold as a command, and warm in one process."""

import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from cold import ENGINES
from people import personas
from rich.console import Console
from timing import STARTS, Goal, at_most, in_turns, starts, starts_table, timed_table

from lumbar import Catalog, Decision, decide, make_plan
from lumbar.decision.changes import changes
from lumbar.intake.answers_file import dump
from lumbar.plan.document import to_json

ROUNDS = 3
DECIDE, CHANGES, PLAN = "whole decide", "what would change it", "whole plan and its JSON"
LUMBAR = Path(sysconfig.get_path("scripts")) / "lumbar"
JSON, PAGE, VERSION = "lumbar plan --format json", "lumbar plan", "lumbar --version"


def warm(catalog: Catalog, _seed: int, console: Console) -> Iterator[Goal]:
    """Time a decision and what is made of it for every persona."""
    everybody = [decide(catalog, person) for person in personas(catalog)]
    timed = in_turns(_whole(everybody), everybody, ROUNDS)
    console.print(timed_table(timed, "Plans, warm, the personas of the tests"))
    plan, change = timed[PLAN], timed[CHANGES]
    yield at_most(f"{PLAN}, warm, p50", 6, plan.p50 / 1000, "ms")
    yield at_most(f"{PLAN}, warm, p99", 18, plan.p99 / 1000, "ms")
    yield at_most(f"{CHANGES}, p50", 2, change.p50 / 1000, "ms")


def _whole(everybody: Sequence[Decision]) -> Mapping[str, Callable[[Decision], object]]:
    """Return a decision from raw answers, and what is made of it."""
    raw = {id(one): one.answers.raw for one in everybody}
    return {
        DECIDE: lambda one: decide(one.catalog, raw[id(one)]),
        CHANGES: changes,
        PLAN: lambda one: to_json(make_plan(decide(one.catalog, raw[id(one)]))),
    }


def cold(catalog: Catalog, _seed: int, console: Console) -> Iterator[Goal]:
    """Measure commands and one decision by each engine as whole processes, and an empty Python."""
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers.yaml"
        answers.write_text(dump(catalog.questionnaire.example(), None))
        found = starts(
            {
                JSON: [LUMBAR, "plan", answers, "--format", "json"],
                PAGE: [LUMBAR, "plan", answers],
                VERSION: [LUMBAR, "--version"],
                **{f"one decision by {one}": _decision_by(one) for one in ENGINES},
                "python -c pass": [sys.executable, "-c", "pass"],
            }
        )
    console.print(starts_table(found, f"From cold, median of {STARTS}"))
    yield at_most(JSON, 0.20, found[JSON].seconds, "s")
    yield at_most(f"{JSON}, memory", 45, found[JSON].mib, "MiB")
    yield at_most(PAGE, 0.28, found[PAGE].seconds, "s")
    yield at_most(VERSION, 0.06, found[VERSION].seconds, "s")


def _decision_by(engine: str) -> list[str]:
    return [sys.executable, str(Path(__file__).with_name("cold.py")), engine]
