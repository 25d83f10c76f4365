"""The commands of the review: thin, each over one function of this package. Heavy imports wait for their command."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lumbar import terminal
from lumbar.terminal import CHECK_FAILED, WRONG_USAGE

if TYPE_CHECKING:
    from lumbar.catalog import Catalog


class Format(StrEnum):
    """How a list or table is printed."""

    RICH = "rich"
    JSON = "json"


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


Folder = Annotated[
    Path | None, typer.Option("--dir", metavar="DIR", help="A folder with rules/ and content/; default: those shipped.")
]
Name = Annotated[str, typer.Option("--name", help="Your name, as it should stand in the record.")]
Role = Annotated[str, typer.Option("--role", help="What you are, such as 'physiotherapist'.")]
Registration = Annotated[str, typer.Option("--registration", help="Your registration, such as 'HCPC PH12345'.")]
Personas = Annotated[
    Path | None, typer.Option("--personas", metavar="DIR", help="The folder of personas; default: tests/personas.")
]


def sign(
    rules: Annotated[list[str], typer.Argument(metavar="RULE...", help="Rules, or topics such as triage/cancer.")],
    *,
    name: Name,
    role: Role,
    registration: Registration,
    note: Annotated[str, typer.Option("--note", help="A remark for the record.")] = "",
    valid_until: Annotated[
        str | None, typer.Option("--valid-until", metavar="DATE", help="When to read it again, such as 2027-11-22.")
    ] = None,
    dir: Folder = None,
) -> None:
    """Sign rules exactly as they are now. Read each one first: `lumbar rules RULE` shows it."""
    from lumbar import load
    from lumbar.review import signing

    root, today = _root(dir), date.today()
    catalog = load(root)
    try:
        by = signing.Signer(name, role, registration, today, note)
        until = signing.a_day(valid_until, today) if valid_until is not None else None
        wanted = signing.chosen(catalog, rules)
        signing.show(catalog, wanted, terminal.console())
        signed = signing.sign(root, catalog, wanted, by, until)
    except signing.SigningError as error:
        terminal.stop(str(error), WRONG_USAGE)
    number = f"{len(signed)} rules" if len(signed) > 1 else "1 rule"
    typer.echo(f"signed {number} as {by.name}; the record now has {signed[-1].n} lines")


def dispute(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule you disagree with.")],
    *,
    name: Name,
    role: Role,
    registration: Registration,
    note: Annotated[str, typer.Option("--note", help="What is wrong with it for this person.")],
    case: Annotated[
        Path, typer.Option("--case", metavar="ANSWERS", help="Answers of an invented person whom it gets wrong.")
    ],
    expect: Annotated[
        list[str] | None,
        typer.Option("--expect", metavar="KEY=VALUE", help="What should come out, such as urgency=emergency."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="DIR", help="Where the person is kept; default: tests/personas.")
    ] = None,
    dir: Folder = None,
) -> None:
    """Say that you disagree with a rule, and for whom. Until somebody signs it anew it does not count as signed."""
    from lumbar import answers, load
    from lumbar.review import disputes, signing

    root = _root(dir)
    catalog = load(root)
    given = answers.read(catalog.questionnaire, case)
    try:
        by = signing.Signer(name, role, registration, date.today(), note)
        about = disputes.case_of(catalog, signing.one_rule(catalog, rule), given, expect or ())
        added, path = disputes.dispute(root, catalog, about, by, save or root / "tests" / "personas")
    except signing.SigningError as error:
        terminal.stop(str(error), WRONG_USAGE)
    typer.echo(f"recorded as line {added.n}: you disagree with {rule}; expected {', '.join(added.expected)}")
    typer.echo(f"the person is kept in {path}")


def review(
    rule: Annotated[
        str | None, typer.Argument(metavar="RULE", help="One rule: its history, and what changed since.")
    ] = None,
    *,
    stage: Annotated[InStage | None, typer.Option("--stage", help="Only rules of this stage.")] = None,
    status: Annotated[InStatus | None, typer.Option("--status", help="Only rules that stand like this.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Only check that the record is whole.")] = False,
    seen: Annotated[
        str | None, typer.Option("--seen", metavar="HASH", help="With --verify: a hash that was the last one once.")
    ] = None,
    personas: Personas = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.RICH,
    dir: Folder = None,
) -> None:
    """Show which rules are signed as they are now, which are not, and what a release still needs."""
    from lumbar import load
    from lumbar.review import standings
    from lumbar.signoffs import ledger

    if (rule and (verify or stage or status)) or (verify and (stage or status)) or (seen and not verify):
        terminal.stop("ask for one thing at a time: RULE, --verify (with --seen), or a list", WRONG_USAGE)
    root = _root(dir)
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


def _review_rule(catalog: "Catalog", rule: str, format: Format) -> None:
    from lumbar.review import signing, standings
    from lumbar.signoffs import standing

    try:
        one = standing(catalog, signing.one_rule(catalog, rule, retired=True), date.today())
    except signing.SigningError as error:
        terminal.stop(str(error), WRONG_USAGE)
    if format is Format.JSON:
        typer.echo(standings.rule_to_json(catalog, one))
    else:
        standings.show_rule(catalog, one, terminal.console())


def _review_rules(
    catalog: "Catalog", stage: InStage | None, status: InStatus | None, personas: Path, format: Format
) -> None:
    from lumbar.review import disputes, standings

    people = disputes.disputed_people(catalog, personas) if personas.is_dir() else {}
    overview = standings.Overview(catalog, standings.standings(catalog, date.today()), people)
    wanted = tuple(
        one
        for one in overview.standings
        if stage in {None, catalog.stage_of[one.rule]} and status in {None, one.status}
    )
    if format is Format.JSON:
        typer.echo(standings.to_json(overview, wanted))
    else:
        standings.show(overview, wanted, terminal.console())


def _root(folder: Path | None) -> Path:
    from lumbar.paths import data_root

    if folder is not None and not folder.is_dir():
        terminal.stop(f"there is no folder '{folder}'", WRONG_USAGE)
    return folder if folder is not None else data_root()


COMMANDS: tuple[Callable[..., Any], ...] = (sign, dispute, review)
