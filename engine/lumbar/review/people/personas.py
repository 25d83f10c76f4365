"""Named people and what a clinician expects of their plans: read, checked and written."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lumbar.reading.flow import block
from lumbar.reading.opening import read_text
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.reading.record import Record
from lumbar.reading.yamlfile import YamlFile
from lumbar.review.people import expectations
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import Words
from lumbar.rulebook.rules import Expectation

_LARGEST_FILE = 100_000  # bytes


class Persona(Record):
    """A person: answers laid over the example person's (`null` leaves one open), and what to
    expect.

    `disputed` names the rule with which a clinician disagrees: such a person may differ until that
    is settled.
    """

    who: Words
    answers: Mapping[str, Any]
    expect: Expectation
    disputed: str = ""


def read(text: str, name: str = "persona.yaml") -> Persona:
    """Return a checked persona; raise BadCatalogError with every problem, each with its line."""
    file = YamlFile(name, text)
    persona = file.read(Persona)
    if persona is None:
        raise BadCatalogError(file.problems)
    return persona


def load_personas(folder: Path) -> dict[str, Persona]:
    """Return the personas of a folder by file name; raise BadCatalogError with every problem."""
    found: dict[str, Persona] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        text, faults = read_text(path, path.name, _LARGEST_FILE)
        problems += faults
        try:
            if not faults:
                found[path.stem] = read(text, path.name)
        except BadCatalogError as error:
            problems += error.problems
    if problems:
        raise BadCatalogError(problems)
    return found


def write(persona: Persona) -> str:
    """Return a persona as the text of a file that `read` takes."""
    said = persona.plain(short=True)
    expect = block(said.pop("expect"), "  ")
    disputed = {name: said.pop(name) for name in ("disputed",) if name in said}
    return block(said) + (f"expect:\n{expect}" if expect else "expect: {}\n") + block(disputed)


def misnamed(catalog: Catalog, persona: Persona) -> Iterator[str]:
    """Yield what a persona names that does not exist, and answers that its person cannot give."""
    asked = dict(catalog.questionnaire.walk(catalog.questionnaire.example(persona.answers)))
    open_ = (name for name, value in persona.answers.items() if value is None)
    yield from (f"left open, but not asked: {one}" for one in open_ if asked.get(one) is False)
    disputed = [persona.disputed] if persona.disputed else []
    yield from expectations.misnamed(catalog, persona.answers, persona.expect, disputed)
