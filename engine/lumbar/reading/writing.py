"""Files written whole or not at all, and what was left of earlier tries swept away."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, text: str, private: bool = False) -> None:
    """Write a file so that it is either the old one or the new one, never a part; raise OSError.

    What a link points to is written; a device or a pipe is written straight away. A new file can be
    read by its owner only, and an old one from then on too where it is `private`.
    """
    try:
        path = Path(os.path.realpath(path, strict=True))
    except FileNotFoundError:
        path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    keep = None if private or not path.exists() else path.stat().st_mode & 0o777
    mark = f".lumbar-{path.name[:40]}-"  # a name has no room for all of a long one
    _sweep(path.parent, mark)
    handle, temporary = tempfile.mkstemp(".tmp", f"{mark}{os.getpid()}-", path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(OSError):
            Path(temporary).chmod(0o600 if keep is None else keep)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def is_leftover(name: str) -> bool:
    """Return whether a file of this name is what a write left that was killed."""
    return name.startswith(".lumbar-") and name.endswith(".tmp")


def _sweep(folder: Path, mark: str) -> None:
    """Delete what writes of the same file left whose process is gone."""
    with suppress(OSError):
        for path in folder.iterdir():
            mine = path.name.startswith(mark) and is_leftover(path.name)
            if mine and not _runs(path.name.removeprefix(mark).partition("-")[0]):
                path.unlink()


def _runs(process: str) -> bool:
    if os.name == "nt":  # where asking would end it; a file that is open cannot be deleted there
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except OSError:
        return True
    return True
