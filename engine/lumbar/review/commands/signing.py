"""The commands of who signs: sign, dispute, review."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lumbar.review.commands.shared import Personas, root_of
from lumbar.review.words import counted
from lumbar.terminal import output
from lumbar.terminal.output import CHECK_FAILED, WRONG_USAGE, FormatOption, RulesOption

if TYPE_CHECKING:
    from lumbar.rulebook.catalog import Catalog

Name = Annotated[str, typer.Option("--name", help="Your name, as it should stand in the record.")]
Role = Annotated[str, typer.Option("--role", help="What you are, such as 'physiotherapist'.")]
Registration = Annotated[
    str, typer.Option("--registration", help="Your registration, such as 'HCPC PH12345'.")
]


Rules = Annotated[
    list[str] | None,
    typer.Argument(metavar="RULE...", help="Rules, or topics such as triage/cancer."),
]
ValidUntil = Annotated[
    str | None,
    typer.Option(
        "--valid-until", metavar="DATE", help="When to read it again, such as 2027-11-22."
    ),
]
Release = Annotated[
    bool,
    typer.Option(
        "--release", help="The rule set as a whole: rules, numbers, plan limits, safety net."
    ),
]


def sign(
    rules: Rules = None,
    *,
    name: Name,
    role: Role,
    registration: Registration,
    note: Annotated[str, typer.Option("--note", help="A remark for the record.")] = "",
    valid_until: ValidUntil = None,
    release: Release = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before signing several.")] = False,
    dir: RulesOption = None,
) -> None:
    """Sign rules exactly as they are now. Read each one first: `lumbar rules RULE` shows it."""
    from lumbar import load
    from lumbar.review.signing import sign as signing
    from lumbar.signatures.reviewed import RULE_SET

    if bool(rules) is release:
        output.stop("say what you sign: either RULE... or --release", WRONG_USAGE)
    root = root_of(dir, adding=True)
    catalog = load(root)
    by = {"name": name, "role": role, "registration": registration, "day": date.today()}
    by |= {"note": note, "valid_until": valid_until}
    try:
        wanted = (RULE_SET,) if release else signing.chosen(catalog, rules or ())
        entries = signing.signatures(catalog, wanted, by)
        signing.show(catalog, entries, output.console())
        if (len(wanted) > 1 or list(wanted) != rules) and not yes:
            _ask(f"Sign this, {len(wanted)} in all?")
        signing.append(root, entries)
    except signing.SigningError as error:
        output.stop(str(error), WRONG_USAGE)
    signed = "the rule set" if release else counted(len(wanted), "rule")
    typer.echo(f"signed {signed} as {entries[0].name}")


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        output.stop("nothing is signed: nobody can be asked here, so say --yes", WRONG_USAGE)
    if not typer.confirm(question):
        output.stop("nothing is signed", CHECK_FAILED)


Case = Annotated[
    Path,
    typer.Option(
        "--case", metavar="ANSWERS", help="Answers of an invented person whom it gets wrong."
    ),
]
Expect = Annotated[
    list[str] | None,
    typer.Option(
        "--expect", metavar="KEY=VALUE", help="What should come out, such as urgency=emergency."
    ),
]
SavePerson = Annotated[
    Path | None,
    typer.Option(
        "--save", metavar="DIR", help="Where the person is kept; default: tests/personas."
    ),
]


def dispute(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule you disagree with.")],
    *,
    name: Name,
    role: Role,
    registration: Registration,
    note: Annotated[str, typer.Option("--note", help="What is wrong with it for this person.")],
    case: Case,
    expect: Expect = None,
    save: SavePerson = None,
    dir: RulesOption = None,
) -> None:
    """Say that you disagree with a rule, and for whom. Until somebody signs it anew it does not
    count as signed.
    """
    from lumbar import load
    from lumbar.intake import answers_file
    from lumbar.review.signing import disputes
    from lumbar.review.signing import sign as signing

    root = root_of(dir, adding=True)
    catalog = load(root)
    given = answers_file.read(catalog.questionnaire, case)
    by = {"name": name, "role": role, "registration": registration, "day": date.today()}
    try:
        about = disputes.case_of(catalog, rule, given, expect or ())
        folder = save or root / "tests" / "personas"
        path = disputes.dispute(root, catalog, about, by | {"note": note}, folder)
    except signing.SigningError as error:
        output.stop(str(error), WRONG_USAGE)
    typer.echo(f"recorded: you disagree with {rule}; expected {', '.join(about.said)}")
    typer.echo(f"the person is kept in {path}")


def review(
    rule: Annotated[
        str | None,
        typer.Argument(metavar="RULE", help="One rule: its history, and what changed since."),
    ] = None,
    *,
    stage: Annotated[
        Literal["triage", "profile", "cautions", "care"] | None,
        typer.Option("--stage", help="Only rules of this stage."),
    ] = None,
    status: Annotated[
        Literal["never_reviewed", "valid", "changed", "due", "overdue", "disputed"] | None,
        typer.Option("--status", help="Only rules that stand like this."),
    ] = None,
    personas: Personas = None,
    format: FormatOption = "rich",
    dir: RulesOption = None,
) -> None:
    """Show which rules are signed as they are, which are not, and what a release still needs."""
    from lumbar import load
    from lumbar.review.signing import sign as signing
    from lumbar.signatures.signoffs import signoffs

    if rule and (stage or status):
        output.stop("ask for one thing at a time: RULE, or a list", WRONG_USAGE)
    if personas is not None and not personas.is_dir():
        output.stop(f"there is no folder '{personas}'", WRONG_USAGE)
    root = root_of(dir)
    catalog = load(root)
    if rule:
        try:
            _review_rule(catalog, signing.known(rule, catalog.rules), format)
        except signing.SigningError as error:
            output.stop(str(error), WRONG_USAGE)
    else:
        _review_rules(catalog, stage, status, personas or root / "tests" / "personas", format)
    for problem in signoffs(catalog).problems:
        output.tell(f"no rule counts as signed: {problem}")
    if signoffs(catalog).problems:
        raise typer.Exit(CHECK_FAILED)


def _review_rule(catalog: "Catalog", rule: str, format: str) -> None:
    from lumbar.review.signing import standings
    from lumbar.signatures.signoffs import standing

    one = standing(catalog, rule, date.today())
    if format == "json":
        typer.echo(standings.rule_json(catalog, one))
    else:
        standings.show_rule(catalog, one, output.console())


def _review_rules(
    catalog: "Catalog", stage: str | None, status: str | None, personas: Path, format: str
) -> None:
    from lumbar.review.signing import disputes, standings

    people = disputes.disputed_people(catalog, personas) if personas.is_dir() else {}
    overview = standings.Overview(catalog, date.today(), people)
    wanted = tuple(
        one
        for one in overview.rules
        if stage in {None, catalog.stage_of[one.rule]} and status in {None, one.status}
    )
    if format == "json":
        typer.echo(standings.list_json(overview, wanted))
    else:
        standings.show(overview, wanted, output.console())
