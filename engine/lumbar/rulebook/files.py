"""The files under `rules/` and `content/` read one by one, before they are checked against each
other.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lumbar.reading.problems import Problem
from lumbar.reading.yamlfile import Loc, YamlFile, read_text
from lumbar.rulebook.items import SHAPES, Item, Operator, SafetyNet, Source, WordsFile
from lumbar.rulebook.questionnaire import QuestionnaireFile, Score
from lumbar.rulebook.rules import STAGES, PlanLimits, Rule, Stage, Threshold

LARGEST_FILE = 1_000_000  # bytes


@dataclass
class Draft:
    """A catalog on its way: the files with their records, and the problems found so far."""

    root: Path
    files: dict[str, YamlFile] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)
    signoffs: bytes = b""

    rules: list[tuple[Stage, YamlFile, int, Rule]] = field(default_factory=list)
    items: dict[str, tuple[YamlFile, Item]] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)

    def add(self, file: str, loc: Loc, code: str, message: str, hint: str = "") -> None:
        """Note a problem at a place in a file."""
        known = self.files.get(file)
        self.problems.append(
            known.problem(loc, code, message, hint)
            if known
            else Problem(file, 0, 0, code, message, hint)
        )

    def table(self, name: str) -> Any:
        """Return the records of one of the single files, or an empty tuple where it could not be
        read.
        """
        return self.tables.get(name) or ()


_SINGLE: Mapping[str, Any] = {
    "content/questionnaire.yaml": QuestionnaireFile,
    "content/evidence.yaml": tuple[Source, ...],
    "content/words.yaml": WordsFile,
    "content/safety_net.yaml": SafetyNet,
    "content/operator.yaml": Operator,
    "rules/thresholds.yaml": tuple[Threshold, ...],
    "rules/scores.yaml": tuple[Score, ...],
    "rules/plan.yaml": PlanLimits,
}


# What reviews the rules takes no part in a decision: it is read by the review, and the hash does
# not cover it.
SIGNOFFS = "rules/signoffs.jsonl"
UNREADABLE = b"unreadable"  # stands for a record that is there and cannot be read
REVIEW_FILES = frozenset(
    {"rules/safety.yaml", "rules/hazards.yaml", "rules/population.yaml", SIGNOFFS}
)


def read_draft(root: Path) -> Draft:
    """Read every file under `root` that decides; problems are kept in the draft, not raised."""
    draft = Draft(root, signoffs=_signoffs(root / SIGNOFFS))
    for path in sorted([*(root / "rules").rglob("*.yaml"), *(root / "content").rglob("*.yaml")]):
        name = path.relative_to(root).as_posix()
        if name in REVIEW_FILES:
            continue
        text, problems = read_text(path, name, LARGEST_FILE)
        draft.digest.update(f"{name}\n{len(text)}\n{text}".encode())
        if problems:
            draft.problems += problems
            continue
        file = draft.files[name] = YamlFile(name, text)
        _read_one(draft, name, file)
        draft.problems += file.problems
    for path in sorted([*(root / "rules").rglob("*.*"), *(root / "content").rglob("*.*")]):
        name = path.relative_to(root).as_posix()
        if path.suffix not in {".yaml", ".md"} and name not in REVIEW_FILES:
            draft.add(
                name,
                (),
                "stray-file",
                "this file belongs to nothing",
                "rules and content end in .yaml",
            )
    for name in _SINGLE.keys() - draft.files.keys():
        draft.add(name, (), "no-file", "this file is missing", "every rule set needs it")
    return draft


def _signoffs(path: Path) -> bytes:
    """Return the record of signatures as it lies there; empty where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError:
        return UNREADABLE  # must not look like an empty record: a broken one counts for nothing


def _read_one(draft: Draft, name: str, file: YamlFile) -> None:
    folder, _, rest = name.partition("/")
    part = rest.partition("/")[0]
    if name in _SINGLE:
        draft.tables[name] = file.read(_SINGLE[name])
    elif folder == "rules" and part in STAGES:
        rules: tuple[Rule, ...] = file.read(tuple[Rule, ...]) or ()
        draft.rules += [(part, file, index, rule) for index, rule in enumerate(rules)]
    elif folder == "content" and part in SHAPES:
        item = file.read(SHAPES[part])
        if item is not None:
            draft.items[rest.removesuffix(".yaml")] = (file, item)
    else:
        draft.add(
            name,
            (),
            "stray-file",
            "this file belongs to nothing",
            f"rules lie in rules/<{'|'.join(STAGES)}>/",
        )
