"""What was proved, on a terminal, and the people who refute the rest as files."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lumbar.intake.answers_file import dump
from lumbar.reading.writing import write_whole
from lumbar.review.people.personas import Persona, write
from lumbar.review.proof import builtin, kinds
from lumbar.review.proof.verdict import Proofs, Verdict
from lumbar.review.words import Paragraphs, counted, in_short, print_paragraphs
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import Expectation

_TITLES: Mapping[str, tuple[str, str]] = {
    **builtin.TITLES,
    **dict[str, tuple[str, str]](kinds.TITLES),
}


def print_proofs(proofs: Proofs, catalog: Catalog, console: Console, every: bool = False) -> None:
    """Print a line a property, and who refutes it; with `every`, each single proof."""
    print_paragraphs(_told(proofs, catalog, every), console)


def _told(proofs: Proofs, catalog: Catalog, every: bool) -> Paragraphs:
    kept = "; proved before, and nothing has changed since" if proofs.kept else ""
    yield 0, f"Rule set {proofs.rule_set}, {proofs.sha256[:12]}{kept}"
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in proofs.verdicts:
        groups[verdict.id.partition("[")[0]].append(verdict)
    # what does not hold comes last: it is read first
    for wrong in (False, True):
        for name, group in groups.items():
            if wrong is not all(one.proved for one in group):
                yield 0, _property(name, group)
                for verdict in group:
                    yield from _single(catalog, verdict, every)
    yield 0, Text(f"\n{_summary(proofs)}", style="bold")


def _property(name: str, group: list[Verdict]) -> Table:
    proved = all(one.proved for one in group)
    count = f" ({len(group)})" if len(group) > 1 else ""
    title = _TITLES[name][0] if name in _TITLES else group[0].title
    line = Table.grid(padding=(0, 1))
    word = Text("proved    ") if proved else Text("NOT PROVED", style="bold red")
    line.add_row(word, Text(f"{name}{count}: {title}"))
    return line


def _summary(proofs: Proofs) -> str:
    count, wrong = len(proofs.verdicts), len(proofs.refuted)
    safe = counted(proofs.properties, "safety property", "safety properties")
    what = f"{safe}, and what must hold of any rule set"
    fault = f"{wrong} {'does' if wrong == 1 else 'do'} not hold."
    return f"{counted(count, 'proof')}: {what}. {fault if wrong else 'All hold for everybody.'}"


def _single(catalog: Catalog, verdict: Verdict, every: bool) -> Paragraphs:
    if verdict.proved:
        if every:
            yield 11, f"proved {verdict.id}: {verdict.title}"
        return
    yield 11, Text(f"{verdict.id}: {verdict.why or verdict.title}", style="red")
    if verdict.hazard:
        yield 11, f"hazard: {verdict.hazard}"
    if verdict.answers is not None:
        unusual = catalog.questionnaire.unlike_example(verdict.answers)
        who = f"with {in_short(unusual)}" if unusual else "as it is"
        yield 11, f"for the example person {who}"


def save(proofs: Proofs, catalog: Catalog, folder: Path) -> list[Path]:
    """Write the answers of whoever refutes a claim, and a persona that fails until it is mended."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for verdict in proofs.refuted:
        answers = verdict.after or verdict.answers
        if answers is not None:
            name = "".join(sign if sign.isalnum() else "_" for sign in verdict.id).strip("_")
            persona = Persona(
                who=f"Somebody who refutes {verdict.id}. {verdict.title}.",
                answers=catalog.questionnaire.unlike_example(answers),
                expect=verdict.expect or Expectation(),
            )
            written.append(folder / f"{name}.answers.yaml")
            write_whole(written[-1], dump(answers, None))
            write_whole(folder / f"{name}.yaml", write(persona))
    return written
