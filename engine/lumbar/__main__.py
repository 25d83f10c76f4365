"""The command line: the commands of the terminal and those of the review; `python -m lumbar`."""

import gc
import sys

from lumbar import __version__


def main() -> None:
    """Run the command line; only what the command needs is loaded, as that takes longest."""
    gc.disable()  # a command is over before its garbage matters
    words = sys.argv[1:]
    if words[:1] in (["--version"], ["-V"]):
        print(f"lumbar {__version__}")  # noqa: T201 - the one answer that needs no terminal
        return
    from lumbar.terminal import cli

    if not words or words[0] not in cli.commands():  # the help names all of them
        add_review()
    try:
        cli.main()
    finally:
        gc.freeze()  # nor at the very end, where Python would look through all of it once more


def add_review() -> None:
    """Add the commands of the review to those of the terminal."""
    from lumbar.review.commands import COMMANDS
    from lumbar.terminal.cli import app, commands

    for command in COMMANDS:
        if command.__name__ not in commands():
            app.command()(command)


if __name__ == "__main__":
    main()
