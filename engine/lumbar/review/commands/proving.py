"""The commands of what holds: check, prove, coverage, mutate, boundary."""

from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Annotated

import typer

from lumbar.review.commands.shared import Personas, personas_of, root_of
from lumbar.review.words import counted
from lumbar.terminal import output
from lumbar.terminal.output import (
    CHECK_FAILED,
    INTERNAL,
    WRONG_USAGE,
    FormatOption,
    RulesArgument,
    RulesOption,
)

if TYPE_CHECKING:
    from lumbar.review.cover.equivalence import Equivalence
    from lumbar.review.proof.verdict import Proofs
    from lumbar.rulebook.catalog import Catalog


def check(folder: RulesArgument = None) -> None:
    """Find every problem in the rules and content."""
    from lumbar.reading.problems import told
    from lumbar.review.check import check as find

    problems = find(output.folder(folder), output.progress("checking the rules"))
    for line in told(problems):
        typer.echo(output.as_typed(line))
    typer.echo(counted(len(problems), "problem") if problems else "no problems")
    if problems:
        raise typer.Exit(CHECK_FAILED)


Every = Annotated[
    bool, typer.Option("--every", help="List every single proof, not only those that fail.")
]
Again = Annotated[
    bool, typer.Option("--again", help="Prove everything anew, whatever was proved before.")
]
_SAVED = "Keep each person who refutes a claim: answers, and a persona."
Save = Annotated[Path | None, typer.Option("--save", metavar="DIR", help=_SAVED)]


def prove(
    folder: RulesArgument = None,
    *,
    every: Every = False,
    again: Again = False,
    save: Save = None,
    format: FormatOption = "rich",
) -> None:
    """Prove for everybody who could answer that the rules are safe, or show who breaks it."""
    from lumbar import load

    root = root_of(folder)
    catalog = load(root)
    proofs = _proved(root, catalog, again)
    if format == "json":
        typer.echo(proofs.model_dump_json(indent=2))
    else:
        from lumbar.review.proof.proved import print_proofs

        print_proofs(proofs, catalog, output.console(), every)
    if proofs.refuted:
        _save(proofs, catalog, save or Path(mkdtemp(prefix="lumbar-")))
        raise typer.Exit(CHECK_FAILED)


def _proved(root: Path, catalog: "Catalog", again: bool) -> "Proofs":
    from lumbar.review.proof import prove as proving
    from lumbar.review.proof.verdict import FilesChangedError, UndecidedError, WrongProofError

    if find_spec("z3") is None:
        output.stop(f"proofs need Z3; {output.install('z3')}", WRONG_USAGE)
    try:
        return proving.prove(root, catalog, output.progress("proving"), again=again)
    except (UndecidedError, WrongProofError) as error:
        output.stop(f"nothing is proved: {error}", INTERNAL)
    except FilesChangedError as error:
        output.stop(f"nothing is proved: {error}", CHECK_FAILED)


def _save(proofs: "Proofs", catalog: "Catalog", folder: Path) -> None:
    from lumbar.review.proof.proved import save

    try:
        kept = save(proofs, catalog, folder)
    except OSError as error:
        why = (error.strerror or "unknown").lower()
        output.stop(f"'{folder}' cannot be written: {why}", WRONG_USAGE)
    for path in kept:
        typer.echo(f"their answers: {path}", err=True)


def coverage(
    folder: RulesArgument = None,
    *,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="RULE", help="Each clause of one rule or score.")
    ] = None,
    personas: Personas = None,
    format: FormatOption = "rich",
) -> None:
    """Show which example or persona makes each clause of each rule matter, and which none does."""
    from lumbar import load
    from lumbar.review.cover import coverage as covering
    from lumbar.review.cover.people import everybody

    root = root_of(folder)
    catalog = load(root)
    people = everybody(catalog, personas_of(root, personas))
    equivalence = _equivalence(catalog)
    find = equivalence.decides if equivalence else covering.Covered.gap
    found = covering.coverage(catalog, people, rule, find)
    _known_owner(rule, bool(found.clauses))
    if format == "json":
        typer.echo(found.to_json())
    else:
        if rule:
            covering.print_clauses(found, output.console())
        covering.print_coverage(found, len(people), output.console())
    if found.open:
        raise typer.Exit(CHECK_FAILED)


def mutate(
    folder: RulesArgument = None,
    *,
    rule: Annotated[
        str | None,
        typer.Option("--rule", metavar="RULE", help="Each one in a rule, score or threshold."),
    ] = None,
    personas: Personas = None,
    format: FormatOption = "rich",
) -> None:
    """Put every small mistake into the rules, one at a time, and show which nobody notices."""
    from lumbar import load
    from lumbar.review.cover import mutation, survivors
    from lumbar.review.proof.prove import properties_of

    root = root_of(folder)
    catalog = load(root)
    trial = mutation.Trial(catalog, personas_of(root, personas), properties_of(root, catalog))
    equivalence = _equivalence(catalog)
    judge = equivalence.judge if equivalence else mutation.survived
    tried = mutation.tried(trial, rule, judge, output.progress("trying mistakes"))
    _known_owner(rule, bool(tried))
    if format == "json":
        typer.echo(survivors.to_json(tried))
    else:
        survivors.print_mutants(catalog, tried, output.console(), every=rule is not None)
    if survivors.survivors(tried):
        raise typer.Exit(CHECK_FAILED)


def boundary(
    rule: Annotated[
        str, typer.Argument(metavar="RULE", help="The rule whose numbers and flags are tried.")
    ],
    *,
    personas: Personas = None,
    format: FormatOption = "rich",
    dir: RulesOption = None,
) -> None:
    """Show people at each number of a rule, just under and over it, and with each flag alone."""
    from lumbar import load
    from lumbar.reading.problems import did_you_mean
    from lumbar.review.cover import boundary as bounding
    from lumbar.review.cover.people import everybody

    root = root_of(dir)
    catalog = load(root)
    if rule not in catalog.rules:
        hint = did_you_mean(rule, catalog.rules)
        output.stop(f"there is no rule '{rule}'" + (f"; {hint}" if hint else ""), WRONG_USAGE)
    people = everybody(catalog, personas_of(root, personas))
    found = bounding.boundary(catalog, catalog.rules[rule], people)
    if format == "json":
        typer.echo(found.to_json())
    else:
        bounding.print_boundary(found, catalog.rules[rule], output.console())


def _equivalence(catalog: "Catalog") -> "Equivalence | None":
    """Return what looks for people nobody thought of; None, said aloud, where there is no Z3."""
    if find_spec("z3") is None:
        output.tell(f"without Z3 nothing is proved; {output.install('z3')}")
        return None
    from lumbar.review.cover.equivalence import Equivalence

    return Equivalence(catalog)


def _known_owner(rule: str | None, found: bool) -> None:
    if rule is not None and not found:
        output.stop(f"there is no rule, score or threshold '{rule}' to look at", WRONG_USAGE)
