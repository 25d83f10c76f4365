"""The README keeps its word: what it tells a newcomer to type runs, in the order it is told."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
# Whoever only presses keys without reading: skips a question, or goes on from the check of the
# answers.
HURRIED = "s\n\n" * 200

BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HERE_DOCUMENT = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")
NAMED = re.compile(r"# ([\w./-]+\.(?:ya?ml|json))\n")


@dataclass(frozen=True)
class Step:
    """One thing the README says to run, or a file it says to write."""

    kind: str
    text: str


def commands(block: str) -> Iterator[str]:
    """Yield the commands of a shell block, a continued line or a here-document in one piece."""
    lines = iter(block.splitlines())
    for line in lines:
        command = line
        while command.endswith("\\"):
            command += "\n" + next(lines)
        here = HERE_DOCUMENT.search(command)
        while here and not command.endswith(f"\n{here[1]}"):
            command += "\n" + next(lines)
        yield command


def steps(readme: str) -> Iterator[Step]:
    """Yield, in order, the `lumbar` commands, files written by here-documents, Python blocks and
    named files.
    """
    for language, block in BLOCK.findall(readme):
        if language == "sh":
            wanted = (
                one
                for one in commands(block)
                if one.startswith("lumbar") or HERE_DOCUMENT.search(one)
            )
            yield from (Step("sh", command) for command in wanted)
        elif language == "python":
            yield Step("python", block)
        elif NAMED.match(block):
            yield Step("file", block)


def fault(step: Step, folder: Path) -> str:
    """Run a step in a folder; return what went wrong, or nothing."""
    if step.kind == "file":
        path = folder / NAMED.match(step.text)[1]  # type: ignore[index]
        path.write_text(step.text, encoding="utf-8")
        return ""
    words = ["bash", "-o", "pipefail", "-c"] if step.kind == "sh" else [sys.executable, "-c"]
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1"}
    ran = subprocess.run(
        [*words, step.text],
        cwd=folder,
        env=environment,
        input=HURRIED,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return f"{step.text}\nended with {ran.returncode}: {ran.stderr}" if ran.returncode else ""


def folder_for_readers(path: Path) -> Path:
    """Return a folder with a copy of the shipped files, named as the README names them, safe to
    write into.
    """
    for shipped in ("tests", "rules", "content"):
        shutil.copytree(
            ROOT / shipped, path / shipped, ignore=shutil.ignore_patterns("__pycache__")
        )
    return path


def test_every_command_and_python_block_of_the_readme_runs(tmp_path: Path) -> None:
    told = list(steps((ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"sh", "python"} <= {step.kind for step in told}
    folder = folder_for_readers(tmp_path)
    assert [found for step in told if (found := fault(step, folder))] == []


@pytest.mark.parametrize(
    ("readme", "kinds", "faults"),
    [
        ("```sh\nmake run\nlumbar rules \\\n  ces-bladder\n```\n", ["sh"], 0),
        ("```sh\ncat > a.yaml <<'END'\nage: 42\nEND\nlumbar plan a.yaml\n```\n", ["sh", "sh"], 0),
        ("```yaml\n# a.yaml\nage: 42\n```\n\n```sh\nlumbar plan a.yaml\n```\n", ["file", "sh"], 0),
        ("```sh\nlumbar plan missing.yaml\n```\n", ["sh"], 1),
        ("```python\nfrom lumbar import lode\n```\n", ["python"], 1),
        ("```text\nlumbar nonsense\n```\n\n```yaml\nage: 42\n```\n", [], 0),
    ],
    ids=["continued", "here-document", "named file", "missing file", "bad python", "other blocks"],
)
def test_the_reader_of_the_readme_finds_what_is_to_be_run(
    tmp_path: Path, readme: str, kinds: list[str], faults: int
) -> None:
    told = list(steps(readme))
    assert [step.kind for step in told] == kinds
    assert sum(bool(fault(step, tmp_path)) for step in told) == faults


def test_the_picture_of_a_plan_is_the_plan_of_today() -> None:
    picture = (
        (ROOT / "README.md")
        .read_text(encoding="utf-8")
        .partition("```text\n")[2]
        .partition("```")[0]
    )
    command = [sys.executable, "-m", "lumbar", "plan", str(ROOT / "tests" / "example.yaml")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.rstrip() for line in shown.splitlines()]
    assert picture.splitlines() == lines[: len(picture.splitlines())]
