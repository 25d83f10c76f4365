"""The commands of whoever serves the pages; settings are variables, and options go before them."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from lumbar.terminal import output
from lumbar.terminal.output import WRONG_USAGE, RequireSigned, RulesOption

_PACKAGES = (
    "alembic", "cryptography", "fastapi", "icalendar", "jinja2", "mnemonic", "prometheus-client",
    "pydantic-settings", "sqlalchemy", "uvicorn",
)  # fmt: skip


class WithSettings(TyperCommand):
    """A command whose help lists the settings as well, where they can be read."""

    def format_epilog(self, _: Any, formatter: Any) -> None:
        with formatter.section("Settings, by environment variables"):
            formatter.write_dl([*_web().settings.listed()])


def serve(
    host: Annotated[str | None, typer.Option("--host", help="As LUMBAR_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="As LUMBAR_PORT.")
    ] = None,
    require_signed: RequireSigned = False,
    dir: RulesOption = None,
) -> None:
    """Ask the same questions in a browser; what is not saved there is forgotten within an hour.

    At home it needs no settings. It opens to other people, on another host or with LUMBAR_PUBLIC,
    once content/operator.yaml is filled in.
    """
    signed = require_signed or None
    options = {"HOST": host, "PORT": port, "REQUIRE_SIGNED": signed, "DIR": output.folder(dir)}
    given = {f"LUMBAR_{name}": str(one) for name, one in options.items() if one is not None}
    os.environ.update(given)  # where each worker reads them too
    raise typer.Exit(_web().run())


BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the backup.")]


def purge() -> None:
    """Delete what people saved in a browser and have not changed for LUMBAR_KEEP_DAYS days."""
    count, days = _web().keeping.purge()
    typer.echo(f"deleted {_records(count)} that nobody had changed for {days} days")


def backup(file: BackupFile) -> None:
    """Write all that people saved in a browser, as sealed as it lies there, to one file."""
    with output.unwritable(file):
        count = _web().keeping.back_up(file)
    typer.echo(f"wrote {_records(count)} to {file}")


def restore(file: BackupFile) -> None:
    """Put the records of a backup into an empty database, all of them or none."""
    keeping = _web().keeping
    try:
        count = keeping.restore(file)
    except keeping.RefusedError as error:
        output.stop(f"'{file}' was not restored: {error}", WRONG_USAGE)
    except OSError as error:
        output.stop(f"'{file}' cannot be read: {(error.strerror or '').lower()}", WRONG_USAGE)
    typer.echo(f"restored {_records(count)}")


def _records(count: int) -> str:
    return f"{count} record" if count == 1 else f"{count} records"


def _web() -> Any:
    try:
        from lumbar.web import serving
    except ModuleNotFoundError:
        needs = output.install(*_PACKAGES)
        output.stop(f"the web pages need FastAPI, Jinja and Uvicorn; {needs}", WRONG_USAGE)
    return serving
