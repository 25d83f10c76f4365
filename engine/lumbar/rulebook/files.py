"""The files under `rules/` and `content/`, each read once: records, where they stand, problems."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from lumbar.reading.opening import no_file, read_text
from lumbar.reading.problems import Problem
from lumbar.reading.writing import is_leftover
from lumbar.reading.yamlfile import Loc, YamlFile
from lumbar.rulebook.figures import Figure
from lumbar.rulebook.fingerprint import LARGEST_FILE, PARTS, REVIEW_FILES, signoffs_text
from lumbar.rulebook.items import SHAPES, Item, Operator, SafetyNet, Source, Words
from lumbar.rulebook.questionnaire import QuestionnaireFile
from lumbar.rulebook.rules import STAGES, PlanLimits, Rule, Stage, Threshold
from lumbar.rulebook.scores import Score
from lumbar.rulebook.words import WordsFile

SINGLE: Mapping[str, Any] = {
    "content/questionnaire.yaml": QuestionnaireFile,
    "content/evidence.yaml": tuple[Source, ...],
    "content/tags.yaml": Mapping[str, Words],
    "content/words.yaml": WordsFile,
    "content/safety_net.yaml": SafetyNet,
    "content/operator.yaml": Operator,
    "rules/thresholds.yaml": tuple[Threshold, ...],
    "rules/scores.yaml": tuple[Score, ...],
    "rules/plan.yaml": PlanLimits,
}
FIGURES = "content/figures/"  # <kind>/<name>.yaml: how an item is drawn
R = TypeVar("R")
_FOR_PEOPLE = ("README.md", "REFERENCE.md")


class Entry(NamedTuple):
    """A rule with the file and the place in it where it stands, and its stage."""

    file: str
    loc: Loc
    stage: Stage
    rule: Rule


class Files:
    """The files of one folder: what was read of them, where it stands, and every problem found.

    `rules`, `items`, `figures` and `tables` hold the sound records; `named` every item there is a
    file of.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.read_in: dict[str, YamlFile] = {}
        self.rules: list[Entry] = []
        self.items: dict[str, Item] = {}
        self.figures: dict[str, Figure] = {}
        self.named: set[str] = set()
        self.tables: dict[str, Any] = {}
        self.faulty: set[tuple[str, Any]] = set()  # the rules with a problem, as file and place
        self.whole = False  # whether everything was read and had its shape
        self.sha256 = ""
        self.signoffs: tuple[str, tuple[Problem, ...]] = ("", ())

    def add(self, file: str, loc: Loc, code: str, message: str, hint: str = "") -> None:
        """Note a problem at a place in a file."""
        known = self.read_in.get(file)
        self.problems.append(
            known.problem(loc, code, message, hint)
            if known
            else Problem(file, 0, 0, code, message, hint)
        )
        self.faulty.add((file, loc[0] if loc else None))

    def yaml(self, name: str) -> YamlFile:
        """Read one file; one that cannot be read has no data, but a problem."""
        if not (self.root / name).exists():
            missing = Problem(
                name, 0, 0, "no-file", "this file is missing", "every rule set needs it"
            )
            text, problems = "", [missing]
        else:
            text, problems = read_text(self.root / name, name, LARGEST_FILE)
        file = self.read_in[name] = YamlFile(name, text, unread=problems)
        return file

    def record(self, name: str, shape: Any) -> Any:
        """Return the checked record of one file; None where there is a problem, which is noted."""
        file = self.yaml(name)
        found = file.read(shape)
        self.problems += file.problems
        return found

    def placed(
        self, name: str, entries: Callable[[YamlFile], Iterable[tuple[Loc, R]]]
    ) -> list[tuple[Loc, R]]:
        """Return the sound `entries` of one file with their places; what is wrong is noted."""
        file = self.yaml(name)
        found = list(entries(file))
        self.problems += file.problems
        return found

    def table(self, name: str) -> Any:
        """Return the records of one of the single files; none where it could not be read."""
        return self.tables.get(name) or ()

    def in_order(self) -> list[Entry]:
        """Return the rules in the order of stages, files and places."""
        return sorted(self.rules, key=lambda one: (STAGES.index(one.stage), one.file, one.loc))

    @cached_property
    def places(self) -> Mapping[str, tuple[str, Loc]]:
        """Where each item, question, score, threshold and rule stands, as `kind:id`."""
        found: dict[str, tuple[str, Loc]] = {
            f"item:{i}": (f"content/{i}.yaml", ()) for i in self.items
        }
        for t, topic in enumerate(self.tables["content/questionnaire.yaml"].topics):
            for q, question in enumerate(topic.questions):
                loc = ("topics", t, "questions", q, "id")
                found[f"question:{question.id}"] = "content/questionnaire.yaml", loc
                for o, option in enumerate(getattr(question, "options", ())):
                    at = (*loc[:-1], "options", o, "id")
                    found[f"option:{question.id}={option.id}"] = "content/questionnaire.yaml", at
        found |= {
            f"tag:{tag}": ("content/tags.yaml", (tag,)) for tag in self.tables["content/tags.yaml"]
        }
        for kind in ("score", "threshold"):
            for index, one in enumerate(self.table(f"rules/{kind}s.yaml")):
                found[f"{kind}:{one.id}"] = f"rules/{kind}s.yaml", (index, "id")
        return found | {f"rule:{e.rule.id}": (e.file, (*e.loc, "id")) for e in self.rules}

    def read_all(self) -> None:
        """Read every file that decides, in the order of their paths."""
        digest = hashlib.sha256()
        self.signoffs = signoffs_text(self.root)
        for path in sorted(path for part in PARTS for path in self._lying_in(self.root / part)):
            name = path.relative_to(self.root).as_posix()
            self._keep(name)
            text = self.read_in[name].text if name in self.read_in else ""
            digest.update(f"{name}\n{len(text)}\n{text}".encode())
        for name in SINGLE.keys() - self.read_in.keys():
            self._keep(name)
        self.sha256 = digest.hexdigest()
        self.whole = not self.problems

    def _lying_in(self, folder: Path) -> Iterator[Path]:
        """Yield every file to be read; note what else lies there: nothing is passed over."""
        try:
            found = list(os.scandir(folder))
        except FileNotFoundError:  # its files are told as missing
            return
        for one in found:
            path = Path(one)
            name = path.relative_to(self.root).as_posix()
            mode = one.stat(follow_symlinks=False).st_mode
            is_yaml = path.suffix == ".yaml" and not one.name.startswith(".")
            if stat.S_ISDIR(mode) and not is_yaml:
                yield from self._lying_in(path)
            elif name in REVIEW_FILES or one.name in _FOR_PEOPLE or is_leftover(one.name):
                continue
            elif said := no_file(mode):
                self.add(name, (), "no-file", said, "put the file itself here")
            elif is_yaml:
                yield path
            else:
                self._stray(name, "rules and content end in .yaml")

    def _stray(self, name: str, hint: str) -> None:
        self.add(name, (), "stray-file", "this file belongs to nothing", hint)

    def _keep(self, name: str) -> None:
        folder, _, rest = name.partition("/")
        part: Any = rest.partition("/")[0]
        if name in SINGLE:
            self.tables[name] = self.record(name, SINGLE[name])
        elif folder == "rules" and part in STAGES:
            rules = self.placed(name, lambda file: file.entries(Rule))
            self.rules += [Entry(name, loc, part, rule) for loc, rule in rules]
        elif folder == "content" and part in SHAPES:
            item = rest.removesuffix(".yaml")
            self.named.add(item)
            if (found := self.record(name, SHAPES[part])) is not None:
                self.items[item] = found
        elif name.startswith(FIGURES):
            self._keep_figure(name)
        else:
            self.problems += self.yaml(name).problems
            self._stray(name, f"rules lie in rules/<{'|'.join(STAGES)}>/")

    def _keep_figure(self, name: str) -> None:
        """Keep how an item is drawn; its file has the item's name under `content/figures/`."""
        found = self.record(name, Figure)
        if not (self.root / "content" / name.removeprefix(FIGURES)).exists():
            self._stray(name, "a figure has the kind and the name of the item that it draws")
        elif found is not None:
            self.figures[name.removeprefix(FIGURES).removesuffix(".yaml")] = found
