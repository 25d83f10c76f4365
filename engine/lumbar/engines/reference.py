"""The reference engine: what the rules mean, in a loop that can be read at a glance."""

from collections.abc import Sequence
from typing import Any

from lumbar.engines.inference import Inference, conclude, inference
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Facts, Value
from lumbar.rulebook.rules import STAGES, Rule, Stage


def infer(catalog: Catalog, facts: Facts, stages: tuple[Stage, ...] = STAGES) -> Inference:
    """Run each stage until nothing new is concluded; raise ConflictError where a finding would get
    two values.
    """
    seen = Facts(dict(facts.known), facts.unanswered)
    findings: dict[str, Value] = {}
    fired: dict[str, None] = {}
    for stage in stages:
        run(catalog.by_stage[stage], catalog.chained[stage], seen, fired, findings)
    return inference(catalog, fired, findings)


def run(
    rules: Sequence[Rule],
    chained: Sequence[Rule],
    seen: Facts,
    fired: dict[str, None],
    findings: dict[str, Value],
) -> None:
    """Run the rules of one stage; add to what is `seen`, to `fired` and `findings`.

    Only a new finding can make another of these rules true, and only one of those `chained` to
    them, which read such findings. `seen.known` is a dict.
    """
    known: Any = seen.known
    waiting = rules
    while waiting:
        before = len(findings)
        for rule in waiting:
            if rule.when.truth(seen) and rule.id not in fired:
                fired[rule.id] = None
                conclude(findings, rule.concludes)
                known.update(rule.concludes)
        waiting = chained if len(findings) > before else ()
