"""What every command shares: the console, exit codes, progress, and writing what was asked for."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from lumbar.reading.problems import printable

if TYPE_CHECKING:
    from rich.console import Console

CHECK_FAILED, WRONG_USAGE, BAD_ANSWERS, BAD_CATALOG, INTERNAL = 1, 2, 3, 4, 70

_RULES = "A folder with rules/ and content/; default: those shipped."
RulesArgument = Annotated[Path | None, typer.Argument(metavar="DIR", help=_RULES)]
RulesOption = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help=_RULES)]
FormatOption = Annotated[Literal["rich", "json"], typer.Option("--format", help="How to print it.")]


def emit(text: str, out: Path | None, private: bool = False) -> None:
    """Write a text to a file, whole or not at all; to the standard output where there is none."""
    from lumbar.reading.writing import write_whole

    if out is None:
        sys.stdout.buffer.write(text.encode())  # the same bytes whatever the terminal's encoding
        return
    try:
        write_whole(out, text, private)
    except OSError as error:
        stop(f"'{out}' cannot be written: {(error.strerror or 'unknown').lower()}", WRONG_USAGE)


def folder(given: Path | None) -> Path | None:
    """Return the folder that was named, if it is there; stop with an explanation where it is not."""
    if given is not None and not given.is_dir():
        stop(f"there is no folder '{given}'", WRONG_USAGE)
    return given


def console(plain: bool = False) -> "Console":
    """Return the console: as wide as the terminal, 80 columns elsewhere."""
    from rich.console import Console

    return Console(
        highlight=False, no_color=plain or None, width=None if sys.stdout.isatty() else 80
    )


def captured(print_to: "Callable[[Console], None]") -> str:
    """Return what is printed to a console of 80 columns."""
    from io import StringIO

    from rich.console import Console

    stream = StringIO()
    print_to(Console(file=stream, highlight=False, width=80, no_color=True))
    return stream.getvalue()


def progress(what: str) -> Callable[[int, int], None]:
    """Return a line of progress on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _done, _of: None

    def line(done: int, of: int) -> None:
        sys.stderr.write(f"\r{what}: {done} of {of}" + ("\r\033[K" if done == of else ""))
        sys.stderr.flush()

    return line


def stop(message: str, code: int) -> NoReturn:
    """Say in one line why the command cannot go on, and end it with this exit code."""
    typer.echo(f"lumbar: {printable(message)}", err=True)
    raise typer.Exit(code)
