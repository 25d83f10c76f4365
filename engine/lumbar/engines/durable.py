"""The live engine: the alternatives of the rules in Rete networks of durable_rules.

This is the only module that imports it. Hazards are named by their number in engine/README.md. The
C module is driven directly: its Python layer swallows exceptions raised in actions (2), keeps
global state and starts timers (15).
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, starmap
from math import inf
from threading import Lock
from typing import Any

from lumbar.engines.inference import ConflictError, Inference, conclude, inference
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Clause, Comparison, Facts, Literal, Not, Value, conjunctions
from lumbar.rulebook.rules import STAGES, Rule, Stage

try:
    import durable_rules_engine as _rete
except ImportError:  # 1: it does not load on Python 3.13 and later
    _rete = None

_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_START = '"the start":true'  # 8: no name and no clause is called so
ALTERNATIVES_A_NETWORK = 60  # 10: it follows 64 at once, at most
CLAUSES_A_NETWORK = 240  # 11: a fact has 252 properties, at most
ALTERNATIVES_A_RULE = 12  # 16: an engine rule has 14, at most
TOLD_KEPT = 10_000  # what is told of an answer, kept for the next person who gives it

Alternative = tuple[Literal, ...]  # a rule fires where all of them are true


class DurableError(Exception):
    """The live engine failed, or answered with an error."""


def available() -> bool:
    """Return whether durable_rules can be loaded here."""
    return _rete is not None


def _compare(operator: str, name: str, value: Value) -> dict[str, Any]:
    return {name: value} if operator == "==" else {_OPERATORS[operator]: {name: value}}


@dataclass
class _Readers:
    """Which values of one property can pass a test: no others are told, for they decide nothing."""

    exact: set[Any] = field(default_factory=set)
    from_: float = inf
    to: float = -inf
    any: bool = False

    def add(self, operator: str, value: Any) -> None:
        """Note one test of the property."""
        if operator == "==":
            self.exact.add(value)
        elif operator == "!=":
            self.any = True
        elif operator in {">", ">="}:
            self.from_ = min(self.from_, value)
        else:
            self.to = max(self.to, value)

    def may_pass(self, value: Any) -> bool:
        """Return whether this value could pass a test."""
        ranged = not isinstance(value, str) and (value >= self.from_ or value <= self.to)
        return self.any or ranged or value in self.exact


class Network:
    """Some alternatives of the rules of one stage, as engine rules in a Rete network.

    An engine rule has one frame, and all that is told of a person is one fact: so the engine has
    nothing to join (5, 6), and what fired can be taken back (20). A comparison is tested by the
    engine; any other clause is decided here, and is a property of the fact by its own words. A
    network is never freed: that cannot be done (17).
    """

    def __init__(self, name: str, rules: Iterable[tuple[Rule, Iterable[Alternative]]]) -> None:
        self._rule_of: dict[str, Rule] = {}
        self._readers: defaultdict[str, _Readers] = defaultdict(_Readers)
        self._decided: defaultdict[str, dict[str, Clause]] = defaultdict(dict)
        definition: dict[str, Any] = {"start": {"all": [{"m": {"the start": True}}]}}
        for rule, alternatives in rules:
            key = f"r{len(definition)}"
            self._rule_of[key] = rule
            tests = [_joined("$and", map(self._test, literals)) for literals in alternatives]
            definition[key] = {"all": [{"m": _joined("$or", tests)}]}
        self._handle = _rete.create_ruleset(name, json.dumps(definition))
        unsaid = ((name, self.properties(name, None)) for name in self._decided)
        self.unsaid = {name: told for name, told in unsaid if told}

    def _test(self, literal: Literal) -> dict[str, Any]:
        """Return a literal as a test of one property."""
        wanted = not isinstance(literal, Not)
        clause: Any = literal.part if isinstance(literal, Not) else literal
        if isinstance(clause, Comparison):
            self._readers[clause.name].add(clause.operator, clause.value)
            return _compare(clause.operator, clause.name, clause.value)
        said = str(clause)
        self._decided[clause.name][said] = clause
        self._readers[said].add("==", wanted)
        return {said: wanted}

    def properties(self, name: str, value: Value | None, unanswered: bool = False) -> list[str]:
        """Return what to tell of one name with this value; None is for one without a value."""
        known = {} if value is None else {name: value}
        facts = Facts(known, {name} if unanswered else frozenset())
        decided = {said: one.truth(facts) for said, one in self._decided.get(name, {}).items()}
        return [
            _property(said, one)
            for said, one in (known | decided).items()
            if one is not None and said in self._readers and self._readers[said].may_pass(one)
        ]

    def run(self, properties: Iterable[str]) -> list[Rule]:
        """Tell one fact, return the rule of each action, and take the fact back.

        Raises DurableError where the engine answers with a fault, or nothing fired at all.
        """
        fact = f"{{{','.join((_START, *properties))}}}"
        state = _accept(_rete.assert_fact(self._handle, fact))
        action = _rete.start_action_for_state(self._handle, state)
        if not action:
            raise DurableError("nothing fired, not even the start")
        message = action[1]
        fired = []
        while message:
            fired.append(message[2 : message.index('"', 2)])
            message = _rete.complete_and_start_action(self._handle, state)
        _accept(_rete.retract_fact(self._handle, fact))
        return [self._rule_of[one] for one in fired if one != "start"]


Told = dict[Network, list[str]]  # the properties of the fact that each network is told


class Networks:
    """The networks of one catalog: of each stage as many as it needs."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._stages = [
            [
                Network(f"{stage}-{place}-{catalog.sha256}", part)
                for place, part in enumerate(_parts(_chained_last(catalog, stage)))
            ]
            for stage in STAGES
        ]
        self._every = [network for networks in self._stages for network in networks]
        self._told_of = lru_cache(TOLD_KEPT)(self._properties)
        self._broken = False

    def _properties(
        self, name: str, value: Value | None, unanswered: bool = False
    ) -> list[tuple[Network, str]]:
        """Return what to tell of one name, and to which network."""
        return [
            (network, one)
            for network in self._every
            for one in network.properties(name, value, unanswered)
        ]

    def run(self, facts: Facts) -> Inference:
        """Run every stage; raise ConflictError as the reference does, or DurableError.

        After any fault but a conflict, which is one of the rules, no network is used again.
        """
        if self._broken:
            raise DurableError("the networks are unusable after an earlier fault")
        try:
            return self._infer(facts)
        except ConflictError:
            raise
        except BaseException:
            self._broken = True
            raise

    def _infer(self, facts: Facts) -> Inference:
        known, unanswered = facts.known, facts.unanswered
        told: Told = {network: [] for network in self._every}
        fired: dict[str, None] = {}
        findings: dict[str, Value] = {}
        self._tell(told, known.items())
        self._tell(told, ((name, None, True) for name in unanswered))
        for networks in self._stages:
            said = {*known.keys(), *unanswered, *findings}
            for network in networks:
                for name in network.unsaid.keys() - said:
                    told[network] += network.unsaid[name]
            self._run_stage(networks, told, fired, findings)
        return inference(self._catalog, fired, findings)

    def _run_stage(
        self,
        networks: list[Network],
        told: Told,
        fired: dict[str, None],
        findings: dict[str, Value],
    ) -> None:
        """Run the networks of a stage until none is told anything new (4)."""
        busy = dict.fromkeys(networks)
        while busy:
            network = next(iter(busy))
            del busy[network]
            before = len(findings)
            for rule in network.run(told[network]):
                if rule.id not in fired:
                    fired[rule.id] = None
                    conclude(findings, rule.concludes)
            heard = self._tell(told, islice(findings.items(), before, None))
            busy |= {one: None for one in networks if one in heard}

    def _tell(self, told: Told, names: Iterable[tuple[Any, ...]]) -> set[Network]:
        """Tell of names with their values whatever networks read them; return these."""
        heard = set()
        for network, one in chain.from_iterable(starmap(self._told_of, names)):
            told[network].append(one)
            heard.add(network)
        return heard


