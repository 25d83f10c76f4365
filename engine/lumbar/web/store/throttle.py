"""How often codes may be tried, counted in the database, so that all workers count together."""

import hmac
from collections.abc import Callable

from sqlalchemy import Connection, Engine, delete
from sqlalchemy.dialects import postgresql, sqlite

from lumbar.web.addresses import household
from lumbar.web.store.tables import tries

PERIOD = 600  # seconds
MOST_OF_ONE = 20  # tries from one address in a period: a clinic's people may share one
MOST_OF_ALL = 1_000
_ALL = b""


class Throttle:
    """Counts tries; an address is known by its hash under a `key`, `clock` tells seconds."""

    def __init__(self, engine: Engine, key: bytes, clock: Callable[[], float]) -> None:
        self._engine, self._key, self._clock = engine, key, clock

    def allows(self, address: str) -> bool:
        """Count one try from an address, before it is made; return whether it may be made."""
        self.forget()
        period = self._period
        with self._engine.begin() as connection:
            of_one = self._counted(connection, period, self._source(address))
            # who is refused does not use up what there is for all
            if of_one > MOST_OF_ONE:
                return False
            return self._counted(connection, period, _ALL) <= MOST_OF_ALL

    def forget(self) -> None:
        """Delete what was counted in earlier periods, and with it whose it was."""
        with self._engine.begin() as connection:
            connection.execute(delete(tries).where(tries.c.period < self._period))

    @property
    def _period(self) -> int:
        return int(self._clock() // PERIOD)

    def _counted(self, connection: Connection, period: int, source: bytes) -> int:
        new = {"postgresql": postgresql, "sqlite": sqlite}[connection.dialect.name].insert(tries)
        counted = new.values(period=period, source=source, count=1).on_conflict_do_update(
            index_elements=["period", "source"], set_={"count": tries.c.count + 1}
        )
        count: int = connection.execute(counted.returning(tries.c.count)).scalar_one()
        return count

    def _source(self, address: str) -> bytes:
        return hmac.digest(self._key, household(address).encode(), "sha256")
