"""People in a file of answers: YAML or JSON, one or many; see `tables` for Parquet and CSV."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from lumbar.reading.jsonfile import parse_json
from lumbar.reading.opening import read_text
from lumbar.reading.problems import BadAnswersError, Problem
from lumbar.reading.yamlfile import YamlFile

_LARGEST = 200_000_000  # bytes: about 50,000 people
_NEXT = re.compile(r"^---[ \t]*$", re.MULTILINE)  # begins another document of a YAML file


class Person(NamedTuple):
    """A name by which to find somebody again, and what may be a set of raw answers."""

    name: str
    answers: Any


def is_table(path: Path) -> bool:
    """Return whether a file is read as a table: a row a person, a column a question."""
    return path.suffix in {".parquet", ".csv"}


def in_file(path: Path) -> Iterator[Person]:
    """Yield the people of a file: one set of answers, a list of them, YAML documents, JSON lines.

    They are named by the file and their place in it, from 1. Raises BadAnswersError where the file
    cannot be read.
    """
    text, problems = read_text(path, path.name, _LARGEST)
    if problems:
        raise BadAnswersError(problems)
    found = list(_documents(path.name, text))
    if not found:
        nobody = Problem(path.name, 0, 0, "empty-file", "there are no answers in it")
        raise BadAnswersError([nobody])
    for place, answers in enumerate(found, 1):
        yield Person(f"{path}:{place}" if len(found) > 1 else str(path), answers)


def _documents(name: str, text: str) -> Iterator[Any]:
    if name.endswith(".json"):
        read = [parse_json(text, name)]
    elif name.endswith((".jsonl", ".ndjson")):
        lines = enumerate(text.split("\n"), 1)
        read = [_line(name, number, line) for number, line in lines if line.strip()]
    else:
        files = [YamlFile(name, one, untrusted=True) for one in _NEXT.split(text) if one.strip()]
        read = [(file.data, file.problems) for file in files]
    if problems := [problem for _, found in read for problem in found]:
        raise BadAnswersError(problems)
    for data, _ in read:
        yield from data if isinstance(data, (list, tuple)) else (data,)


def _line(name: str, number: int, text: str) -> tuple[Any, list[Problem]]:
    data, problems = parse_json(text, name)
    return data, [replace(one, line=number) for one in problems]
