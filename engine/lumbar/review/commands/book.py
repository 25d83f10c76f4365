"""The command that writes the rule book."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lumbar.review.commands.shared import root_of
from lumbar.review.words import counted
from lumbar.terminal import output
from lumbar.terminal.output import WRONG_USAGE

BookFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Where to put it: a new, empty or old book's folder.")
]
RulesFolder = Annotated[
    Path | None,
    typer.Option(
        "--rules",
        metavar="FOLDER",
        help="A folder with rules/ and content/; default: those shipped.",
    ),
]
On = Annotated[
    str | None,
    typer.Option("--on", metavar="DATE", help="The day for what is due, such as 2026-11-22."),
]


def book(folder: BookFolder, *, rules: RulesFolder = None, on: On = None) -> None:
    """Write the rule book: every rule, number, item and source as pages to read and print, without
    a network.
    """
    from lumbar.reading.folder import BOOK, OthersFilesError, bind, refuse_others
    from lumbar.review.book.book import read_book

    root = root_of(rules)
    try:
        from lumbar.review.book.rendering import rendered
    except ModuleNotFoundError:
        output.stop(f"the book needs Jinja; {output.install('jinja2')}", WRONG_USAGE)
    try:
        day = date.fromisoformat(on) if on is not None else date.today()
    except ValueError:
        output.stop(f"'{on}' is no day; write it as 2026-11-22", WRONG_USAGE)
    try:
        refuse_others(folder, BOOK)
        made = read_book(root, day)
        count = bind(rendered(made, output.progress("writing the book")), folder, BOOK)
    except OthersFilesError as error:
        output.stop(str(error), WRONG_USAGE)
    except OSError as error:
        output.stop(
            f"'{folder}' cannot be written: {(error.strerror or 'unknown').lower()}", WRONG_USAGE
        )
    what = f"{counted(count, 'file')} on {counted(len(made.catalog.rules), 'rule')}"
    typer.echo(f"{what}; begin with {folder / 'index.html'}")
