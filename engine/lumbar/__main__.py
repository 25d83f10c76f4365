"""The command line: the commands of the terminal and those of the review; `python -m lumbar`."""

from lumbar.review.commands import COMMANDS
from lumbar.terminal.cli import app, main

for command in COMMANDS:
    app.command()(command)

if __name__ == "__main__":
    main()
