"""The conditions of the rules that refer, put so that they can be asked of many at once.

A condition becomes a term: literals joined by all or any, each a place in a list of words.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from lumbar.decision.decide import REFERRING
from lumbar.rulebook.catalog import Catalog, kept
from lumbar.rulebook.conditions import And, Clause, Condition, Facts, Not, Or, Value
from lumbar.rulebook.items import Urgency
from lumbar.rulebook.rules import Rule
from lumbar.rulebook.scores import Score


class Term(NamedTuple):
    """Literals and further terms of which `all` must hold, or one; a literal is its place."""

    all: bool
    literals: tuple[int, ...]
    parts: "tuple[Term, ...]" = ()


Literals = tuple[int, ...]
Given = tuple[tuple[str, Value], ...]  # answers to questions


class Shown(NamedTuple):
    """When a question is asked: `known` to be, or not `never` while one that it `reads` is open."""

    known: Term
    never: Term
    reads: frozenset[str]


class Terms:
    """What has a part in a referral, each in the order in which it is worked out.

    `shown` has the questions, `scores` the scores with the terms that they count, `added_up` what
    is read by those that count none, `rules` the rules of each stage and `chained` those of them
    that read what it concludes, `when` the term of each. `about` has by literal the name that it is
    about; `unsaid` are those that hold while nothing is concluded. `referring` has by whom to see
    the rules that say so, and how soon. `concluding` are those that conclude what others read,
    `linking` those of them that read a finding.
    """

    def __init__(self, catalog: Catalog) -> None:
        asked, names = catalog.questionnaire, _that_may_refer(catalog)
        rules = [rule for stage in REFERRING for rule in catalog.by_stage[stage]]
        self._asked = asked
        self._on: dict[str, dict[Clause, int]] = {}
        self.about: list[str] = []
        self.shown = {
            name: self._shown(conditions) if conditions else None
            for name, conditions in asked.shown_when.items()
            if name in names
        }
        self.scores: list[tuple[Score, list[Term]]] = [
            (score, [self._term(one) for one in score.count])
            for score in asked.scores
            if score.id in names
        ]
        self.when = {rule.id: self._term(rule.when) for rule in rules}
        self.rules = {stage: self._with_terms(catalog.by_stage[stage]) for stage in REFERRING}
        self.chained = {stage: self._with_terms(catalog.chained[stage]) for stage in REFERRING}
        self.added_up = {
            name for score, counted in self.scores if not counted for name in score.reads
        }
        self.literals = cache(self._literals)
        self.total = lru_cache(4096)(self._total)
        self.told = lru_cache(4096)(self._told)
        self.told_apart = lru_cache(4096)(self._told_apart)
        self.unsaid = [literal for name in catalog.finding_stage for literal in self.told(name)]
        self.referring = _by_whom_to_see(rules)
        self.concluding = [rule for rule in rules if not names.isdisjoint(rule.concludes)]
        self.linking = [
            rule
            for rule in self.concluding
            if not catalog.finding_stage.keys().isdisjoint(rule.when.reads)
        ]

    def numbers(self, name: str) -> set[int]:
        """Return the numbers that a name is compared with."""
        every = (value for clause in self._on.get(name, ()) for value in clause.values)
        return {value for value in every if isinstance(value, int)}

    def _literals(self, name: str) -> Literals:
        """Return the literals that are about a name."""
        mine = self._on.get(name, {}).values()
        return tuple(place + wanted for place in mine for wanted in (0, 1))

    def _total(self, score: str, said: Given) -> Value:
        """Return what a score comes to for somebody who says this."""
        return self._asked.total(self._asked.score_of[score], Facts(dict(said)))

    def _with_terms(self, rules: Iterable[Rule]) -> list[tuple[Rule, Term]]:
        return [(rule, self.when[rule.id]) for rule in rules]

    def _shown(self, conditions: tuple[Condition, ...]) -> Shown:
        known = _joined(True, (self._term(one) for one in conditions))
        never = _joined(False, (self._term(one, False) for one in conditions))
        return Shown(known, never, frozenset(name for one in conditions for name in one.reads))

    def _term(self, condition: Condition, wanted: bool = True) -> Term:
        """Return the term that a condition comes out as wanted."""
        if isinstance(condition, Not):
            return self._term(condition.part, not wanted)
        if isinstance(condition, (And, Or)):
            parts = (self._term(part, wanted) for part in condition.parts)
            return _joined(isinstance(condition, And) is wanted, parts)
        return Term(True, (self._place(condition) + (not wanted),))

    def _place(self, clause: Clause) -> int:
        """Return the place of a clause, for where it is true; the next is for where it is false."""
        mine = self._on.setdefault(clause.name, {})
        if clause not in mine:
            mine[clause] = len(self.about)
            self.about += (clause.name, clause.name)
        return mine[clause]

    def _told(self, name: str, value: Value | None = None, left_open: bool = False) -> Literals:
        """Return the literals that hold of a name with this value, or without one."""
        facts = Facts({} if value is None else {name: value}, {name} if left_open else frozenset())
        truths = ((clause.truth(facts), place) for clause, place in self._on.get(name, {}).items())
        return tuple(place + (not truth) for truth, place in truths if truth is not None)

    def _told_apart(self, name: str, values: tuple[Value, ...]) -> tuple[tuple[int, int], ...]:
        """Return the literals that hold of a name with some of these values, a bit a value."""
        found: dict[int, int] = {}
        for place, value in enumerate(values):
            for literal in self.told(name, value):
                found[literal] = found.get(literal, 0) | 1 << place
        return tuple(found.items())


def _joined(every: bool, terms: Iterable[Term]) -> Term:
    """Return terms as one: what they join in the same way stands in it beside its own."""
    literals: list[int] = []
    parts: list[Term] = []
    for term in terms:
        if term.all is every or len(term.literals) + len(term.parts) == 1:
            literals += term.literals
            parts += term.parts
        else:
            parts.append(term)
    return Term(every, tuple(literals), tuple(parts))


@kept
def terms(catalog: Catalog) -> Terms:
    """Return the terms of a catalog."""
    return Terms(catalog)


def _that_may_refer(catalog: Catalog) -> set[str]:
    """Return the names that rules which refer read: directly, in scores, or to be asked."""
    asked = catalog.questionnaire
    every = (rule for stage in REFERRING for rule in catalog.by_stage[stage])
    names = {name for rule in every for name in rule.when.reads}
    names |= {name for score in asked.scores if score.id in names for name in score.reads}
    for name, conditions in reversed([*asked.shown_when.items()]):  # shown by earlier ones
        if name in names:
            names |= {read for condition in conditions for read in condition.reads}
    return names


def _by_whom_to_see(rules: Iterable[Rule]) -> Mapping[str, list[tuple[Rule, set[Urgency]]]]:
    found: dict[str, dict[str, tuple[Rule, set[Urgency]]]] = {}
    for rule in rules:
        for one in rule.refers:
            by = found.setdefault(one.refer, {})
            by.setdefault(rule.id, (rule, set()))[1].add(one.urgency)
    return {to: [*by.values()] for to, by in sorted(found.items())}
