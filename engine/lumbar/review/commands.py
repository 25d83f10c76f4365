"""The commands of the review: thin, each over one function of this package. Heavy imports wait for their command."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lumbar import terminal
from lumbar.terminal import CHECK_FAILED, INTERNAL, WRONG_USAGE, RulesArgument, RulesOption

if TYPE_CHECKING:
    from lumbar.catalog import Catalog
    from lumbar.review.compare.revisions import Side
    from lumbar.review.cover.equivalence import Equivalence
    from lumbar.review.personas import Persona


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
    dir: RulesOption = None,
) -> None:
    """Sign rules exactly as they are now. Read each one first: `lumbar rules RULE` shows it."""
    from lumbar import load
    from lumbar.review.signing import sign as signing

    root, today = _root(dir, adding=True), date.today()
    catalog = load(root)
    try:
        by = signing.Signer(name, role, registration, today, note)
        until = signing.a_day(valid_until, today) if valid_until is not None else None
        wanted = signing.chosen(catalog, rules)
        signing.show(catalog, wanted, terminal.console())
        signed = signing.sign(root, catalog, wanted, by, until)
    except signing.SigningError as error:
        terminal.stop(str(error), WRONG_USAGE)
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
        Path, typer.Option("--case", metavar="ANSWERS", help="Answers of an invented person whom it gets wrong.")
    ],
    expect: Annotated[
        list[str] | None,
        typer.Option("--expect", metavar="KEY=VALUE", help="What should come out, such as urgency=emergency."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="DIR", help="Where the person is kept; default: tests/personas.")
    ] = None,
    dir: RulesOption = None,
) -> None:
    """Say that you disagree with a rule, and for whom. Until somebody signs it anew it does not count as signed."""
    from lumbar import answers, load
    from lumbar.review.signing import disputes
    from lumbar.review.signing import sign as signing

    root = _root(dir, adding=True)
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
    dir: RulesOption = None,
) -> None:
    """Show which rules are signed as they are now, which are not, and what a release still needs."""
    from lumbar import load
    from lumbar.review.signing import standings
    from lumbar.signoffs import ledger

    if (rule and (verify or stage or status)) or (verify and (stage or status)) or (seen and not verify):
        terminal.stop("ask for one thing at a time: RULE, --verify (with --seen), or a list", WRONG_USAGE)
    if personas is not None and not personas.is_dir():
        terminal.stop(f"there is no folder '{personas}'", WRONG_USAGE)
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
    from lumbar.review.signing import sign as signing
    from lumbar.review.signing import standings
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
    from lumbar.review.signing import disputes, standings

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


def book(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put it: a new, empty or old book's folder.")],
    *,
    rules: Annotated[
        Path | None,
        typer.Option("--rules", metavar="FOLDER", help="A folder with rules/ and content/; default: those shipped."),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day for what is due, such as 2026-11-22.")
    ] = None,
) -> None:
    """Write the rule book: every rule, number, item and source as pages to read and print, without a network."""
    from lumbar.review.book.binding import NotABookError, bind, refuse_others
    from lumbar.review.book.subject import read_subject

    root = _root(rules)
    try:
        from lumbar.review.book.rendering import rendered
    except ModuleNotFoundError:
        terminal.stop("the book needs Jinja; install it with: pip install 'lumbar[review]'", WRONG_USAGE)
    try:
        day = date.fromisoformat(on) if on is not None else date.today()
    except ValueError:
        terminal.stop(f"'{on}' is no day; write it as 2026-11-22", WRONG_USAGE)
    try:
        refuse_others(folder)
        subject = read_subject(root, day)
        count = bind(rendered(subject, terminal.progress("writing the book")), folder)
    except NotABookError as error:
        terminal.stop(str(error), WRONG_USAGE)
    except OSError as error:
        terminal.stop(f"'{folder}' cannot be written: {(error.strerror or 'unknown').lower()}", WRONG_USAGE)
    typer.echo(f"{count} files on {len(subject.catalog.rules)} rules; begin with {folder / 'index.html'}")


Old = Annotated[str, typer.Argument(metavar="OLD", help="A folder with rules/ and content/, or a git revision.")]
New = Annotated[str, typer.Argument(metavar="NEW", help="The same, for the rules to compare with.")]
Save = Annotated[
    Path | None, typer.Option("--save", metavar="DIR", help="Keep each person that is shown as an answers file here.")
]


def diff(
    old: Old,
    new: New,
    *,
    save: Save = None,
    fail_if_lowered: Annotated[
        bool, typer.Option("--fail-if-lowered", help="End with exit code 1 if anybody's urgency can be lowered.")
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.RICH,
) -> None:
    """Show what changed between two rule sets, and for whom: a person for each difference, or the proof of none."""
    from lumbar.review.compare import comparing

    with _opened(old, new) as sides:
        made = comparing.compare(sides, save, terminal.progress("looking for people who differ"))
    if format is Format.JSON:
        typer.echo(made.to_json())
    else:
        made.show(terminal.console())
    if made.missing:
        terminal.stop(made.missing, CHECK_FAILED)
    if fail_if_lowered and made.lowered:
        terminal.stop("somebody's urgency is lowered", CHECK_FAILED)


def impact(
    old: Old,
    new: New,
    *,
    people: Annotated[
        list[Path] | None,
        typer.Option(
            "--people", metavar="FILE", help="Answers of one person or many, as YAML or JSON; can be repeated."
        ),
    ] = None,
    personas: Personas = None,
    synthetic: Annotated[
        int,
        typer.Option(
            "--synthetic", metavar="N", min=0, max=10_000_000, help="People to draw from rules/population.yaml."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Another number draws other people.")] = 1,
    save: Save = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.RICH,
) -> None:
    """Count how many people a change of the rules touches, and how; without options, among the personas."""
    from lumbar.review.compare import comparing

    if personas is not None and not personas.is_dir():
        terminal.stop(f"there is no folder '{personas}'", WRONG_USAGE)
    with _opened(old, new) as sides:
        crowd = comparing.crowd(sides, people or (), personas, synthetic, seed)
        if not len(crowd):
            terminal.stop("there is nobody to decide for; name --people, --personas or --synthetic", WRONG_USAGE)
        made = comparing.count(sides, crowd, save, terminal.progress("deciding for people"))
    if format is Format.JSON:
        typer.echo(made.to_json())
    else:
        made.show(terminal.console())


@contextmanager
def _opened(old: str, new: str) -> "Iterator[tuple[Side, Side]]":
    """Open both sides; what cannot be found, and files that cannot be written, end the command in one line."""
    from lumbar.review.compare.revisions import NoSuchSideError, opened

    try:
        with opened(old, new) as sides:
            yield sides
    except NoSuchSideError as error:
        terminal.stop(str(error), WRONG_USAGE)
    except OSError as error:
        place = f"'{error.filename}' " if error.filename else ""
        terminal.stop(f"{place}cannot be read or written: {(error.strerror or 'unknown').lower()}", WRONG_USAGE)


def prove(
    folder: RulesArgument = None,
    *,
    every: Annotated[bool, typer.Option("--every", help="List every single proof, not only those that fail.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Prove everything anew, whatever was proved before.")] = False,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="DIR", help="Keep each person who refutes a claim: answers, and a persona."),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.RICH,
) -> None:
    """Prove for everybody who could answer that the rules are safe, or show somebody for whom they are not."""
    from lumbar import load
    from lumbar.review.proof import prove as proving
    from lumbar.review.proof.verdict import FilesChangedError, UndecidedError, WrongProofError

    root = _root(folder)
    try:
        from lumbar.review.proof import proved

        catalog = load(root)
        proofs = proving.prove(root, catalog, terminal.progress("proving"), again=again)
    except ModuleNotFoundError:
        terminal.stop("proofs need Z3; install it with: pip install 'lumbar[review]'", WRONG_USAGE)
    except (UndecidedError, WrongProofError) as error:
        terminal.stop(f"nothing is proved: {error}", INTERNAL)
    except FilesChangedError as error:
        terminal.stop(f"nothing is proved: {error}", CHECK_FAILED)
    if format is Format.JSON:
        typer.echo(proofs.model_dump_json(indent=2))
    else:
        proved.show(proofs, catalog, terminal.console(), every)
    if proofs.refuted:
        folder = save or Path(mkdtemp(prefix="lumbar-"))  # somebody will want to open them: `lumbar explain FILE`
        try:
            kept = proved.save(proofs, catalog, folder)
        except OSError as error:
            terminal.stop(f"'{folder}' cannot be written: {(error.strerror or 'unknown').lower()}", WRONG_USAGE)
        for path in kept:
            typer.echo(f"their answers: {path}", err=True)
        raise typer.Exit(CHECK_FAILED)


def coverage(
    folder: RulesArgument = None,
    *,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="RULE", help="Each clause of one rule or score.")
    ] = None,
    personas: Personas = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.RICH,
) -> None:
    """Show which example or persona makes each clause of each rule matter, and the clauses that nobody does."""
    from lumbar import load
    from lumbar.review.cover import coverage as covering
    from lumbar.review.cover.people import everybody

    root = _root(folder)
    catalog = load(root)
    people = everybody(catalog, _personas(root, personas))
    covered = tuple(one for one in covering.coverage(catalog, people) if rule in {None, one.owner})
    _known_owner(rule, bool(covered))
    equivalence = _equivalence(catalog)
    found = covering.gaps(covered, equivalence.decides) if equivalence else covering.gaps(covered)
    if format is Format.JSON:
        typer.echo(covering.to_json(covered, found))
    else:
        if rule:
            covering.show_clauses(covered, terminal.console())
        covering.show(covered, found, len(people), terminal.console())
    if any(gap.open for gap in found):
        raise typer.Exit(CHECK_FAILED)


def mutate(
    folder: RulesArgument = None,
    *,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="RULE", help="Each fault of one rule, score or threshold.")
    ] = None,
    personas: Personas = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.RICH,
) -> None:
    """Put every small fault into the rules, one at a time, and show which nobody notices."""
    from lumbar import load
    from lumbar.review.cover import mutation, survivors
    from lumbar.review.proof.prove import properties_of

    root = _root(folder)
    catalog = load(root)
    trial = mutation.Trial(catalog, _personas(root, personas), properties_of(root, catalog))
    equivalence = _equivalence(catalog)
    judge = equivalence.judge if equivalence else None
    tried = mutation.tried(trial, rule, judge, terminal.progress("trying faults"))
    _known_owner(rule, bool(tried))
    if format is Format.JSON:
        typer.echo(survivors.to_json(tried))
    else:
        survivors.show(catalog, tried, terminal.console(), every=rule is not None)
    if survivors.survivors(tried):
        raise typer.Exit(CHECK_FAILED)


def boundary(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule whose numbers and flags are tried.")],
    *,
    personas: Personas = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.RICH,
    dir: RulesOption = None,
) -> None:
    """Show people just under, at and just over each number of a rule, and with each flag alone, to be confirmed."""
    from lumbar import load
    from lumbar.problems import did_you_mean
    from lumbar.review.cover import boundary as bounding
    from lumbar.review.cover.people import everybody

    root = _root(dir)
    catalog = load(root)
    if rule not in catalog.rules:
        hint = did_you_mean(rule, catalog.rules)
        terminal.stop(f"there is no rule '{rule}'" + (f"; {hint}" if hint else ""), WRONG_USAGE)
    rows = bounding.boundary(catalog, catalog.rules[rule], everybody(catalog, _personas(root, personas)))
    if format is Format.JSON:
        typer.echo(bounding.to_json(catalog.rules[rule], rows))
    else:
        bounding.show(catalog, catalog.rules[rule], rows, terminal.console())


def _personas(root: Path, folder: Path | None) -> "dict[str, Persona]":
    """Return the personas of a folder, by default those beside the rules; none where there is no such folder."""
    from lumbar.review.personas import load_personas

    if folder is not None and not folder.is_dir():
        terminal.stop(f"there is no folder '{folder}'", WRONG_USAGE)
    return load_personas(folder or root / "tests" / "personas")


def _equivalence(catalog: "Catalog") -> "Equivalence | None":
    """Return what looks for people nobody thought of; None, said aloud, where Z3 is not installed."""
    try:
        from lumbar.review.cover.equivalence import Equivalence
    except ModuleNotFoundError:
        typer.echo("lumbar: without Z3 nothing is proved; install it with: pip install 'lumbar[review]'", err=True)
        return None
    return Equivalence(catalog)


def _known_owner(rule: str | None, found: bool) -> None:
    if rule is not None and not found:
        terminal.stop(f"there is no rule, score or threshold '{rule}' to look at", WRONG_USAGE)


def _root(folder: Path | None, adding: bool = False) -> Path:
    from lumbar.paths import data_root, installed

    if terminal.folder(folder) is None and adding and installed():  # the next update would take the signatures away
        terminal.stop(
            "these rules came with the program: name the folder that they are kept in with --dir", WRONG_USAGE
        )
    return folder if folder is not None else data_root()


COMMANDS: tuple[Callable[..., Any], ...] = (
    prove,
    coverage,
    mutate,
    boundary,
    sign,
    dispute,
    review,
    book,
    diff,
    impact,
)
