"""What was proved, on a terminal and as JSON, and the people who refute the rest as files."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lumbar.intake.answers_file import dump
from lumbar.reading.flow import flow
from lumbar.reading.writing import write_whole
from lumbar.review.people.personas import Persona, write
from lumbar.review.proof.builtin import TITLES
from lumbar.review.proof.prove import Proofs
from lumbar.review.proof.verdict import RawAnswers, Verdict
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import Expectation


def show(proofs: Proofs, catalog: Catalog, console: Console, every: bool = False) -> None:
    """Print what is proved, a line a property, and for what is not who shows it; with `every`, each
    single proof.
    """
    said = "; proved before, and nothing has changed since" if proofs.kept else ""
    console.print(Text(f"Rule set {proofs.rule_set}, {proofs.sha256[:12]}{said}"))
    groups: dict[str, list[Verdict]] = {}
    for verdict in proofs.verdicts:
        groups.setdefault(verdict.id.partition("[")[0], []).append(verdict)
    for name, verdicts in sorted(
        groups.items(), key=lambda group: not all(one.proved for one in group[1])
    ):
        _show_group(name, verdicts, console)  # what does not hold comes last: it is read first
        for verdict in verdicts if every else [one for one in verdicts if not one.proved]:
            for line in _one(catalog, verdict):
                console.print(Padding(line, (0, 0, 0, 11), expand=False))
    console.print()
    console.print(Text(_summary(proofs), style="bold"))


def _show_group(name: str, verdicts: list[Verdict], console: Console) -> None:
    wrong = sum(not one.proved for one in verdicts)
    count = f" ({len(verdicts)})" if len(verdicts) > 1 else ""
    line = Table.grid(padding=(0, 1))
    line.add_row(
        Text("NOT PROVED" if wrong else "proved    ", style="bold red" if wrong else ""),
        Text(f"{name}{count}: {TITLES.get(name, verdicts[0].title)}"),
    )
    console.print(line)


def _summary(proofs: Proofs) -> str:
    count, wrong = len(proofs.verdicts), len(proofs.refuted)
    about = f"{count} proofs: {proofs.properties} safety properties, and what must hold of any rule set."
    fault = f"{wrong} {'does' if wrong == 1 else 'do'} not hold."
    return f"{about} {fault if wrong else 'All hold for everybody.'}"


def _one(catalog: Catalog, verdict: Verdict) -> Iterator[Text]:
    if verdict.proved:
        yield Text(f"proved {verdict.id}: {verdict.title}")
        return
    yield Text(f"{verdict.id}: {verdict.why or verdict.title}", style="red")
    if verdict.hazard:
        yield Text(f"hazard: {verdict.hazard}")
    if verdict.answers is not None:
        yield Text(f"for the example person with {in_short(catalog, verdict.answers)}")


def in_short(catalog: Catalog, answers: RawAnswers) -> str:
    """Return what of some answers differs from the example person's, on one line."""
    unusual = catalog.questionnaire.unlike_example(answers)
    said = (
        f"{name} {'left open' if value is None else flow(value)}" for name, value in unusual.items()
    )
    return ", ".join(said) or "nothing changed"


def save(proofs: Proofs, catalog: Catalog, folder: Path) -> list[Path]:
    """Write for each refuted claim the answers of the person who refutes it, and a persona that
    fails until mended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for verdict in proofs.refuted:
        answers = verdict.after or verdict.answers
        if answers is None:
            continue
        name = "".join(letter if letter.isalnum() else "_" for letter in verdict.id).strip("_")
        written.append(folder / f"{name}.answers.yaml")
        write_whole(written[-1], dump(answers, None))
        write_whole(folder / f"{name}.yaml", write(_persona(catalog, verdict, answers)))
    return written


def _persona(catalog: Catalog, verdict: Verdict, answers: RawAnswers) -> Persona:
    return Persona(
        who=f"Somebody who refutes {verdict.id}. {verdict.title}.",
        answers=catalog.questionnaire.unlike_example(answers),
        expect=verdict.expect or Expectation(),
    )
