"""Everything a decision needs, loaded from `rules/` and `content/`, cross-checked and frozen."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lumbar.reading.paths import data_root
from lumbar.reading.problems import BadCatalogError
from lumbar.rulebook.conditions import with_thresholds
from lumbar.rulebook.consistency import Check, hold_together
from lumbar.rulebook.files import Files
from lumbar.rulebook.items import Item, Operator, SafetyNet, Source, WordsFile
from lumbar.rulebook.questionnaire import Questionnaire
from lumbar.rulebook.rules import STAGES, Avoid, PlanLimits, Rule, Stage, Threshold, matches


@dataclass(frozen=True)
class Catalog:
    """The questionnaire, the rules and the content, checked against each other.

    `rules` stand in the order of stages, files and places, which is the order of every list made
    from them. `sha256` is of every file's path and bytes: the same hash means the same decisions
    and the same words. `signoffs` are the bytes of the record of signatures, which
    `lumbar.signatures.signoffs` reads; no decision rests on it.
    """

    questionnaire: Questionnaire
    thresholds: Mapping[str, Threshold]
    rules: Mapping[str, Rule]
    stage_of: Mapping[str, Stage]
    topic_of: Mapping[str, str]
    items: Mapping[str, Item]
    sources: Mapping[str, Source]
    words: WordsFile
    safety_net: SafetyNet
    operator: Operator
    limits: PlanLimits
    sha256: str
    signoffs: bytes = b""

    @cached_property
    def by_stage(self) -> Mapping[Stage, tuple[Rule, ...]]:
        """The rules in force, by stage; retired ones are kept for the record and never run."""
        return {
            stage: tuple(
                r
                for r in self.rules.values()
                if self.stage_of[r.id] == stage and r.status != "retired"
            )
            for stage in STAGES
        }

    @cached_property
    def targets(self) -> Mapping[str, tuple[str, ...]]:
        """The items that each target of an `avoid` effect means."""
        said = {
            effect.avoid
            for rule in self.rules.values()
            for effect in rule.then
            if isinstance(effect, Avoid)
        }
        return {
            one: tuple(i for i, item in self.items.items() if matches(one, i, item.tags))
            for one in said
        }

    @cached_property
    def doses(self) -> Mapping[str, Mapping[str | None, int]]:
        """The place of each dose of each item, the gentlest 0; asking for none means the gentlest."""
        return {
            name: {None: 0, **{dose.id: place for place, dose in enumerate(item.doses)}}
            for name, item in self.items.items()
        }

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The place of each rule in the order of the catalog."""
        return {rule: place for place, rule in enumerate(self.rules)}

    @cached_property
    def chained(self) -> Mapping[Stage, tuple[Rule, ...]]:
        """The rules of each stage that read what another rule of the same stage concludes."""
        concluded = {
            stage: {name for rule in rules for name in rule.concludes}
            for stage, rules in self.by_stage.items()
        }
        return {
            stage: tuple(rule for rule in rules if not concluded[stage].isdisjoint(rule.when.reads))
            for stage, rules in self.by_stage.items()
        }

    @cached_property
    def finding_stage(self) -> Mapping[str, Stage]:
        """The first stage that concludes each finding."""
        return {
            finding: stage
            for stage in reversed(STAGES)
            for rule in self.by_stage[stage]
            for finding in rule.concludes
        }


def load(root: Path | str | None = None, more: Iterable[Check] = ()) -> Catalog:
    """Load, check and freeze the rules and content under `root` (default: those shipped).

    `more` checks run besides. Raises BadCatalogError with every problem found.
    """
    files = read_files(root, more)
    if files.problems:
        raise BadCatalogError(files.problems)
    return frozen(files)


def read_files(root: Path | str | None = None, more: Iterable[Check] = ()) -> Files:
    """Read the files under `root` and check them against each other; what is wrong stands in them."""
    files = Files(Path(root) if root is not None else data_root())
    files.read_all()
    hold_together(files, more)
    return files


def frozen(files: Files, without: Container[str] = ()) -> Catalog:
    """Return the catalog of files that hold together, `without` some of the rules."""
    thresholds = {one.id: one for one in files.table("rules/thresholds.yaml")}
    numbers = {name: one.value for name, one in thresholds.items()}
    kept = {one.rule.id: one for one in files.in_order() if one.rule.id not in without}
    return Catalog(
        questionnaire=_questionnaire(files, numbers),
        thresholds=thresholds,
        rules={name: _numbered(one.rule, "when", numbers) for name, one in kept.items()},
        stage_of={name: one.stage for name, one in kept.items()},
        topic_of={name: Path(one.file).stem for name, one in kept.items()},
        items=dict(sorted(files.items.items())),
        sources={one.id: one for one in files.table("content/evidence.yaml")},
        words=files.tables["content/words.yaml"],
        safety_net=files.tables["content/safety_net.yaml"],
        operator=files.tables["content/operator.yaml"],
        limits=files.tables["rules/plan.yaml"],
        sha256=files.sha256,
        signoffs=files.signoffs,
    )


def _questionnaire(files: Files, numbers: Mapping[str, int]) -> Questionnaire:
    topics = tuple(
        _numbered(topic, "shown_when", numbers).model_copy(
            update={
                "questions": tuple(_numbered(q, "shown_when", numbers) for q in topic.questions)
            }
        )
        for topic in files.tables["content/questionnaire.yaml"].topics
    )
    scores = tuple(_numbered(one, "count", numbers) for one in files.table("rules/scores.yaml"))
    return Questionnaire(topics=topics, scores=scores)


def _numbered(record: Any, field: str, numbers: Mapping[str, int]) -> Any:
    """Return a record with the thresholds' numbers put into its condition, or each of several."""
    said = getattr(record, field)
    if not said:
        return record
    if isinstance(said, tuple):
        new: Any = tuple(with_thresholds(one, numbers) for one in said)
    else:
        new = with_thresholds(said, numbers)
    return record.model_copy(update={field: new})
