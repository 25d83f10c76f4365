"""One answer changed, and only what hangs on it worked out again.

What `foresee` says of the changed answers, for the price of the few rules that can come out
otherwise: so every other answer to every question can be tried for each plan.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from lumbar.decision.decide import REFERRING, Decision, combine
from lumbar.engines import reference
from lumbar.engines.inference import ConflictError, conclude, inference
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Facts, Value
from lumbar.rulebook.rules import Rule, Stage
from lumbar.rulebook.scores import Score


@dataclass(frozen=True)
class Touched:
    """What hangs on one answer, at any remove, in the order in which it is worked out.

    `questions` are asked or not because of it, `scores` are made of it, `rules` read it.
    """

    questions: tuple[str, ...]
    scores: tuple[Score, ...]
    rules: tuple[tuple[Stage, tuple[Rule, ...]], ...]


class _Step(NamedTuple):
    """Something that is worked out: from the names that it reads, giving names."""

    what: str | Score | Rule
    reads: Iterable[str]
    gives: Iterable[str]


class Ripples:
    """What each answer can change of whom to see."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._steps = list(_steps(catalog))
        self._readers: dict[str, list[int]] = {}
        for place, step in enumerate(self._steps):
            for name in step.reads:
                self._readers.setdefault(name, []).append(place)

    def touched(self, question: str) -> Touched:
        """Return what hangs on the answer to a question."""
        found: set[int] = set()
        waiting = [question]
        while waiting:
            for place in self._readers.get(waiting.pop(), ()):
                if place not in found:
                    found.add(place)
                    waiting += self._steps[place].gives
        reached = [self._steps[place].what for place in sorted(found)]
        rules = [one for one in reached if isinstance(one, Rule)]
        stage_of = self._catalog.stage_of
        return Touched(
            tuple(one for one in reached if isinstance(one, str)),
            tuple(one for one in reached if isinstance(one, Score)),
            tuple(
                (stage, tuple(rule for rule in rules if stage_of[rule.id] == stage))
                for stage in REFERRING
            ),
        )

    def after(
        self, decision: Decision, question: str, value: Value, touched: Touched
    ) -> Decision | None:
        """Return what the rules that refer say with one answer changed, to a question that is
        asked; None where they contradict each other.
        """
        catalog, answers = self._catalog, decision.answers
        facts = catalog.questionnaire.facts_after(
            answers.facts, {question: value}, touched.questions, touched.scores
        )
        again = {rule.id for _, rules in touched.rules for rule in rules}
        kept = [catalog.rules[name] for name in decision.fired if name not in again]
        known = dict(facts.known)
        seen = Facts(known, facts.unanswered)
        fired: dict[str, None] = {}
        findings: dict[str, Value] = {}
        try:
            for stage, rules in touched.rules:
                for rule in kept:  # not those of later stages: none of this one reads them yet
                    if catalog.stage_of[rule.id] == stage:
                        fired[rule.id] = None
                        conclude(findings, rule.concludes)
                        known.update(rule.concludes)
                reference.run(rules, rules, seen, fired, findings)
        except ConflictError:
            return None
        return combine(catalog, replace(answers, facts=facts), inference(catalog, fired, findings))


def _steps(catalog: Catalog) -> Iterator[_Step]:
    asked = catalog.questionnaire
    for name, conditions in asked.shown_when.items():
        yield _Step(name, {read for one in conditions for read in one.reads}, (name,))
    for score in asked.scores:
        yield _Step(score, score.reads, (score.id,))
    for stage in REFERRING:
        for rule in catalog.by_stage[stage]:
            yield _Step(rule, {*rule.when.reads}, rule.concludes)