def _chained_last(catalog: Catalog, stage: Stage) -> list[Rule]:
    """Return the rules of a stage; those that read its findings run when most are concluded."""
    chained = {rule.id for rule in catalog.chained[stage]}
    return sorted(catalog.by_stage[stage], key=lambda rule: rule.id in chained)


def _parts(rules: Iterable[Rule]) -> Iterator[list[tuple[Rule, tuple[Alternative, ...]]]]:
    """Yield the rules of a stage with their alternatives, as many at once as one network bears."""
    part: list[tuple[Rule, tuple[Alternative, ...]]] = []
    many = clauses = 0
    every = ((one, some) for one in rules for some in _few(conjunctions(one.when)))
    for rule, some in every:
        more = sum(map(len, some))
        full = many + len(some) > ALTERNATIVES_A_NETWORK
        if part and (full or clauses + more > CLAUSES_A_NETWORK):
            yield part
            part, many, clauses = [], 0, 0
        part.append((rule, some))
        many += len(some)
        clauses += more
    if part:
        yield part


def _few(every: tuple[Alternative, ...]) -> Iterator[tuple[Alternative, ...]]:
    """Yield the alternatives of a rule, as many at once as one engine rule bears."""
    for first in range(0, len(every), ALTERNATIVES_A_RULE):
        yield every[first : first + ALTERNATIVES_A_RULE]


def _accept(result: tuple[int, Any]) -> Any:
    if result[0] != 0:
        raise DurableError(f"the engine answered with code {result[0]}")
    return result[1]


def _property(name: str, value: Value) -> str:
    """Return one property as JSON: no text needs escaping, and numbers are finite (12, 13)."""
    if isinstance(value, bool):
        return f'"{name}":{"true" if value else "false"}'
    return f'"{name}":"{value}"' if isinstance(value, str) else f'"{name}":{value}'


def _joined(how: str, tests: Iterable[dict[str, Any]]) -> dict[str, Any]:
    every = [*tests]
    return every[0] if len(every) == 1 else {how: every}


_lock = Lock()  # 7: sessions are told apart by a hash only, so there is one at a time
_made: dict[str, Networks] = {}


def _begin_anew() -> None:
    """Forget, in a forked child, a lock that no thread here will release, and what it guarded."""
    global _lock  # noqa: PLW0603 - a lock cannot be made anew in place
    if _lock.locked():
        _made.clear()
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def infer(catalog: Catalog, facts: Facts) -> Inference:
    """Run the rules in their networks; raise ConflictError as the reference, or DurableError."""
    if _rete is None:
        raise DurableError("durable_rules is not installed")
    with _lock:
        networks = _made.get(catalog.sha256)
        if networks is None:
            networks = _made[catalog.sha256] = Networks(catalog)
        return networks.run(facts)
