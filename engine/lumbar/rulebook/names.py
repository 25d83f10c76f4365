"""Every name a condition may use, and what is wrong with a clause that uses it."""

from collections.abc import Iterable, Mapping

from lumbar.reading.problems import did_you_mean, listed
from lumbar.rulebook.conditions import (
    Answered,
    Bare,
    Clause,
    Comparison,
    Inclusion,
    Membership,
    Unanswered,
)
from lumbar.rulebook.questionnaire import Number, OneOf, SeveralOf
from lumbar.rulebook.rules import STAGES, Rule, Stage

Complaint = tuple[str, str, str]  # code, message and hint of a problem, before it has a place

AT_LEAST = "use >= or >, and no 'not': a question that was not answered adds nothing to a score"


class Names:
    """Every name a condition may use, and what can be compared with it.

    Where some rules could not be read (not `whole`), a name that nothing has may be theirs.
    """

    def __init__(
        self,
        questions: Iterable[Number | OneOf | SeveralOf],
        scores: Iterable[str],
        thresholds: Iterable[str],
        rules: Iterable[tuple[Stage, Rule]],
        whole: bool = True,
    ) -> None:
        self.questions: dict[str, Number | OneOf | SeveralOf] = {}
        for question in questions:
            self.questions.setdefault(question.id, question)
        self.asked_at = {name: place for place, name in enumerate(self.questions)}
        self.scores, self.thresholds = frozenset(scores), frozenset(thresholds)
        self.findings: dict[str, dict[str | bool, Stage]] = {}
        self.last_stage: dict[str, int] = {}
        for stage, rule in sorted(rules, key=lambda one: STAGES.index(one[0])):
            for finding, value in rule.concludes.items():
                self.last_stage[finding] = STAGES.index(stage)
                if rule.status != "retired":
                    self.findings.setdefault(finding, {}).setdefault(value, stage)
        self.all = frozenset({*self.questions, *self.scores, *self.findings})
        self.whole = whole

    def first_stage(self, finding: str) -> int:
        """Return the place of the first stage that concludes a finding."""
        return min(STAGES.index(stage) for stage in self.findings[finding].values())

    def complaint(self, clause: Clause) -> Complaint | None:
        """Return what is wrong with one clause, whatever stage it stands in."""
        name, question = clause.name, self.questions.get(clause.name)
        if question is None and name not in self.scores and not self.whole:
            return None
        if name not in self.all:
            return "unknown-name", f"nothing is called '{name}'", did_you_mean(name, self.all)
        if isinstance(clause, (Answered, Unanswered)):
            hint = "only a question is answered"
            return None if question else ("wrong-clause", f"'{name}' is not a question", hint)
        if isinstance(clause, Bare):
            return self._of_bare(name)
        if isinstance(clause, Inclusion):
            if isinstance(question, SeveralOf):
                return _of_options(question.labels, clause)
            said = f"'{name}' is not a several-of question"
            return "wrong-clause", said, "compare it with == or in"
        if isinstance(question, SeveralOf):
            hint = f"write '{name} includes option'"
            return "wrong-clause", f"'{name}' is a several-of question", hint
        return self._of_comparison(clause)

    def _of_bare(self, name: str) -> Complaint | None:
        values = self.findings.get(name)
        if values is None:
            hint = "compare a question or score with something"
            return "wrong-clause", f"'{name}' is not a finding", hint
        if True not in values:
            hint = f"write '{name} == {next(iter(values))}'"
            return "wrong-clause", f"'{name}' has values", hint
        return None

    def _of_comparison(self, clause: Comparison | Membership) -> Complaint | None:
        name, operator = clause.name, getattr(clause, "operator", "in")
        if name in self.scores and operator not in {">=", ">"}:
            return "wrong-comparison", f"the score '{name}' may be higher than it looks", AT_LEAST
        words = self._words(name)
        if words is None:
            return self._of_number(clause)
        if operator not in {"==", "!=", "in"}:
            said = f"'{name}' has options, which have no order"
            return "wrong-comparison", said, "use ==, != or in"
        return _of_options(words, clause)

    def _words(self, name: str) -> Mapping[str, object] | None:
        question = self.questions.get(name)
        if isinstance(question, OneOf):
            return question.labels
        return {str(v): v for v in self.findings[name]} if name in self.findings else None

    def _of_number(self, clause: Comparison | Membership) -> Complaint | None:
        known = self.thresholds if isinstance(clause, Comparison) else frozenset()
        for value in clause.values:
            if isinstance(value, str) and value not in known:
                near = did_you_mean(value, self.thresholds)
                said = f"'{clause.name}' is compared with '{value}', which is no number"
                hint = near or "a number, or a name from rules/thresholds.yaml"
                return "unknown-threshold", said, hint
        return None


def _of_options(known: Mapping[str, object], clause: Clause) -> Complaint | None:
    for value in clause.values:
        if value not in known:
            near = did_you_mean(str(value), known)
            hint = "; ".join(filter(None, (near, f"allowed: {listed(known)}")))
            return "unknown-option", f"'{clause.name}' is never '{value}'", hint
    return None
