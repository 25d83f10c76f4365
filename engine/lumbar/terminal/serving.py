"""The command that serves the pages; its settings are variables, and its options go before them."""

import os
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from lumbar.terminal import output
from lumbar.terminal.output import WRONG_USAGE, RequireSigned, RulesOption


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
    """Ask the same questions in a browser; answers stay in memory, for an hour at most.

    At home it needs no settings. It opens to other people, on another host or with LUMBAR_PUBLIC,
    once content/operator.yaml is filled in.
    """
    signed = require_signed or None
    options = {"HOST": host, "PORT": port, "REQUIRE_SIGNED": signed, "DIR": output.folder(dir)}
    given = {f"LUMBAR_{name}": str(one) for name, one in options.items() if one is not None}
    os.environ.update(given)  # where each worker reads them too
    raise typer.Exit(_web().run())


def _web() -> Any:
    try:
        from lumbar.web import serving
    except ModuleNotFoundError:
        needs = output.install("fastapi", "jinja2", "pydantic-settings", "uvicorn")
        output.stop(f"the web pages need FastAPI, Jinja and Uvicorn; {needs}", WRONG_USAGE)
    return serving
