"""The same answers give the same bytes: whatever the hash seed, the order of the keys, or the form
of the file.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumbar.intake.answers_file import dump

SCRIPT = Path(sys.executable).with_name("lumbar")

PEOPLE: dict[str, dict[str, Any]] = {
    "well": {
        "worse_with": ["bending", "sitting", "lying"],
        "pain_places": ["low_back", "buttock", "leg_below_knee"],
        "massage_wish": ["warm_rubbing", "firm_pressing", "tapping_shaking", "traditional_points"],
    },
    "emergency": {
        "bladder_start": "new",
        "infection_risks": ["diabetes", "weak_immune"],
        "fever": "yes",
    },
}


def plan(answers: str, hash_seed: int) -> bytes:
    result = subprocess.run(
        [SCRIPT, "plan", "-", "--format", "json"],
        input=answers.encode(),
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        check=True,
        timeout=60,
    )
    return result.stdout


def shuffled(answers: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the answers with their keys, and the options within an answer, in another order."""
    order = random.Random(seed)
    names = order.sample(list(answers), len(answers))
    return {
        name: order.sample(value, len(value)) if isinstance(value, list) else value
        for name, value in ((name, answers[name]) for name in names)
    }


@pytest.mark.parametrize("person", PEOPLE)
def test_the_same_answers_give_the_same_plan_byte_for_byte(
    example: Callable[..., dict[str, Any]], person: str
) -> None:
    answers = example(PEOPLE[person])
    first = plan(dump(answers, "2026-11-22"), 0)
    assert json.loads(first)["firings"]
    for seed in (0, 1, 2):
        mixed = shuffled(answers, seed)
        assert list(mixed) != list(answers)
        assert plan(json.dumps({**mixed, "answered_on": "2026-11-22"}), seed) == first
    in_yaml = "\n".join(
        f"{name}: {json.dumps(value)}" for name, value in shuffled(answers, 3).items()
    )
    assert plan(f"{in_yaml}\nanswered_on: '2026-11-22'\n", 1) == first
