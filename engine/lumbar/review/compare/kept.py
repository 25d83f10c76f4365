"""Answers of people worth looking at, kept as files that `lumbar plan` and `lumbar explain` take."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lumbar.intake.answers_file import dump
from lumbar.reading.writing import write_whole
from lumbar.rulebook.questionnaire import ANSWERED_ON, Questionnaire


def keep(
    folder: Path, name: str, note: str, answers: Mapping[str, Any], *sides: Questionnaire
) -> Path:
    """Write answers to `folder/name.yaml`, without what the last of the questionnaires does not
    ask; raise OSError.

    Where another one asks something else, the answers to it are kept too, in `name.old.yaml`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = [_text(note, answers, side) for side in sides]
    if len(set(texts)) > 1:
        write_whole(folder / f"{name}.old.yaml", texts[0])
    path = folder / f"{name}.yaml"
    write_whole(path, texts[-1])
    return path


def _text(note: str, answers: Mapping[str, Any], side: Questionnaire) -> str:
    asked = {one: value for one, value in answers.items() if one in side.questions}
    return f"# {note}\n{dump(asked, answers.get(ANSWERED_ON))}"


def keep_as_given(folder: Path, name: str, answers: Any) -> Path:
    """Write what is no set of answers to `folder/name.json`, just as it was given; raise OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    write_whole(path, json.dumps(answers, indent=2, ensure_ascii=False, default=str) + "\n")
    return path
