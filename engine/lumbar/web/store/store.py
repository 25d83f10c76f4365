"""The store: a database, what is done to it, and the secret of the server."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time

from sqlalchemy import Engine

from lumbar.web.store.records import Records
from lumbar.web.store.sealing import derived
from lumbar.web.store.throttle import Throttle


class Store:
    """What outlives a request. `secret` is at least 128 drawn bits, the same for every worker."""

    def __init__(
        self,
        engine: Engine,
        secret: bytes,
        keep_days: int,
        today: Callable[[], date] = date.today,
        clock: Callable[[], float] = time,
    ) -> None:
        self.engine, self.secret, self.keep_days = engine, secret, keep_days
        self.records = Records(engine, keep_days, today)
        self.throttle = Throttle(engine, derived(secret, "address"), clock)

    def purge(self) -> int:
        """Delete what was kept for long enough, and whose tries were counted; return how many
        records.
        """
        self.throttle.forget()
        return self.records.purge()


def secret_at(path: Path) -> bytes:
    """Return the secret that lies in a file; made once, whoever is first, and read by all."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".lumbar-", dir=path.parent) as folder:
            new = Path(folder, "secret")
            new.touch(mode=0o600)
            new.write_bytes(secrets.token_bytes(32))
            with suppress(FileExistsError):
                path.hardlink_to(new)  # whole, and never in place of another's
    return path.read_bytes()
