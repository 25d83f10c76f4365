"""The engines beside each other on the same rules, and what five times the rules cost.

Before anything is timed, each must agree with the reference engine on random people.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from clips_engine import ClipsByText, ClipsEngine
from grown import grown
from people import people, personas
from rich.console import Console
from timing import Goal, at_most, in_turns, timed_table
from zen_engine import ZenEngine

from lumbar import Catalog, decide
from lumbar.engines import durable, reference
from lumbar.engines.inference import Inference
from lumbar.intake.answers import Answers

EQUAL_ON, EQUAL_ON_MANY = 2_000, 10_000
TIMED = 400  # random people; all engines are timed on the same
TIMES = 5  # so many times the shipped rules
DURABLE, REFERENCE, ZEN = "durable engine", "reference engine", "zen-engine"
CLIPS, TUNED = "clipspy, documented calls", "clipspy, tuned by hand"
DECIDE = "whole decide"
MANY = f", {TIMES} x the rules"

Engines = Mapping[str, Callable[[Answers], Inference]]


def beside_others(catalog: Catalog, seed: int, console: Console) -> Iterator[Goal]:
    """Compare and time the engines with the shipped rules."""
    engines = _engines(catalog)
    _agree(catalog, engines, list(islice(people(catalog, seed), EQUAL_ON)))
    console.print(
        f"{', '.join(engines)}: the same rules fired, the same findings, for {EQUAL_ON:,} random people"
    )
    usual = in_turns(engines, [*personas(catalog)] * 2)
    console.print(timed_table(usual, "Engines, the personas of the tests"))
    random = list(islice(people(catalog, f"{seed}-timed"), TIMED))
    console.print(timed_table(in_turns(engines, random), f"Engines, {TIMED} random people"))
    other = usual[ZEN].ratio(usual[DURABLE])
    yield Goal("durable beside zen-engine", "no slower", f"{other:.2f} times as fast", other >= 1)


def with_many_rules(catalog: Catalog, seed: int, console: Console) -> Iterator[Goal]:
    """Compare and time what there is of each with the shipped rules and with many."""
    with tempfile.TemporaryDirectory() as folder:
        many = grown(Path(folder) / "many", TIMES)
    some = islice(people(many, seed), EQUAL_ON_MANY)
    _agree(many, {DURABLE: lambda person: durable.infer(many, person.facts)}, some)
    rules = f"{len(many.in_force):,} rules"
    yield Goal(rules, "load and agree", f"with the reference on {EQUAL_ON_MANY:,} people", True)
    everybody = [*personas(catalog)]
    timed = in_turns(_growing(catalog, many, everybody), everybody)
    console.print(timed_table(timed, f"{len(catalog.in_force)} rules and {rules}, the personas"))
    for name in (DURABLE, REFERENCE, DECIDE):
        linear = timed[name + MANY].ratio(timed[name]) / TIMES
        yield at_most(f"{name}, {rules}", 1.3, linear, "x linear")
    yield at_most(f"{DECIDE}, p50", 1, timed[DECIDE].p50 / 1000, "ms")


def _engines(catalog: Catalog) -> Engines:
    clips, tuned, other = ClipsByText(catalog), ClipsEngine(catalog), ZenEngine(catalog)
    return {
        DURABLE: lambda person: durable.infer(catalog, person.facts),
        REFERENCE: lambda person: reference.infer(catalog, person.facts),
        CLIPS: lambda person: clips.infer(person.facts),
        TUNED: lambda person: tuned.infer(person.facts),
        ZEN: lambda person: other.infer(person.facts),
    }


def _growing(
    catalog: Catalog, many: Catalog, everybody: Sequence[Answers]
) -> Mapping[str, Callable[[Answers], object]]:
    raw = {id(one): one.raw for one in everybody}
    return {
        DURABLE: lambda person: durable.infer(catalog, person.facts),
        DURABLE + MANY: lambda person: durable.infer(many, person.facts),
        REFERENCE: lambda person: reference.infer(catalog, person.facts),
        REFERENCE + MANY: lambda person: reference.infer(many, person.facts),
        DECIDE: lambda person: decide(catalog, raw[id(person)]),
        DECIDE + MANY: lambda person: decide(many, raw[id(person)]),
    }


def _agree(catalog: Catalog, engines: Engines, some: Sequence[Answers] | Iterator[Answers]) -> None:
    """Stop at the first person for whom an engine infers otherwise than the reference."""
    for number, person in enumerate(some):
        meant = reference.infer(catalog, person.facts)
        for name, infer in engines.items():
            if (got := infer(person)) != meant:
                rules = sorted({*got.fired} ^ {*meant.fired})
                findings = sorted({*got.findings} ^ {*meant.findings})
                raise SystemExit(
                    "bench: the engines do not mean the same, so nothing is timed\n"
                    f"{name} differs for person {number}: rules {rules}, findings {findings}"
                )
