"""The database: one SQLite file, or PostgreSQL; made and brought up to date by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6C756D626172  # "lumbar": who brings a PostgreSQL up to date holds it
_PATIENCE = 30  # seconds to wait for others who write


class UnusableDatabaseError(Exception):
    """A database that cannot be used: why, in words that hold no address and no password."""


def connected(url: str | URL) -> Engine:
    """Return the engine of a database, whose tables are as the program needs them.

    A new SQLite file can be read by its owner only. Raises UnusableDatabaseError.
    """
    with _told():
        address = make_url(url)
        if address.get_backend_name() not in {"sqlite", "postgresql"}:
            raise UnusableDatabaseError("it is neither SQLite nor PostgreSQL")
        # the values of a statement never stand in the message of an error; a connection that was
        # cut meanwhile is made anew
        engine = create_engine(address, hide_parameters=True, pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            _make_private(Path(address.database or ""))
            event.listen(engine, "connect", _set_up)
            event.listen(engine, "begin", _begin)
        try:
            with engine.begin() as connection:
                _bring_up_to_date(connection)
        except BaseException:
            engine.dispose()
            raise
    return engine


@contextmanager
def _told() -> Iterator[None]:
    """Say in words of ours what is wrong with a database."""
    try:
        yield
    except ArgumentError:
        raise UnusableDatabaseError("its address is none, such as sqlite:///FILE") from None
    except ModuleNotFoundError as error:
        said = f"the package '{error.name}' is not installed; lumbar[postgres] brings psycopg"
        raise UnusableDatabaseError(said) from None
    except OSError as error:
        raise UnusableDatabaseError((error.strerror or "unknown").lower()) from None
    except DBAPIError as error:
        raise UnusableDatabaseError(f"it does not answer ({type(error).__name__})") from None
    except CommandError:
        raise UnusableDatabaseError("it is of a later version of Lumbar") from None


def reading(engine: Engine) -> Connection:
    """Return a connection that reads, and keeps nobody from writing meanwhile."""
    return engine.connect().execution_options(reading=True)


def answers(engine: Engine) -> bool:
    """Return whether the database answers."""
    try:
        with reading(engine) as connection:
            return connection.scalar(select(1)) == 1
    except SQLAlchemyError:
        return False


def forget(engine: Engine) -> None:
    """Leave nothing of what was deleted in SQLite's log of writes, unless somebody reads it now."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


def _make_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)


def _set_up(connection: Any, _: object) -> None:
    """Set up a connection to SQLite: what is committed is on the disk, what is deleted is gone."""
    connection.isolation_level = None  # transactions begin where we say, also around tables
    for pragma in (
        f"busy_timeout={_PATIENCE * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # at once as who writes, so that nobody who has read is refused when they come to write
    only_reads = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _bring_up_to_date(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
