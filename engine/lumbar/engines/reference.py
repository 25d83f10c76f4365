"""The reference engine: what the rules mean, in a loop that can be read at a glance."""

from lumbar.engines.inference import Inference, conclude, inference
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Facts, Value
from lumbar.rulebook.rules import STAGES, Stage


def infer(catalog: Catalog, facts: Facts, stages: tuple[Stage, ...] = STAGES) -> Inference:
    """Run each stage until nothing new is concluded; raise ConflictError where a finding would get
    two values.
    """
    known: dict[str, Value] = dict(facts.known)
    seen = Facts(known, facts.unanswered)
    findings: dict[str, Value] = {}
    fired: dict[str, None] = {}
    for stage in stages:
        waiting = catalog.by_stage[stage]
        while waiting:
            before = len(findings)
            for rule in waiting:
                if rule.when.truth(seen) and rule.id not in fired:
                    fired[rule.id] = None
                    conclude(findings, rule.concludes)
                    known.update(rule.concludes)
            # only a new finding can make another rule of this stage true, and only one that reads
            # such findings
            waiting = catalog.chained[stage] if len(findings) > before else ()
    return inference(catalog, fired, findings)
