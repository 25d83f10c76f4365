"""`lumbar prove` over everything at once, on shipped rules with faults in them. `make prove` runs
it; it is slow.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lumbar.reading.paths import data_root

SCRIPT = Path(sys.executable).with_name("lumbar")
FAULTS = (
    (
        "rules/triage/cauda_equina.yaml",
        "bowel_control == new or bowel_feeling == new",
        "bowel_feeling == new",
    ),
    (
        "rules/cautions/massage_behind_knee.yaml",
        "leg_vessels includes phlebitis",
        "leg_vessels includes knee_cyst",
    ),
    (
        "rules/profile/phase_severity.yaml",
        "pain_days < acute_below_days",
        "pain_days <= acute_below_days",
    ),
)
NAMED = ("ces-bowel-emergency[bowel_control]", "behind-knee-phlebitis", "one-value")


ROOT = Path(__file__).parents[2]


def test_a_clinician_can_follow_the_walk_from_reading_a_rule_to_signing_it(tmp_path: Path) -> None:
    """Every command of that section of `rules/README.md` runs, in a copy of the checkout, in the
    order it is told.
    """
    for part in ("engine", "rules", "content", "tests"):
        shutil.copytree(ROOT / part, tmp_path / part)
    text = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
    section = text[text.index("## From reading") : text.index("## Change a rule")]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    steps = [line.strip() for block in blocks for line in block.splitlines() if line.strip()]
    path = f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PYTHONPATH": str(tmp_path / "engine"), "PATH": path}
    for step in steps:
        ran = subprocess.run(
            ["bash", "-c", step],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, f"{step}\n{ran.stderr.decode()}"
    tools = {
        "book",
        "boundary",
        "check",
        "coverage",
        "diff",
        "dispute",
        "impact",
        "mutate",
        "prove",
        "review",
        "sign",
    }
    assert {step.split()[1] for step in steps if step.startswith("lumbar")} == tools | {"rules"}
    assert (tmp_path / "rules" / "signoffs.yaml").is_file()


def lumbar(*words: str | Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONUTF8": "1"}
    command = [SCRIPT, *map(str, words)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env=env, timeout=300, check=False
    )


def test_faults_in_the_shipped_rules_are_named_and_each_person_shown_can_be_opened(
    tmp_path: Path,
) -> None:
    for part in ("rules", "content"):
        shutil.copytree(data_root() / part, tmp_path / part)
    for file, find, put in FAULTS:
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert find in text
        (tmp_path / file).write_text(text.replace(find, put, 1), encoding="utf-8")
    result = lumbar("prove", tmp_path, "--again", "--save", tmp_path / "kept")
    assert result.returncode == 1, result.stderr
    for claim in NAMED:
        name = re.sub(r"\W", "_", claim).strip("_")
        kept = tmp_path / "kept" / f"{name}.answers.yaml"
        assert claim in result.stdout
        assert lumbar("plan", kept).returncode == 0
        assert lumbar("explain", kept).returncode == 0
