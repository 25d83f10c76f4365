"""The command of what the rules do to the people who might come: audit."""

from typing import Annotated, Literal

import typer

from lumbar.review.commands.shared import needs, root_of
from lumbar.terminal import output
from lumbar.terminal.output import CHECK_FAILED, INTERNAL, WRONG_USAGE, RulesArgument

Number = Annotated[int | None, typer.Option("--people", min=100, help="How many are drawn.")]
Seed = Annotated[str | None, typer.Option("--seed", help="Whom: the same for the same seed.")]
Unsure = Annotated[
    float, typer.Option("--unsure", min=0, max=0.2, help="How often people are unsure of a sign.")
]
By = Annotated[
    str | None,
    typer.Option(
        "--by", metavar="QUESTION", help="Also among those who answer alike: age, sex, work."
    ),
]
Form = Annotated[
    Literal["rich", "markdown", "json"], typer.Option("--format", help="How to print it.")
]


def audit(
    folder: RulesArgument = None,
    *,
    people: Number = None,
    seed: Seed = None,
    unsure: Unsure = 0.02,
    by: By = None,
    format: Form = "rich",
) -> None:
    """Measure on a made-up practice how soon people are seen, and what their plans hold."""
    from lumbar import load
    from lumbar.reading.problems import did_you_mean
    from lumbar.review.people.practice import read

    needs("numpy", "made-up people")
    from lumbar.form.agreement import DisagreementError
    from lumbar.form.encoding import Encoding
    from lumbar.review.audit import measuring, printing
    from lumbar.review.audit.figures import figures
    from lumbar.review.audit.goals import read_goals

    root = root_of(folder)
    catalog = load(root)
    if by is not None and by not in catalog.questionnaire.questions:
        hint = did_you_mean(by, catalog.questionnaire.questions)
        output.stop(f"there is no question '{by}'" + (f"; {hint}" if hint else ""), WRONG_USAGE)
    practice, goals = read(catalog, root), read_goals(root)
    if practice is None or goals is None:
        output.stop("these rules have no rules/practice.yaml and rules/audit.yaml", WRONG_USAGE)
    as_held = (people, seed) in {(None, None), (goals.people, goals.seed)}
    who = measuring.groups(practice, people or goals.people, unsure)
    try:
        told = output.progress("asking people")
        found = measuring.measure(Encoding(catalog), practice, seed or goals.seed, who, told, by)
    except DisagreementError as error:
        output.stop(f"nothing is reported: the engines disagree: {error}", INTERNAL)
    values = figures(catalog, found)
    made = printing.tables(catalog, found, values, goals, by or "")
    if format == "json":
        typer.echo(printing.as_json(made, values))
    elif format == "markdown":
        typer.echo(printing.markdown(made))
    else:
        printing.show(made, output.console())
    lost = [one for one in goals.figures if not one.kept(values[one.id])]
    if as_held and lost:
        output.stop(
            "lost: " + "; ".join(f"{one.says}: {values[one.id]:g}" for one in lost), CHECK_FAILED
        )
