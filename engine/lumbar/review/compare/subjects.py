"""Whom a change of the rules is tried on: personas, people in files, and people drawn from a
population.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lumbar.intake.answers import faults
from lumbar.reading.opening import read_text
from lumbar.reading.paths import data_root
from lumbar.reading.problems import BadAnswersError, BadCatalogError, Problem
from lumbar.reading.yamlfile import YamlFile, parse_json
from lumbar.review.compare.population import Drawing
from lumbar.review.compare.revisions import Side
from lumbar.review.people import population
from lumbar.review.people.personas import load_personas
from lumbar.rulebook.questionnaire import Questionnaire

PERSONAS = Path("tests") / "personas"
_LARGEST = 200_000_000  # bytes: about 50,000 people
_NEXT = re.compile(r"^---[ \t]*$", re.MULTILINE)  # begins another document of a YAML file


@dataclass(frozen=True)
class Subject:
    """Somebody to decide for: a name by which to find them again, and what may be a set of raw
    answers.
    """

    name: str
    answers: Any


def personas(old: Questionnaire, new: Questionnaire, folder: Path) -> Iterator[Subject]:
    """Yield the personas of a folder: what they do not say is answered as the example person of the
    new rules does.

    Raises BadCatalogError with every problem of their files.
    """
    for name, persona in load_personas(folder).items():
        yield Subject(f"persona {name}", _laid_over(old, new, persona.answers))


def _laid_over(old: Questionnaire, new: Questionnaire, over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay answers over both example people; what is no answer is kept as it is, to be counted as a
    fault.
    """
    given = {name: value for name, value in over.items() if value is not None}
    if any(
        faults(side, {n: v for n, v in given.items() if n in side.questions}) for side in (old, new)
    ):
        return given
    typed = {**old.example(over), **new.example(over)}
    asked = old.questions.keys() | new.questions.keys()
    unknown = {name: value for name, value in given.items() if name not in asked}
    return {
        name: sorted(one) if isinstance(one, frozenset) else one for name, one in typed.items()
    } | unknown


def found_personas(*sides: Side) -> Path | None:
    """Return the personas beside the rules: of a side, of the current folder, or those that came
    with the program.
    """
    roots = (*(side.root for side in sides), Path.cwd(), data_root())
    return next((root / PERSONAS for root in roots if (root / PERSONAS).is_dir()), None)


def in_file(path: Path) -> Iterator[Subject]:
    """Yield the people of a file: one set of answers, a list of them, YAML documents, or JSON
    lines.

    They are named by the file and their place in it, from 1. Raises BadAnswersError where the file
    cannot be read.
    """
    text, problems = read_text(path, path.name, _LARGEST)
    if problems:
        raise BadAnswersError(problems)
    found = list(_documents(path.name, text))
    if not found:
        raise BadAnswersError(
            [Problem(path.name, 0, 0, "empty-file", "there are no answers in it")]
        )
    for place, answers in enumerate(found, 1):
        yield Subject(f"{path}:{place}" if len(found) > 1 else str(path), answers)


def _documents(name: str, text: str) -> Iterator[Any]:
    if name.endswith(".json"):
        read = [parse_json(text, name)]
    elif name.endswith((".jsonl", ".ndjson")):
        read = [
            _line(name, number, line)
            for number, line in enumerate(text.split("\n"), 1)
            if line.strip()
        ]
    else:
        files = [YamlFile(name, one, untrusted=True) for one in _NEXT.split(text) if one.strip()]
        read = [(file.data, file.problems) for file in files]
    if problems := [problem for _, faults in read for problem in faults]:
        raise BadAnswersError(problems)
    for data, _ in read:
        yield from data if isinstance(data, (list, tuple)) else (data,)


def _line(name: str, number: int, text: str) -> tuple[Any, list[Problem]]:
    data, problems = parse_json(text, name)
    return data, [replace(one, line=number) for one in problems]


def drawing(old: Side, new: Side, seed: int) -> Drawing:
    """Return the population to draw from: that of the new rules, of the old, or the one the program
    came with.

    People are drawn for the rules whose population it is. Raises BadCatalogError where it does not
    fit them.
    """
    for side in (new, old):
        said = population.read(side.catalog, side.root)
        if said is not None:
            return Drawing(side.catalog, said, seed)
    said = population.read(new.catalog, data_root())
    if said is None:
        missing = Problem(
            population.FILE, 0, 0, "no-file", "there is no population to draw people from"
        )
        raise BadCatalogError([missing])
    return Drawing(new.catalog, said, seed)
