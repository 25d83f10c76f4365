"""The live engine: the rules joined in the Rete network of durable_rules.

This is the only module that imports it. Hazards are named by their number in engine/README.md. The
C module is driven directly: its Python layer swallows exceptions raised in actions (2), keeps
global state and starts timers (15).
"""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from threading import Lock
from typing import Any

from lumbar.engines.inference import ConflictError, Inference, conclude, inference
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import (
    And,
    Answered,
    Bare,
    Comparison,
    Condition,
    Facts,
    Inclusion,
    Literal,
    Membership,
    Not,
    Unanswered,
    Value,
    conjunctions,
)
from lumbar.rulebook.rules import STAGES, Rule, Stage

try:
    import durable_rules_engine as _rete
except ImportError:  # 1: it does not load on Python 3.13 and later
    _rete = None

_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_START_TEST = {"stage": "start"}
_START = json.dumps(_START_TEST)
SENT_KEPT = 10_000  # facts made of an answer, kept for the next person who gives it
_FINE = (0, 1)  # 3: code 1 says that no rule reads a fact, which is no fault here

Test = tuple[str, bool, dict[str, Any]]  # the fact, whether it must be absent, the test


class DurableError(Exception):
    """The live engine failed, or answered with an error."""


def available() -> bool:
    """Return whether durable_rules can be loaded here."""
    return _rete is not None


def _compare(operator: str, name: str, value: Value) -> dict[str, Any]:
    return {name: value} if operator == "==" else {_OPERATORS[operator]: {name: value}}


@dataclass
class _Readers:
    """Which values of one fact a test can pass: no others are sent, for no rule reads them (3)."""

    exact: set[Any] = field(default_factory=set)
    from_: float = inf
    to: float = -inf
    any: bool = False

    def add(self, operator: str, value: Any) -> None:
        """Note one test of the fact."""
        if operator == "==":
            self.exact.add(value)
        elif operator == "!=":
            self.any = True
        elif operator in {">", ">="}:
            self.from_ = min(self.from_, value)
        else:
            self.to = max(self.to, value)

    def may_pass(self, value: Any) -> bool:
        """Return whether a fact with this value could pass a test."""
        ranged = not isinstance(value, str) and (value >= self.from_ or value <= self.to)
        return self.any or ranged or value in self.exact


