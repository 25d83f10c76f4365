"""Everything a decision needs, loaded from `rules/` and `content/`, cross-checked and frozen."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lumbar.reading.paths import data_root
from lumbar.reading.problems import BadCatalogError
from lumbar.rulebook.conditions import with_thresholds
from lumbar.rulebook.consistency import Check, disagreements
from lumbar.rulebook.files import Draft, read_draft
from lumbar.rulebook.items import Item, Operator, SafetyNet, Source, WordsFile
from lumbar.rulebook.questionnaire import Questionnaire, QuestionnaireFile
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
    """Load, check and freeze the rules and content under `root` (default: those shipped); `more`
    checks run besides.

    Raises BadCatalogError with every problem found.
    """
    with _nothing_is_garbage():
        draft = read_draft(Path(root) if root is not None else data_root())
        if not draft.problems:
            draft.problems += disagreements(draft, more)
        if draft.problems:
            raise BadCatalogError(draft.problems)
        return _frozen(draft)


@contextmanager
def _nothing_is_garbage() -> Iterator[None]:
    """Pause the garbage collector, which would go through all that is being loaded again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _frozen(draft: Draft) -> Catalog:
    thresholds = {one.id: one for one in draft.table("rules/thresholds.yaml")}
    numbers = {name: one.value for name, one in thresholds.items()}
    order = sorted(draft.rules, key=lambda entry: (STAGES.index(entry[0]), entry[1].name, entry[2]))
    return Catalog(
        questionnaire=_questionnaire(draft, numbers),
        thresholds=thresholds,
        rules={
            rule.id: rule.model_copy(update={"when": with_thresholds(rule.when, numbers)})
            for _, _, _, rule in order
        },
        stage_of={rule.id: stage for stage, _, _, rule in order},
        topic_of={rule.id: Path(file.name).stem for _, file, _, rule in order},
        items={name: item for name, (_, item) in sorted(draft.items.items())},
        sources={one.id: one for one in draft.table("content/evidence.yaml")},
        words=draft.tables["content/words.yaml"],
        safety_net=draft.tables["content/safety_net.yaml"],
        operator=draft.tables["content/operator.yaml"],
        limits=draft.tables["rules/plan.yaml"],
        sha256=draft.digest.hexdigest(),
        signoffs=draft.signoffs,
    )


def _questionnaire(draft: Draft, numbers: Mapping[str, int]) -> Questionnaire:
    file: QuestionnaireFile = draft.tables["content/questionnaire.yaml"]
    return Questionnaire(
        topics=tuple(
            _shown(
                topic,
                numbers,
                questions=tuple(_shown(question, numbers) for question in topic.questions),
            )
            for topic in file.topics
        ),
        scores=tuple(
            score.model_copy(
                update={"count": tuple(with_thresholds(part, numbers) for part in score.count)}
            )
            for score in draft.table("rules/scores.yaml")
        ),
    )


def _shown(record: Any, numbers: Mapping[str, int], **update: Any) -> Any:
    if record.shown_when is not None:
        update["shown_when"] = with_thresholds(record.shown_when, numbers)
    return record.model_copy(update=update)
