"""Every name a condition may use, and what is wrong with a clause that uses it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lumbar.reading.problems import did_you_mean, listed
from lumbar.reading.yamlfile import Loc
from lumbar.rulebook.conditions import (
    Answered,
    Bare,
    Clause,
    Comparison,
    Inclusion,
    Membership,
    Unanswered,
)
from lumbar.rulebook.files import Draft
from lumbar.rulebook.items import SHAPES
from lumbar.rulebook.questionnaire import Number, OneOf, QuestionnaireFile, SeveralOf
from lumbar.rulebook.rules import STAGES, Rule, Stage

Fault = tuple[str, str, str]  # code, message, hint

AT_LEAST = "use >= or >, and no 'not': a question that was not answered adds nothing to a score"


@dataclass
class Names:
    """Every name a condition may use, and what can be compared with it."""

    draft: Draft
    questions: dict[str, Number | OneOf | SeveralOf] = field(default_factory=dict)
    asked_at: dict[str, int] = field(default_factory=dict)
    scores: frozenset[str] = frozenset()
    thresholds: frozenset[str] = frozenset()
    findings: dict[str, dict[str | bool, Stage]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        file: QuestionnaireFile = self.draft.tables["content/questionnaire.yaml"]
        for topic in file.topics:
            for question in topic.questions:
                self.asked_at.setdefault(question.id, len(self.asked_at))
                self.questions[question.id] = question
        self.scores = frozenset(score.id for score in self.draft.table("rules/scores.yaml"))
        self.thresholds = frozenset(one.id for one in self.draft.table("rules/thresholds.yaml"))
        for stage in STAGES:
            for rule_stage, _, _, rule in self.draft.rules:
                if rule_stage == stage and rule.status != "retired":
                    for finding, value in rule.concludes.items():
                        self.findings.setdefault(finding, {}).setdefault(value, stage)

    def first_stage(self, finding: str) -> int:
        """Return the place of the first stage that concludes a finding."""
        return min(STAGES.index(stage) for stage in self.findings[finding].values())

    @cached_property
    def last_stage(self) -> Mapping[str, int]:
        """The place of the last stage that concludes each finding."""
        ordered = sorted(entries(self.draft), key=lambda entry: STAGES.index(entry[2]))
        return {
            finding: STAGES.index(stage)
            for _, _, stage, rule in ordered
            for finding in rule.concludes
        }

    @cached_property
    def sources(self) -> frozenset[str]:
        """The ids of the evidence register."""
        return frozenset(one.id for one in self.draft.table("content/evidence.yaml"))

    @cached_property
    def avoidable(self) -> frozenset[str]:
        """What an `avoid` effect may name: items, kinds and tags."""
        tags = {f"tag:{tag}" for _, item in self.draft.items.values() for tag in item.tags}
        return frozenset({*self.draft.items, *(f"{kind}/*" for kind in SHAPES), *tags})

    @cached_property
    def all(self) -> frozenset[str]:
        """Every name a clause may start with."""
        return frozenset({*self.questions, *self.scores, *self.findings})

    def fault(self, clause: Clause) -> Fault | None:
        """Return what is wrong with one clause, whatever stage it stands in."""
        if clause.name not in self.all:
            return (
                "unknown-name",
                f"nothing is called '{clause.name}'",
                did_you_mean(clause.name, self.all),
            )
        question = self.questions.get(clause.name)
        if isinstance(clause, (Answered, Unanswered)):
            return (
                None
                if question
                else (
                    "wrong-clause",
                    f"'{clause.name}' is not a question",
                    "only a question is answered",
                )
            )
        if isinstance(clause, Bare):
            return self._bare_fault(clause)
        if isinstance(clause, Inclusion):
            if not isinstance(question, SeveralOf):
                return (
                    "wrong-clause",
                    f"'{clause.name}' is not a several-of question",
                    "compare it with == or in",
                )
            return _option_fault(question.labels, clause.name, clause.option)
        if isinstance(question, SeveralOf):
            return (
                "wrong-clause",
                f"'{clause.name}' is a several-of question",
                f"write '{clause.name} includes option'",
            )
        return self._comparison_fault(clause)

    def _bare_fault(self, clause: Bare) -> Fault | None:
        values = self.findings.get(clause.name)
        if values is None:
            return (
                "wrong-clause",
                f"'{clause.name}' is not a finding",
                "compare a question or score with something",
            )
        if True not in values:
            return (
                "wrong-clause",
                f"'{clause.name}' has values",
                f"write '{clause.name} == {next(iter(values))}'",
            )
        return None

    def _comparison_fault(self, clause: Comparison | Membership) -> Fault | None:
        if clause.name in self.scores and getattr(clause, "operator", "in") not in {">=", ">"}:
            return (
                "wrong-comparison",
                f"the score '{clause.name}' may be higher than it looks",
                AT_LEAST,
            )
        words = self._words(clause.name)
        if words is None:
            return self._number_fault(clause, clause.values)
        if isinstance(clause, Comparison) and clause.operator not in {"==", "!="}:
            return (
                "wrong-comparison",
                f"'{clause.name}' has options, which have no order",
                "use ==, != or in",
            )
        return next(
            filter(None, (_option_fault(words, clause.name, value) for value in clause.values)),
            None,
        )

    def _words(self, name: str) -> Mapping[str, object] | None:
        question = self.questions.get(name)
        if isinstance(question, OneOf):
            return question.labels
        return {str(v): v for v in self.findings[name]} if name in self.findings else None

    def _number_fault(
        self, clause: Comparison | Membership, values: Iterable[int | str]
    ) -> Fault | None:
        for value in values:
            if isinstance(value, str) and (
                value not in self.thresholds or isinstance(clause, Membership)
            ):
                hint = (
                    did_you_mean(value, self.thresholds)
                    or "a number, or a name from rules/thresholds.yaml"
                )
                return (
                    "unknown-threshold",
                    f"'{clause.name}' is compared with '{value}', which is no number",
                    hint,
                )
        return None


def _option_fault(known: Mapping[str, object], name: str, value: int | str) -> Fault | None:
    if value in known:
        return None
    hint = "; ".join(filter(None, (did_you_mean(str(value), known), f"allowed: {listed(known)}")))
    return "unknown-option", f"'{name}' is never '{value}'", hint


def entries(draft: Draft) -> Iterator[tuple[str, Loc, Stage, Rule]]:
    """Yield every rule with its file, its place in it and its stage."""
    for stage, file, index, rule in draft.rules:
        yield file.name, (index,), stage, rule