class Network:
    """The rules of one stage in one Rete network, which is never freed: that cannot be done (17).

    Each rule becomes one engine rule where its alternatives can share frames, else one a
    conjunction (16). Each frame is one fact with all the tests on it (6). Rules that need something
    absent wait for the start fact, asserted after everything that could be present (5). One network
    a stage keeps each far from the size at which the engine breaks (11).
    """

    def __init__(self, catalog: Catalog, stage: Stage) -> None:
        self._rule_of: dict[str, Rule] = {}
        self._readers: defaultdict[str, _Readers] = defaultdict(_Readers)
        self._parts: dict[str, Inclusion | Answered | Unanswered] = {}
        definition: dict[str, Any] = {"start": {"all": [{"m_0": _START_TEST}]}}
        for rule in catalog.by_stage[stage]:
            for frames in self._alternatives(rule.when):
                name = f"r{len(definition)}"
                self._rule_of[name] = rule
                definition[name] = {"all": frames}
        self._handle = _rete.create_ruleset(f"{stage}-{catalog.sha256}", json.dumps(definition))
        self._broken = False
        self._made_of: defaultdict[str, list[str]] = defaultdict(list)
        for fact in self._readers:
            self._made_of[self._parts[fact].name if fact in self._parts else fact].append(fact)
        self._sent = lru_cache(SENT_KEPT)(self._facts_of)

    def _alternatives(self, when: Condition) -> Iterator[list[dict[str, Any]]]:
        """Yield the frames of each engine rule that a condition needs: of one where that can be."""
        parts = when.parts if isinstance(when, And) else (when,)
        groups = [
            [self._test(one) for alternative in conjunctions(part) for one in alternative]
            for part in parts
        ]
        plain = all(len(alternative) == 1 for part in parts for alternative in conjunctions(part))
        every = conjunctions(when)
        possible = [one for one in every if not _contradicts_itself(one)]
        if plain and _separate(groups) and len(possible) == len(every):
            yield list(
                _frames((*group[0][:2], _any([one[2] for one in group])) for group in groups)
            )
        else:
            yield from (list(_frames(map(self._test, alternative))) for alternative in possible)

    def _test(self, literal: Literal) -> Test:
        """Return a literal as a test of one fact."""
        wanted = not isinstance(literal, Not)
        clause: Any = literal.part if isinstance(literal, Not) else literal
        if isinstance(clause, Comparison):
            self._readers[clause.name].add(clause.operator, clause.value)
            return clause.name, False, _compare(clause.operator, clause.name, clause.value)
        if isinstance(clause, Membership):
            operator = "==" if wanted else "!="
            for value in clause.values:
                self._readers[clause.name].add(operator, value)
            tests = [_compare(operator, clause.name, value) for value in clause.values]
            return clause.name, False, _any(tests) if wanted else _all(tests)
        if isinstance(clause, Bare):
            self._readers[clause.name].add("==", True)
            return clause.name, not wanted, {clause.name: True}
        part = clause.option if isinstance(clause, Inclusion) else type(clause).__name__.lower()
        fact = f"{clause.name}/{part}"
        self._parts[fact] = clause
        self._readers[fact].add("==", wanted)
        return fact, False, {fact: wanted}

    def run(
        self, facts: Facts, fired: dict[str, None], findings: dict[str, Value]
    ) -> list[ConflictError]:
        """Run every action to the end, add to `fired` and `findings`; return the conflicts met.

        Raises DurableError on any fault, after which the network is never used again.
        """
        if self._broken:
            raise DurableError("the network is unusable after an earlier fault")
        self._broken = True
        texts = [*self._facts(facts.having(findings)), _START]
        self._concluded: list[str] = []
        state = self._accept(_rete.assert_facts(self._handle, f"[{','.join(texts)}]"))
        conflicts = list(self._fire(state, fired, findings))
        self._forget([_START, *reversed(texts[:-1]), *self._concluded])
        self._broken = False
        return conflicts

    def _facts(self, facts: Facts) -> list[str]:
        """Return one fact an answer, score, option or finding (10)."""
        sent, known, unanswered = self._sent, facts.known, facts.unanswered
        texts: list[str] = []
        for name in self._made_of:
            texts += sent(name, known.get(name), name in unanswered)
        return texts

    def _facts_of(self, name: str, value: Value | None, unanswered: bool = False) -> list[str]:
        """Return the facts made of one name with this value; None is for one without a value."""
        known = {} if value is None else {name: value}
        facts = Facts(known, {name} if unanswered else frozenset())
        values = [
            (fact, part.truth(facts) if (part := self._parts.get(fact)) else value)
            for fact in self._made_of.get(name, ())
        ]
        return [
            _text(fact, one)
            for fact, one in values
            if one is not None and self._readers[fact].may_pass(one)
        ]

    def _fire(
        self, state: int, fired: dict[str, None], findings: dict[str, Value]
    ) -> Iterator[ConflictError]:
        """Run every action to the end; yield a conflict, for the session must end first."""
        action = _rete.start_action_for_state(self._handle, state)
        if not action:
            raise DurableError("nothing fired, not even the start")
        message = action[1]
        while message:
            rule = self._rule_of.get(message[2 : message.index('"', 2)])
            if rule is not None and rule.id not in fired:
                fired[rule.id] = None
                try:
                    self._conclude(rule, findings)
                except ConflictError as conflict:
                    yield conflict
            message = _rete.complete_and_start_action(self._handle, state)

    def _conclude(self, rule: Rule, findings: dict[str, Value]) -> None:
        new = [name for name in rule.concludes if name not in findings]
        conclude(findings, rule.concludes)
        for name in new:  # 4: a conclusion is asserted once
            for text in self._sent(name, rule.concludes[name]):
                self._concluded.append(text)
                self._accept(_rete.assert_fact(self._handle, text))

    def _forget(self, texts: list[str]) -> None:
        """Take every fact back, the start first, so that nothing becomes true for want of another.

        A new session would cost as much again as the inference. Should this one ever hold something
        still, it is deleted, which is safe only after an action ran (8): the start rule did.
        """
        _rete.retract_facts(self._handle, f"[{','.join(texts)}]")
        if _rete.get_facts(self._handle, None) != "[]":
            _rete.delete_state(self._handle, None)

    @staticmethod
    def _accept(result: tuple[int, Any]) -> Any:
        if result[0] not in _FINE:
            raise DurableError(f"the engine answered with code {result[0]}")
        return result[1]


