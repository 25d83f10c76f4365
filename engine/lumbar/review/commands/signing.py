"""The commands of who signs: sign, dispute, review."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumbar.review.commands.shared import Personas, root_of
from lumbar.terminal import output
from lumbar.terminal.output import CHECK_FAILED, WRONG_USAGE, FormatOption, RulesOption

if TYPE_CHECKING:
    from lumbar.rulebook.catalog import Catalog


class InStage(StrEnum):
    """The stage whose rules are listed."""

    TRIAGE = "triage"
    PROFILE = "profile"
    CAUTIONS = "cautions"
    CARE = "care"


class InStatus(StrEnum):
    """The status of the rules that are listed."""

    NEVER_REVIEWED = "never_reviewed"
    VALID = "valid"
    CHANGED = "changed"
    DUE = "due"
    OVERDUE = "overdue"
    DISPUTED = "disputed"


Name = Annotated[str, typer.Option("--name", help="Your name, as it should stand in the record.")]


Role = Annotated[str, typer.Option("--role", help="What you are, such as 'physiotherapist'.")]


Registration = Annotated[
    str, typer.Option("--registration", help="Your registration, such as 'HCPC PH12345'.")
]


def sign(
    rules: Annotated[
        list[str], typer.Argument(metavar="RULE...", help="Rules, or topics such as triage/cancer.")
    ],
    *,
    name: Name,
    role: Role,
    registration: Registration,
    note: Annotated[str, typer.Option("--note", help="A remark for the record.")] = "",
    valid_until: Annotated[
        str | None,
        typer.Option(
            "--valid-until", metavar="DATE", help="When to read it again, such as 2027-11-22."
        ),
    ] = None,
    dir: RulesOption = None,
) -> None:
    """Sign rules exactly as they are now. Read each one first: `lumbar rules RULE` shows it."""
    from lumbar import load
    from lumbar.review.signing import sign as signing

    root, today = root_of(dir, adding=True), date.today()
    catalog = load(root)
    try:
        by = signing.Signer(name, role, registration, today, note)
        until = signing.a_day(valid_until, today) if valid_until is not None else None
        wanted = signing.chosen(catalog, rules)
        signing.show(catalog, wanted, output.console())
        signed = signing.sign(root, catalog, wanted, by, until)
    except signing.SigningError as error:
        output.stop(str(error), WRONG_USAGE)
    rules_signed = f"{len(signed)} rules" if len(signed) > 1 else "1 rule"
    typer.echo(f"signed {rules_signed} as {by.name}, up to line {signed[-1].n} of the record")


def dispute(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule you disagree with.")],
    *,
    name: Name,
    role: Role,
    registration: Registration,
    note: Annotated[str, typer.Option("--note", help="What is wrong with it for this person.")],
    case: Annotated[
        Path,
        typer.Option(
            "--case", metavar="ANSWERS", help="Answers of an invented person whom it gets wrong."
        ),
    ],
    expect: Annotated[
        list[str] | None,
        typer.Option(
            "--expect", metavar="KEY=VALUE", help="What should come out, such as urgency=emergency."
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save", metavar="DIR", help="Where the person is kept; default: tests/personas."
        ),
    ] = None,
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
    try:
        by = signing.Signer(name, role, registration, date.today(), note)
        about = disputes.case_of(catalog, signing.one_rule(catalog, rule), given, expect or ())
        added, path = disputes.dispute(
            root, catalog, about, by, save or root / "tests" / "personas"
        )
    except signing.SigningError as error:
        output.stop(str(error), WRONG_USAGE)
    typer.echo(
        f"recorded as line {added.n}: you disagree with {rule}; expected {', '.join(added.expected)}"
    )
    typer.echo(f"the person is kept in {path}")


def review(
    rule: Annotated[
        str | None,
        typer.Argument(metavar="RULE", help="One rule: its history, and what changed since."),
    ] = None,
    *,
    stage: Annotated[
        InStage | None, typer.Option("--stage", help="Only rules of this stage.")
    ] = None,
    status: Annotated[
        InStatus | None, typer.Option("--status", help="Only rules that stand like this.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only check that the record is whole.")
    ] = False,
    seen: Annotated[
        str | None,
        typer.Option(
            "--seen", metavar="HASH", help="With --verify: a hash that was the last one once."
        ),
    ] = None,
    personas: Personas = None,
    format: FormatOption = "rich",
    dir: RulesOption = None,
) -> None:
    """Show which rules are signed as they are now, which are not, and what a release still needs."""
    from lumbar import load
    from lumbar.review.signing import standings
    from lumbar.signatures.signoffs import ledger

    if (
        (rule and (verify or stage or status))
        or (verify and (stage or status))
        or (seen and not verify)
    ):
        output.stop(
            "ask for one thing at a time: RULE, --verify (with --seen), or a list", WRONG_USAGE
        )
    if personas is not None and not personas.is_dir():
        output.stop(f"there is no folder '{personas}'", WRONG_USAGE)
    root = root_of(dir)
    catalog = load(root)
    fault = standings.record_fault(ledger(catalog), seen)
    if verify:
        typer.echo(fault or standings.record_in_words(ledger(catalog)))
    elif rule:
        _review_rule(catalog, rule, format)
    else:
        _review_rules(catalog, stage, status, personas or root / "tests" / "personas", format)
    if fault and not verify:
        typer.echo(f"lumbar: {fault}", err=True)
    if fault:
        raise typer.Exit(CHECK_FAILED)


def _review_rule(catalog: "Catalog", rule: str, format: str) -> None:
    from lumbar.review.signing import sign as signing
    from lumbar.review.signing import standings
    from lumbar.signatures.signoffs import standing

    try:
        one = standing(catalog, signing.one_rule(catalog, rule, retired=True), date.today())
    except signing.SigningError as error:
        output.stop(str(error), WRONG_USAGE)
    if format == "json":
        typer.echo(standings.rule_to_json(catalog, one))
    else:
        standings.show_rule(catalog, one, output.console())


def _review_rules(
    catalog: "Catalog", stage: InStage | None, status: InStatus | None, personas: Path, format: str
) -> None:
    from lumbar.review.signing import disputes, standings

    people = disputes.disputed_people(catalog, personas) if personas.is_dir() else {}
    overview = standings.Overview(catalog, standings.standings(catalog, date.today()), people)
    wanted = tuple(
        one
        for one in overview.standings
        if stage in {None, catalog.stage_of[one.rule]} and status in {None, one.status}
    )
    if format == "json":
        typer.echo(standings.to_json(overview, wanted))
    else:
        standings.show(overview, wanted, output.console())
