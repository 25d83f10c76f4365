"""The commands of what a change does: diff, impact."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumbar.review.commands.shared import PEOPLE, Personas, people_of
from lumbar.terminal import output
from lumbar.terminal.output import CHECK_FAILED, INTERNAL, WRONG_USAGE, FormatOption

if TYPE_CHECKING:
    from lumbar.review.compare.revisions import Side

Old = Annotated[
    str, typer.Argument(metavar="OLD", help="A folder with rules/ and content/, or a git revision.")
]
New = Annotated[str, typer.Argument(metavar="NEW", help="The same, for the rules to compare with.")]
Save = Annotated[
    Path | None,
    typer.Option(
        "--save", metavar="DIR", help="Keep each person that is shown as an answers file here."
    ),
]


def diff(
    old: Old,
    new: New,
    *,
    save: Save = None,
    fail_if_lowered: Annotated[
        bool,
        typer.Option(
            "--fail-if-lowered", help="End with exit code 1 if anybody's urgency can be lowered."
        ),
    ] = False,
    format: FormatOption = "rich",
) -> None:
    """Show what changed between two rule sets, and for whom: a person for each difference, or the
    proof of none.
    """
    from lumbar.review.compare.comparing import compare
    from lumbar.review.compare.printing import print_comparison

    with _opened(old, new) as sides:
        made = compare(sides, save, output.progress("looking for people who differ"))
    if format == "json":
        typer.echo(made.model_dump_json(indent=2))
    else:
        print_comparison(made, output.console())
    if made.missing:
        output.stop(made.missing, CHECK_FAILED)
    if fail_if_lowered and made.people and made.people.of("urgency_lowered"):
        output.stop("somebody's urgency is lowered", CHECK_FAILED)


People = Annotated[
    list[str] | None,
    typer.Option(
        "--people",
        metavar=PEOPLE,
        help="So many made-up people, or a file: YAML, JSON, Parquet, CSV; can be repeated.",
    ),
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="S", help="Another number draws other people.")
]


def impact(
    old: Old,
    new: New,
    *,
    people: People = None,
    personas: Personas = None,
    seed: Seed = 1,
    save: Save = None,
    format: FormatOption = "rich",
) -> None:
    """Count how many people a change of the rules touches, and how; without options, among the
    personas.
    """
    from lumbar.form.agreement import DisagreementError
    from lumbar.review.compare.comparing import count
    from lumbar.review.compare.people import gathered
    from lumbar.review.compare.printing import print_impact

    who = [people_of(one) for one in people or ()]
    drawn = sum(one for one in who if isinstance(one, int))
    files = [one for one in who if isinstance(one, Path)]
    if personas is not None and not personas.is_dir():
        output.stop(f"there is no folder '{personas}'", WRONG_USAGE)
    with _opened(old, new) as sides:
        everybody = gathered(sides, files, personas, drawn, seed)
        if not len(everybody):
            output.stop("there is nobody to decide for; say --people or --personas", WRONG_USAGE)
        try:
            made = count(sides, everybody, save, output.progress("deciding for people"))
        except DisagreementError as error:
            output.stop(f"nothing is reported: the engines disagree: {error}", INTERNAL)
    if format == "json":
        typer.echo(made.model_dump_json(indent=2, fallback=str))
        return
    print_impact(made, output.console())
    if drawn and save is None:
        typer.echo("\nTo open a made-up person, say --save DIR: it keeps one answers file a row.")


@contextmanager
def _opened(old: str, new: str) -> "Iterator[tuple[Side, Side]]":
    """Open both sides; what cannot be found, read or written ends the command in one line."""
    from lumbar.review.compare.revisions import NoSuchSideError, opened

    try:
        with opened(old, new) as sides:
            yield sides
    except NoSuchSideError as error:
        output.stop(str(error), WRONG_USAGE)
    except OSError as error:
        place = f"'{error.filename}' " if error.filename else ""
        why = (error.strerror or "unknown").lower()
        output.stop(f"{place}cannot be read or written: {why}", WRONG_USAGE)
