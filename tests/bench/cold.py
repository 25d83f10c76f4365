"""Decide once with one engine, from nothing: load the rules, make what it needs, ask it.

    python tests/bench/cold.py ENGINE

Run by `make bench`, which measures the whole process.
"""

import sys

from lumbar import Catalog, load
from lumbar.engines import durable, reference
from lumbar.engines.inference import Inference
from lumbar.intake.answers import Answers
from lumbar.rulebook.conditions import Facts


def clipspy(catalog: Catalog, facts: Facts) -> Inference:
    from clips_engine import ClipsEngine

    return ClipsEngine(catalog).infer(facts)


def zen(catalog: Catalog, facts: Facts) -> Inference:
    from zen_engine import ZenEngine

    return ZenEngine(catalog).infer(facts)


ENGINES = {
    "durable_rules": durable.infer,
    "reference": reference.infer,
    "clipspy": clipspy,
    "zen-engine": zen,
}

if __name__ == "__main__":
    rules = load()
    person = Answers.typed(rules.questionnaire, rules.questionnaire.example())
    ENGINES[sys.argv[1]](rules, person.facts)
