"""Answers as a file: read from YAML or JSON, every problem in its place, and as its text."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lumbar.intake.answers import Answers, Place
from lumbar.reading.flow import block
from lumbar.reading.jsonfile import parse_json
from lumbar.reading.opening import decoded, read_text
from lumbar.reading.problems import BadAnswersError, Problem
from lumbar.rulebook.questionnaire import (
    ANSWERED_ON,
    NONE,
    QUESTIONNAIRE,
    Number,
    OneOf,
    Questionnaire,
    SeveralOf,
)

if TYPE_CHECKING:
    from lumbar.reading.yamlfile import YamlFile

LARGEST = 200_000  # bytes; a full set of answers is about 8,000


def read(questionnaire: Questionnaire, source: Path | BinaryIO) -> Answers:
    """Read an answers file, or a stream such as standard input; raise BadAnswersError.

    JSON where the name ends in .json or the text begins with a brace; else YAML.
    """
    raw, place = read_raw(source)
    try:
        return Answers.of(questionnaire, raw, place)
    except BadAnswersError as error:
        if raw.get(QUESTIONNAIRE, questionnaire.version) != questionnaire.version:
            said = "these are answers to another set of questions"
            hint = "`lumbar ask --resume` keeps what still fits, and asks the rest"
            older = place(QUESTIONNAIRE, "other-questionnaire", said, hint)
            raise BadAnswersError([older, *error.problems]) from error
        raise


def read_raw(source: Path | BinaryIO) -> tuple[dict[str, Any], Place]:
    """Read answers as a file has them, and how to tell the place of what is wrong with one; raise
    BadAnswersError where it holds none.
    """
    if isinstance(source, Path):
        name = source.name
        text, problems = read_text(source, name, LARGEST)
    else:
        name = "standard input"
        text, problems = decoded(source.read(LARGEST + 1), name, LARGEST)
    if not problems and not text.strip():
        problems = [Problem(name, 0, 0, "empty-file", "there are no answers in it", _SHAPE)]
    if problems:
        raise BadAnswersError(problems)
    is_json = name.endswith(".json") or text.lstrip().startswith("{")
    return _parsed(name, text, is_json)


_SHAPE = "write one line an answer, such as 'age: 42'; `lumbar schema answers` lists every question"


def _parsed(name: str, text: str, is_json: bool) -> tuple[dict[str, Any], Place]:
    file = None if is_json else _yaml(name, text)
    data, problems = (file.data, file.problems) if file else parse_json(text, name)
    if not problems and not isinstance(data, dict):
        problems = [Problem(name, 1, 1, "wrong-type", "this is no set of answers", _SHAPE)]
    if problems:
        raise BadAnswersError(problems)

    def place(question: str, code: str, message: str, hint: str) -> Problem:
        # JSON is YAML too: the same reader tells the places
        placed = file or _yaml(name, text)
        return placed.problem((question,), code, message, hint)

    return data, place


def _yaml(name: str, text: str) -> "YamlFile":
    from lumbar.reading.yamlfile import YamlFile

    return YamlFile(name, text, untrusted=True)


def dump(answers: Mapping[str, Any], answered_on: str | None, path: Path | None = None) -> str:
    """Return answers as the text of a file that `read` takes: JSON where `path` ends so.

    A record of answers says to which questions they are.
    """
    day = {ANSWERED_ON: answered_on} if answered_on else {}
    version = {QUESTIONNAIRE: answers.version} if isinstance(answers, Answers) else {}
    every = {**day, **version, **answers}
    if path and path.suffix == ".json":
        return json.dumps(every, default=sorted, indent=2) + "\n"
    return block(every)


def json_schema(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return the JSON Schema of an answers document. Which questions apply to whom is checked on
    reading.
    """
    properties: dict[str, Any] = {
        ANSWERED_ON: {"type": "string", "format": "date", "description": "the day, 2026-11-22"},
        QUESTIONNAIRE: {"type": "string", "description": "the version of the questions"},
    }
    for name, question in questionnaire.questions.items():
        properties[name] = {
            "title": question.name,
            "description": question.text,
            **_shape(question),
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lumbar answers",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _shape(question: Number | OneOf | SeveralOf) -> dict[str, Any]:
    if isinstance(question, Number):
        return {
            "type": "integer",
            "minimum": question.low,
            "maximum": question.high,
            "$comment": question.unit,
        }
    one_of = {"enum": list(question.labels)}
    if isinstance(question, OneOf):
        return one_of
    alone = {"const": [NONE]}
    others = {
        "type": "array",
        "minItems": 1,
        "items": {"enum": [one for one in question.labels if one != NONE]},
    }
    return {"anyOf": [alone, others]}
