"""The store that the settings name, and what whoever runs this does to it."""

from pathlib import Path

from sqlalchemy import URL
from typer import get_app_dir

from lumbar.reading.problems import BadSettingsError, Problem
from lumbar.web import settings
from lumbar.web.settings import Settings
from lumbar.web.store import backup
from lumbar.web.store.backup import RefusedError
from lumbar.web.store.database import UnusableDatabaseError, connected
from lumbar.web.store.store import Store, secret_at

_ADDRESS = "LUMBAR_DATABASE_URL"


def opened(given: Settings | None = None) -> Store:
    """Return the store of these settings, by default of the environment's; raise BadSettingsError.

    Without settings it is a file of SQLite in the person's own folder, and the secret lies there.
    """
    given = given or settings.read()
    folder = Path(get_app_dir("lumbar"))
    address = given.database_url and given.database_url.get_secret_value()
    try:
        engine = connected(address or URL.create("sqlite", database=str(folder / "web.sqlite")))
    except UnusableDatabaseError as error:
        said, hint = f"the database cannot be used: {error}", f"it is set by {_ADDRESS}"
        raise BadSettingsError([Problem("environment", 0, 0, "bad-value", said, hint)]) from error
    if engine.dialect.name == "sqlite":
        folder = Path(engine.url.database or "").absolute().parent
    secret = given.secret and given.secret.get_secret_value().encode()
    return Store(engine, secret or secret_at(folder / "web.secret"), given.keep_days)


def place(store: Store) -> str:
    """Return where a store lies, without its password."""
    return store.engine.url.render_as_string(hide_password=True)


def purge() -> tuple[int, int]:
    """Delete what was kept for long enough; return how many records, and after how many days."""
    store = opened()
    return store.purge(), store.keep_days


def back_up(path: Path) -> int:
    """Write every record, still sealed, to a file; return how many. Raises OSError."""
    return backup.back_up(opened().engine, path)


def restore(path: Path) -> int:
    """Put the records of a backup into the empty database; return how many.

    Raises RefusedError with the reason, and OSError.
    """
    return backup.restore(opened().engine, path)


__all__ = ["RefusedError", "back_up", "opened", "place", "purge", "restore"]
