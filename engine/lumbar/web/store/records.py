"""Records: one document a person, sealed, under what their code is looked up by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, insert, select, update

from lumbar.web.store.codes import Key
from lumbar.web.store.database import forget, reading
from lumbar.web.store.sealing import seal, unseal
from lumbar.web.store.tables import records


class ChangedMeanwhileError(Exception):
    """Somebody else changed or deleted the record since it was read; nothing was written."""


@dataclass(frozen=True)
class Record:
    """What is kept for one person: a `document` of plain data, as it was `sealed` when read."""

    key: Key
    document: Mapping[str, Any]
    sealed: bytes


class Records:
    """Every record of a database, each kept for so many `days` after its last change; `today` tells
    the day.
    """

    def __init__(self, engine: Engine, days: int, today: Callable[[], date]) -> None:
        self._engine, self._days, self._today = engine, days, today

    def add(self, key: Key, document: Mapping[str, Any]) -> Record:
        """Keep a first document under a new key."""
        sealed = seal(key.opening, document)
        row = {"lookup": key.lookup, "changed_on": self._today(), "sealed": sealed}
        with self._engine.begin() as connection:
            connection.execute(insert(records), row)
        return Record(key, document, sealed)

    def find(self, key: Key) -> Record | None:
        """Return the record of a key, if there is one; raise UnsealableError where it is broken."""
        same = (records.c.lookup == key.lookup) & ~self._too_old
        wanted = select(records.c.sealed).where(same)
        with reading(self._engine) as connection:
            sealed = connection.scalar(wanted)
        return Record(key, unseal(key.opening, sealed), sealed) if sealed else None

    def change(self, record: Record, document: Mapping[str, Any]) -> Record:
        """Keep another document in place of what was read; when this returns it is on the disk.

        Raises ChangedMeanwhileError where the record is not as it was read any more.
        """
        sealed = seal(record.key.opening, document)
        same = (records.c.lookup == record.key.lookup) & (records.c.sealed == record.sealed)
        new = update(records).where(same).values(sealed=sealed, changed_on=self._today())
        with self._engine.begin() as connection:
            if connection.execute(new).rowcount != 1:
                raise ChangedMeanwhileError
        return Record(record.key, document, sealed)

    def delete(self, key: Key) -> None:
        """Delete all that is kept under a key."""
        self._delete(records.c.lookup == key.lookup)

    def purge(self) -> int:
        """Delete what was kept for long enough; return how many records."""
        return self._delete(self._too_old)

    @property
    def _too_old(self) -> ColumnElement[bool]:
        return records.c.changed_on < self._today() - timedelta(self._days)

    def _delete(self, which: ColumnElement[bool]) -> int:
        with self._engine.begin() as connection:
            count = connection.execute(delete(records).where(which)).rowcount
        forget(self._engine)
        return count
