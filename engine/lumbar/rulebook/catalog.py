"""Everything a decision needs, as one frozen record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from lumbar.reading.problems import Problem
from lumbar.rulebook.items import Item, Operator, SafetyNet, Source
from lumbar.rulebook.questionnaire import Questionnaire
from lumbar.rulebook.rules import STAGES, Avoid, PlanLimits, Rule, Stage, Threshold
from lumbar.rulebook.words import WordsFile

if TYPE_CHECKING:
    from lumbar.rulebook.figures import Figure

T = TypeVar("T")


@dataclass(frozen=True)
class Catalog:
    """The questionnaire, the rules and the content, checked against each other.

    `rules` stand in the order of stages, files and places, which is the order of every list made
    from them. `sha256` is of every file's path and bytes: the same hash means the same decisions
    and the same words. `signoffs` is the text of the record of signatures, and why it cannot be
    read, for `lumbar.signatures.signoffs`; no decision rests on it.
    """

    questionnaire: Questionnaire
    thresholds: Mapping[str, Threshold]
    rules: Mapping[str, Rule]
    stage_of: Mapping[str, Stage]
    topic_of: Mapping[str, str]
    items: Mapping[str, Item]
    figures: Mapping[str, Figure]
    sources: Mapping[str, Source]
    words: WordsFile
    safety_net: SafetyNet
    operator: Operator
    limits: PlanLimits
    sha256: str
    signoffs: tuple[str, tuple[Problem, ...]] = ("", ())

    def __getstate__(self) -> Mapping[str, Any]:
        """Return the fields alone: what is made of them is made again in another process."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

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
    def in_force(self) -> tuple[Rule, ...]:
        """The rules in force, in the order of the catalog."""
        return tuple(rule for rules in self.by_stage.values() for rule in rules)

    @cached_property
    def targets(self) -> Mapping[str, tuple[str, ...]]:
        """The items that each target of an `avoid` effect means."""
        said = {
            effect.avoid
            for rule in self.rules.values()
            for effect in rule.then
            if isinstance(effect, Avoid)
        }
        return {one: self.meant(one) for one in said}

    @cached_property
    def kept_out(self) -> Mapping[str, tuple[str, ...]]:
        """The items that each rule keeps out, each once."""
        return {
            rule.id: tuple(
                dict.fromkeys(item for one in rule.avoids for item in self.targets[one.avoid])
            )
            for rule in self.rules.values()
        }

    def meant(self, target: str) -> tuple[str, ...]:
        """Return the items that an item, a kind (`massage/*`) or a tag (`tag:percussion`) means."""
        kind, _, tag = target.partition(":")
        if kind == "tag":
            return tuple(name for name, item in self.items.items() if tag in item.tags)
        if target.endswith("/*"):
            return tuple(name for name in self.items if name.startswith(target[:-1]))
        return (target,) if target in self.items else ()

    @cached_property
    def doses(self) -> Mapping[str, Mapping[str | None, int]]:
        """The place of each dose of each item, the gentlest 0; no dose means the gentlest."""
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


def kept(make: Callable[[Catalog], T]) -> Callable[[Catalog], T]:
    """Keep with a catalog what a function makes of it: made once a catalog, not once a person."""
    name = f"{make.__module__}.{make.__qualname__}"

    def once(catalog: Catalog) -> T:
        made = vars(catalog)
        if name not in made:
            made[name] = make(catalog)
        found: T = made[name]
        return found

    return once
