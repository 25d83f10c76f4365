"""`make run` as a newcomer meets it, with a program in place of the installed one."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Result = subprocess.CompletedProcess[str]


def make_run(folder: Path, ends_with: int, installed: bool) -> Result:
    """Run `make run` where the interview ends with this exit code."""
    programs = folder / "bin"
    programs.mkdir()
    for name, code in (("python", 0), ("lumbar", ends_with)):
        (programs / name).write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    if installed:
        (folder / ".installed").touch()
    command = ["make", "--no-print-directory", f"VENV={folder}", "run"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


@pytest.mark.parametrize(("ends_with", "code"), [(0, 0), (3, 0), (2, 2), (4, 2), (70, 2)])
def test_an_interview_that_was_stopped_is_no_error_of_make(
    tmp_path: Path, ends_with: int, code: int
) -> None:
    ran = make_run(tmp_path, ends_with, installed=True)
    assert (ran.returncode, "Error" in ran.stderr) == (code, code != 0)


def test_it_says_what_takes_so_long_before_it_installs_and_nothing_later(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "old").mkdir()
    assert "make: installing Lumbar" in make_run(tmp_path / "new", 0, installed=False).stdout
    assert make_run(tmp_path / "old", 0, installed=True).stdout == ""
