"""What every command shares: streams, the console, exit codes, progress, and writing a file."""

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from lumbar.reading.problems import printable, spelt_out

if TYPE_CHECKING:
    from rich.console import Console

CHECK_FAILED, WRONG_USAGE, BAD_ANSWERS, BAD_CATALOG, INTERNAL = 1, 2, 3, 4, 70

_RULES = "A folder with rules/ and content/; default: those shipped."
RulesArgument = Annotated[Path | None, typer.Argument(metavar="DIR", help=_RULES)]
RulesOption = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help=_RULES)]
RequireSigned = Annotated[
    bool,
    typer.Option(
        "--require-signed",
        help="No plan, but whom to see, unless every rule behind it and the rule set are signed.",
    ),
]
FormatOption = Annotated[Literal["rich", "json"], typer.Option("--format", help="How to print it.")]


class _Told(TextIOWrapper):
    """Standard error: it names files and words from outside, so nothing in it is obeyed."""

    def write(self, text: str) -> int:
        return super().write("\n".join(map(spelt_out, text.split("\n"))))


def open_streams() -> None:
    """Let something stand for closed streams: no input, and an output that takes nothing.

    Otherwise the next file that is opened would be written to in their place. What a stream's
    encoding does not know is replaced: a terminal without dashes must still show the plan, and a
    byte that is no text is an answer that does not fit.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR if name == "stderr" else os.O_RDONLY)  # takes `number`
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    if isinstance(sys.stderr, TextIOWrapper):
        encoding = sys.stderr.encoding
        sys.stderr = _Told(sys.stderr.detach(), encoding, "replace", line_buffering=True)


def give_up_output() -> None:
    """Let nothing more be written to an output that takes nothing, so that the end is clean."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def emit(pieces: Iterable[str], out: Path | None, private: bool = False) -> None:
    """Write pieces of a text to a file, whole or not at all; to the standard output if there is
    none.
    """
    if out is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece.encode())  # the same bytes whatever the encoding there
        sys.stdout.flush()
        return
    from lumbar.reading.writing import write_whole

    with unwritable(out):
        write_whole(out, "".join(pieces), private)


@contextmanager
def unwritable(out: Path) -> Iterator[None]:
    """Stop with an explanation where a file cannot be written."""
    try:
        yield
    except OSError as error:
        stop(f"'{out}' cannot be written: {(error.strerror or 'unknown').lower()}", WRONG_USAGE)


@contextmanager
def paged(keys: str, on: "Console | None" = None) -> "Iterator[Console]":
    """Give a console on which a page is shown a screen at a time, from its top.

    Only on a terminal, and where it has no room for all. What was shown stays there; `keys` says
    how to go on.
    """
    shown = on or console()
    if not (shown.is_terminal and sys.stdin.isatty()):
        yield shown
        return
    os.environ.setdefault("LESS", f"-FRXPs{keys}$")
    with shown.pager(styles=True):
        yield shown


def folder(given: Path | None) -> Path | None:
    """Return the folder that was named, if it is there; else stop with an explanation."""
    if given is not None and not given.is_dir():
        stop(f"there is no folder '{given}'", WRONG_USAGE)
    return given


def console(plain: bool = False) -> "Console":
    """Return the console: as wide as the terminal, 80 columns elsewhere."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 80
    return Console(highlight=False, no_color=plain or None, width=width)


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
    from rich.console import Console
    from rich.progress import Progress, TextColumn

    line = Progress(
        TextColumn("{task.description}: {task.completed} of {task.total}"),
        console=Console(file=open(2, "w", closefd=False)),  # noqa: SIM115 - moves the cursor
        transient=True,
        auto_refresh=False,  # no thread: provers fork
        redirect_stdout=False,
        redirect_stderr=False,
    )
    task = line.add_task(what)

    def show(done: int, of: int) -> None:
        line.start()
        line.update(task, completed=done, total=of, refresh=True)
        if done == of:
            line.stop()

    return show


def stop(message: str, code: int) -> NoReturn:
    """Say in one line why the command cannot go on, and end it with this exit code."""
    tell(printable(message))
    raise typer.Exit(code)


def tell(message: str) -> None:
    """Say on standard error what a command has to say of itself."""
    typer.echo(f"lumbar: {as_typed(message)}", err=True)


def as_typed(text: str) -> str:
    """Return a text in which each command of ours, `lumbar ...`, stands as it can be typed here."""
    return text.replace("`lumbar ", f"`{program()} ")


def program() -> str:
    """Return how this program can be started once more from here, quoted for a shell.

    That is `lumbar` where a shell finds this very one by its name; else its path, as it is shorter.
    """
    started, found = sys.argv[0], which("lumbar")
    if not os.access(started, os.X_OK) or Path(started).is_dir():  # not a script: `python -m`
        return shlex.join([from_here(sys.executable), "-m", "lumbar"])
    if found and Path(found).samefile(started):
        return "lumbar"
    return shlex.quote(from_here(started))


def from_here(path: str) -> str:
    """Return the shorter of the absolute and the relative path of a program."""
    relative = os.path.relpath(path)
    runs = relative if os.sep in relative else f"{os.curdir}{os.sep}{relative}"
    return min(runs, str(Path(path).absolute()), key=len)


def install(*packages: str) -> str:
    """Return how what an extra needs is installed, from a checkout or not.

    What is needed of each is what the program itself says that it needs.
    """
    from importlib.metadata import requires

    needs = [one.partition(";")[0].strip() for one in requires("lumbar") or ()]
    wanted = [next(one for one in needs if one.startswith(package)) for package in packages]
    command = [from_here(sys.executable), "-m", "pip", "install", *wanted]
    return f"install it with: {shlex.join(command)}"
