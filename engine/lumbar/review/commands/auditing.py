"""The command of what the rules do to the people who might come, or who came: audit."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lumbar.review.commands.shared import PEOPLE, needs, people_of, root_of
from lumbar.terminal import output
from lumbar.terminal.output import BAD_ANSWERS, CHECK_FAILED, INTERNAL, WRONG_USAGE, RulesArgument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lumbar.review.people.crowds import Crowds
    from lumbar.rulebook.catalog import Catalog

_FEWEST = 100  # people that are drawn
_UNSURE = 0.02
People = Annotated[
    str | None,
    typer.Option(
        "--people",
        metavar=PEOPLE,
        help="How many are drawn, or a file of people: YAML, JSON, Parquet, CSV.",
    ),
]
Seed = Annotated[str | None, typer.Option("--seed", help="Whom: the same for the same seed.")]
Unsure = Annotated[
    float | None,
    typer.Option(
        "--unsure", min=0, max=0.2, help="How often people are unsure of a sign; default: 0.02."
    ),
]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="COLUMN",
        help="Also among those who answer a question alike, or have the same in a column of FILE.",
    ),
]
Form = Annotated[
    Literal["rich", "markdown", "json"], typer.Option("--format", help="How to print it.")
]


def audit(
    folder: RulesArgument = None,
    *,
    people: People = None,
    seed: Seed = None,
    unsure: Unsure = None,
    by: By = "",
    format: Form = "rich",
) -> None:
    """Measure on a made-up practice, or on people in a file, how soon they are seen, and what their
    plans hold.
    """
    needs("numpy", "made-up people")
    from lumbar import load
    from lumbar.form.agreement import DisagreementError
    from lumbar.form.encoding import Encoding
    from lumbar.review.audit import measuring, printing
    from lumbar.review.audit.figures import figures
    from lumbar.review.audit.goals import read_goals

    root = root_of(folder)
    catalog, goals = load(root), read_goals(root)
    if goals is None:
        output.stop("these rules have no rules/audit.yaml", WRONG_USAGE)
    many = people_of(people, _FEWEST) if people else goals.people
    if isinstance(many, int):
        who = _made_up(catalog, root, many, seed or goals.seed, unsure or _UNSURE, by)
    elif seed is None and unsure is None:
        who = _in_file(catalog, many, by)
    else:
        output.stop("people in a file are not drawn: leave out --seed and --unsure", WRONG_USAGE)
    try:
        found = measuring.measure(Encoding(catalog), who, output.progress("asking people"), by)
    except DisagreementError as error:
        output.stop(f"nothing is reported: the engines disagree: {error}", INTERNAL)
    left_out = {
        crowd.name(place): why
        for group, crowd in who.items()
        for place, why in found[group].left_out.items()
    }
    if left_out and (isinstance(many, int) or len(left_out) == len(who["all"])):
        told = "; ".join(f"{name}: {why}" for name, why in list(left_out.items())[:3])
        code = INTERNAL if isinstance(many, int) else BAD_ANSWERS
        output.stop(f"nothing is reported: {told}", code)
    values = figures(catalog, found)
    held = (many, seed or goals.seed, unsure) == (goals.people, goals.seed, None)
    made = [
        *printing.not_counted(left_out, len(who["all"])),
        *printing.against(values, goals, held),
        *printing.tables(catalog, found, by),
    ]
    if format == "json":
        typer.echo(printing.as_json(made, values, left_out))
    elif format == "markdown":
        typer.echo(printing.markdown(made))
    else:
        printing.show(made, output.console())
    lost = [one for one in goals.figures if held and not one.kept(values[one.id])]
    if lost:
        output.stop(
            "lost: " + "; ".join(f"{one.says}: {values[one.id]:g}" for one in lost), CHECK_FAILED
        )


def _made_up(
    catalog: "Catalog", root: Path, many: int, seed: str, unsure: float, by: str
) -> "Mapping[str, Crowds]":
    """Return the people of the practice, and each group of them that is looked at by itself."""
    from lumbar.reading.problems import did_you_mean
    from lumbar.review.audit.measuring import made_up
    from lumbar.review.people.practice import read

    asked = catalog.questionnaire.questions
    if by and by not in asked:
        hint = did_you_mean(by, asked)
        output.stop(f"there is no question '{by}'" + (f"; {hint}" if hint else ""), WRONG_USAGE)
    practice = read(catalog, root)
    if practice is None:
        output.stop("these rules have no rules/practice.yaml", WRONG_USAGE)
    return made_up(catalog, practice, seed, many, unsure)


def _in_file(catalog: "Catalog", path: Path, by: str) -> "Mapping[str, Crowds]":
    from lumbar.review.people.crowds import people_in

    asked = catalog.questionnaire
    return {"all": people_in(path, asked, "" if by in asked.questions else by)}