def _text(name: str, value: Value) -> str:
    """Return a fact as JSON; no name or option needs escaping, and numbers are finite (12, 13)."""
    if isinstance(value, bool):
        return f'{{"{name}":{"true" if value else "false"}}}'
    return f'{{"{name}":"{value}"}}' if isinstance(value, str) else f'{{"{name}":{value}}}'


def _all(tests: list[dict[str, Any]]) -> dict[str, Any]:
    return tests[0] if len(tests) == 1 else {"$and": tests}


def _any(tests: list[dict[str, Any]]) -> dict[str, Any]:
    return tests[0] if len(tests) == 1 else {"$or": tests}


def _separate(groups: list[list[Test]]) -> bool:
    """Return whether alternatives can share a frame: none is absent, no two need one fact (6)."""
    facts = Counter(fact for group in groups for fact in {test[0] for test in group})
    several = (test for group in groups if len(group) > 1 for test in group)
    return all(not absent and facts[fact] == 1 for fact, absent, _ in several)


def _contradicts_itself(alternative: tuple[Literal, ...]) -> bool:
    """Return whether something must be present and absent: the engine would let that fire (19)."""
    return any(isinstance(one, Not) and one.part in alternative for one in alternative)


def _frames(tests: Iterable[Test]) -> Iterator[dict[str, Any]]:
    """Yield one frame a fact, with all its tests; first the start, where something is absent."""
    by_fact: defaultdict[tuple[str, bool], list[dict[str, Any]]] = defaultdict(list)
    for fact, absent, test in tests:
        by_fact[fact, absent].append(test)
    if any(absent for _, absent in by_fact):
        yield {"m_0": _START_TEST}
    for place, ((_, absent), every) in enumerate(by_fact.items(), 1):
        yield {f"m_{place}{'$not' if absent else ''}": _all(every)}


_lock = Lock()  # 7: sessions are told apart by a hash only, so there is one at a time
_networks: dict[str, tuple[Network, ...]] = {}


def _begin_anew() -> None:
    """Forget, in a forked child, a lock that no thread here will release, and what it guarded."""
    global _lock  # noqa: PLW0603 - a lock cannot be made anew in place
    if _lock.locked():
        _networks.clear()
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def infer(catalog: Catalog, facts: Facts) -> Inference:
    """Run the rules in their networks; raise ConflictError as the reference, or DurableError."""
    if _rete is None:
        raise DurableError("durable_rules is not installed")
    fired: dict[str, None] = {}
    findings: dict[str, Value] = {}
    with _lock:
        networks = _networks.get(catalog.sha256)
        if networks is None:
            networks = _networks[catalog.sha256] = tuple(
                Network(catalog, stage) for stage in STAGES
            )
        for network in networks:
            conflicts = network.run(facts, fired, findings)
            if conflicts:
                raise conflicts[0]
    return inference(catalog, fired, findings)
