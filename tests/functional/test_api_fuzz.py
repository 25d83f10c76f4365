"""The API as its own OpenAPI document tells it, asked what nobody would ask."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from served import started

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = os.environ.get("FUZZ", "20")  # of each address; `make fuzz` asks more
# which question is asked of whom no schema can say: an answer that it allows may be refused
UNFIT = "positive_data_acceptance"


@pytest.mark.skipif(not SCHEMATHESIS.exists(), reason="Schemathesis is not installed")
def test_whatever_is_sent_it_answers_as_it_says_it_does(tmp_path: Path) -> None:
    port, ran = started()
    command = [
        SCHEMATHESIS, "run", f"http://127.0.0.1:{port}/api/v1/openapi.json", "--continue-on-failure",
        "--phases", "fuzzing", "--max-examples", EXAMPLES, "--exclude-checks", UNFIT, "--no-color",
    ]  # fmt: skip
    with ran:
        fuzzed = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False
        )
        ran.terminate()
    assert fuzzed.returncode == 0, fuzzed.stdout[-5000:] + fuzzed.stderr
    assert "Tested: 4" in fuzzed.stdout
