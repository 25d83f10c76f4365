"""A running `lumbar serve`, for the tests that ask it over the network."""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ROOT = Path(__file__).resolve().parents[1]
OPERATOR = """
name: Northfield Physiotherapy
country: Elsewhere
emergency_number: "112"
urgent_line: the night line on 116 117
crisis_line: the listening line on 116 123
anywhere: {emergency_number: a, urgent_line: b, crisis_line: c}
"""


def operated(folder: Path) -> Path:
    """Return a folder of the shipped rules and content whose operator has set everything."""
    for name in ("rules", "content"):
        shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
    (folder / "content" / "operator.yaml").write_text(OPERATOR, encoding="utf-8")
    return folder


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


class Forms(HTMLParser):
    """The forms of a page: where each leads, and its fields with the values that they offer."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, list[str]]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((said.get("action", ""), {}))
        elif tag in {"input", "button", "select", "textarea"} and "name" in said and self.found:
            self.found[-1][1].setdefault(said["name"], []).append(said.get("value", ""))
