"""A running `lumbar serve`, for the tests that ask it over the network."""

import os
import re
import subprocess
import sys

import pytest


def started(*words: str, **environment: str) -> "tuple[int, subprocess.Popen[str]]":
    """Start `lumbar serve`; return the port that it listens on, and the program."""
    pytest.importorskip("uvicorn", reason="the extra `web` is not installed")
    command = [sys.executable, "-m", "lumbar", "serve", "--port", "0", *words]
    ran = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | environment,
    )
    assert ran.stdout
    said = next((line for line in ran.stdout if "running on" in line), "")
    port = re.search(r":(\d+) ", said)
    assert port, f"it did not start: {said}{ran.communicate(timeout=30)[0]}"
    return int(port[1]), ran
