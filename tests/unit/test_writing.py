"""Files written whole: what a killed write leaves is found and swept, and kept from other eyes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lumbar.reading.writing import is_leftover, write_whole

KILLED = """
import os, signal, sys
from pathlib import Path
from lumbar.reading import writing
os.fsync = lambda _: os.kill(os.getpid(), int(sys.argv[2]))
writing.write_whole(Path(sys.argv[1]), "half")
"""


def killed(path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", KILLED, str(path), str(int(how))]
    assert subprocess.run(command, check=False).returncode == -how


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_write_left_is_swept_by_the_next(tmp_path: Path, how: signal.Signals) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("old", encoding="utf-8")
    killed(path, how)
    (left,) = (one for one in tmp_path.iterdir() if one != path)
    assert is_leftover(left.name)
    assert left.suffix == ".tmp"
    assert left.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8") == "old"
    write_whole(path, "new")
    assert list(tmp_path.iterdir()) == [path]


def test_what_others_are_writing_is_left_to_them(tmp_path: Path) -> None:
    mine = tmp_path / f".lumbar-answers.yaml-{os.getpid()}-x.tmp"
    other = tmp_path / ".lumbar-else.yaml-999999999-x.tmp"
    for path in (mine, other):
        path.write_text("half", encoding="utf-8")
    write_whole(tmp_path / "answers.yaml", "new")
    assert mine.exists()
    assert other.exists()


def test_answers_that_others_could_read_are_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_whole(path, "new", private=True)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_to_itself_is_an_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(tmp_path / "a", "new")
    assert (tmp_path / "a").is_symlink()


def test_out_over_a_link_to_itself_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    example = Path(__file__).parents[1] / "example.yaml"
    command = [sys.executable, "-m", "lumbar", "plan", example, "--out", tmp_path / "a"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, "cannot be written" in result.stderr) == (2, True)


def test_a_name_as_long_as_may_be_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("ä" * 120 + ".yaml")
    started = time.perf_counter()
    write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert time.perf_counter() - started < 5
