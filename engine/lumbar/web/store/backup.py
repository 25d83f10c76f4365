"""Backups: every record, still sealed, in one file, from any database and into any.

The file is a SQLite database of ours, compressed: what unpacks it notices a broken one, and what
opens databases brings an old one to the present form.
"""

import gzip
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, Engine, func, insert, select

from lumbar.web.store.database import UnusableDatabaseError, connected, reading
from lumbar.web.store.tables import records

_AT_ONCE = 1_000  # records


class RefusedError(Exception):
    """Nothing was restored, and nothing changed; why, in words."""


class BrokenBackupError(RefusedError):
    """A file that is no backup, or not a whole one."""


class NotEmptyError(RefusedError):
    """The database holds records already, and they are not to be lost."""


def back_up(engine: Engine, path: Path) -> int:
    """Write every record to a file, whole or not at all; return how many. Raises OSError."""
    with TemporaryDirectory(prefix=".lumbar-", dir=path.parent) as folder:
        plain, packed = Path(folder, "plain"), Path(folder, "packed")
        with _opened(plain) as copy:
            count = _copy(engine, copy)
        packed.touch(mode=0o600)
        with plain.open("rb") as source, packed.open("wb") as stream:
            with gzip.GzipFile("", fileobj=stream, mode="wb") as target:
                shutil.copyfileobj(source, target)
            stream.flush()
            os.fsync(stream.fileno())
        packed.replace(path)
    return count


def restore(engine: Engine, path: Path) -> int:
    """Put every record of a file into an empty database, all or none; return how many.

    Raises BrokenBackupError, NotEmptyError and OSError.
    """
    with TemporaryDirectory(prefix="lumbar-") as folder:
        plain = Path(folder, "plain")
        _unpack(path, plain)
        with _opened(plain) as copy:
            return _copy(copy, engine)


def _unpack(path: Path, plain: Path) -> None:
    try:
        with path.open("rb") as stream, gzip.GzipFile(fileobj=stream) as source:
            plain.touch(mode=0o600)
            with plain.open("wb") as target:
                shutil.copyfileobj(source, target)
        with closing(sqlite3.connect(plain)) as found:
            found.execute("SELECT count(*) FROM records")
    except (gzip.BadGzipFile, EOFError, zlib.error, sqlite3.DatabaseError) as error:
        raise BrokenBackupError("this is no backup, or not the whole of one") from error


@contextmanager
def _opened(plain: Path) -> Iterator[Engine]:
    try:
        engine = connected(URL.create("sqlite", database=str(plain)))
    except UnusableDatabaseError as error:
        raise BrokenBackupError(str(error)) from error
    yield engine
    engine.dispose()  # only now all of it is in the one file


def _copy(source: Engine, target: Engine) -> int:
    count = 0
    with reading(source) as old, target.begin() as new:
        if new.scalar(select(func.count()).select_from(records)):
            raise NotEmptyError("the database holds answers already; restore into an empty one")
        for rows in old.execute(select(records)).mappings().partitions(_AT_ONCE):
            new.execute(insert(records), [dict(row) for row in rows])
            count += len(rows)
    return count
