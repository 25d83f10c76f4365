"""A PostgreSQL of the tests' own: in a folder that goes away, reached by a socket in it alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OWNER = "postgres"
# the server refuses to be started by root
RUN_AS: dict[str, Any] = (
    {"user": OWNER, "group": OWNER, "extra_groups": []} if os.geteuid() == 0 else {}
)
SETTINGS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off"


def programs() -> Path | None:
    """Return the folder of the programs of PostgreSQL, or None where it is not installed."""
    if here := shutil.which("initdb"):
        return Path(here).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    return max(debian, key=lambda one: int(one.parent.name), default=None)


@contextmanager
def cluster(bin_: Path) -> Iterator[Path]:
    """Start a server and yield the folder of its socket; whoever reaches that folder is let in."""
    # not a folder of pytest: root's may not be entered by others, and a socket needs a short path
    with tempfile.TemporaryDirectory(prefix="lumbar-") as name:
        folder = Path(name)
        if RUN_AS:
            shutil.chown(folder, OWNER)
        ctl = [bin_ / "pg_ctl", "--pgdata", folder / "at", "--silent", "--wait"]
        how = f"--no-sync --auth=trust --username={OWNER} --encoding=UTF8 --locale=C"
        _run(folder, [bin_ / "initdb", "--pgdata", folder / "at", *how.split()])
        options = f"-k {folder} {SETTINGS}"
        _run(folder, [*ctl, "--log", folder / "log", "--options", options, "start"])
        try:
            yield folder
        finally:
            _run(folder, [*ctl, "--mode", "immediate", "stop"])


def database(bin_: Path, folder: Path, name: str) -> str:
    """Make an empty database and return its address, as SQLAlchemy reads it."""
    _run(folder, [bin_ / "createdb", "--host", folder, "--username", OWNER, name])
    return f"postgresql+psycopg://{OWNER}@/{name}?host={folder}"


def _run(folder: Path, command: list[str | Path]) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", check=False, **RUN_AS
    )
    assert done.returncode == 0, f"{command} failed: {done.stdout}{done.stderr}"
